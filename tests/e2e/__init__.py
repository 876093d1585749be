"""Whole walks in a browser against the real processes."""
