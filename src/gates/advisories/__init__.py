"""Vulnerability data: OSV records, their severity, what they match, and where they come from."""
