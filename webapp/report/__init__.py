"""Reporting a problem: the phone flow and the plain form, both into `handlers.cases.reports`."""
