"""Traffic: our own open-loop load generator, a program of its own, and what calibrates it."""
