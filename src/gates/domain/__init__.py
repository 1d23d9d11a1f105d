"""What gates speaks about: levels, gates, metrics, conditions, findings, statuses, runs."""
