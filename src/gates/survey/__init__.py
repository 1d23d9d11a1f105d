"""Looks at a project: which gates suit it, and what is wrong with those that it has."""
