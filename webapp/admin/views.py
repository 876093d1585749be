"""All views of administration, imported once so that they register with the blueprint."""

from __future__ import annotations

from webapp.admin import deployments, incidents, organisation, people
from webapp.admin.blueprint import blueprint

__all__ = ["blueprint", "deployments", "incidents", "organisation", "people"]
