"""The outside world: processes, files, git, tools, the clock, and the door for foreign text."""
