"""The category catalogue: events and components with their filing conditions, limits and lead departments.

Values are read from a snapshot kept per process; the database holds what was imported, the data files in
processes/catalogue what is imported first. Whoever stores a category stores its code set with it.
"""

from __future__ import annotations

from handlers.catalogue.imports import load_files as seed
from handlers.catalogue.lookup import categories, category, condition, conditions, majors, search, translate
from handlers.catalogue.routing import route
from handlers.catalogue.values import Category, Condition, Major, Route

__all__ = [
    "Category",
    "Condition",
    "Major",
    "Route",
    "categories",
    "category",
    "condition",
    "conditions",
    "majors",
    "route",
    "search",
    "seed",
    "translate",
]
