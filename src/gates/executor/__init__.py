"""The executor: runs a plan as a graph, each stage under supervision, and hands over a run."""
