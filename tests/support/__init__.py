"""Shared parts of the tests: databases, processes, statement counting."""
