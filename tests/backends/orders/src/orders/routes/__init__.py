"""The HTTP face: each route reads the request, calls one use case and shapes the answer."""
