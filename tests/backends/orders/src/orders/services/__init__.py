"""What the shop does, one module a subject; each use case is one transaction."""
