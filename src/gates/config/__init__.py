"""gates.yaml: found, read strictly, and resolved to a plan; the only room that knows pydantic."""
