"""Signing in and out, sessions, tokens and the choice of language. Who may do what is `webapp.access`."""
