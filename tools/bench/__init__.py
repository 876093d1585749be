"""Benchmarks: `python -m tools.bench NAME [--json]`, each with a reference measured in the same run.

They use an embedded PostgreSQL of their own under `var/bench`, with fsync on.
"""
