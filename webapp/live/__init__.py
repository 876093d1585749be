"""Live updates: one LISTEN connection per process, fanned out to the open pages over Server-Sent Events."""
