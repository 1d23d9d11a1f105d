"""Readers of files and reports: pure and strict, bytes in, values out."""
