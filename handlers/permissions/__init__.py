"""Who may do and see what: one policy, decided from a person's seats, queues and part in a case.

`POLICY` has one rule per action; every route names one. An object that a person may not know of does not exist for
them: `require` answers NotFoundError, and NotAllowedError only for what they may see.
"""

from __future__ import annotations

from handlers.permissions.checks import Check
from handlers.permissions.personal import PERSONAL_FIELDS, PERSONAL_LINKS, may_see_personal, open_personal
from handlers.permissions.policy import POLICY, Rule, can, explain, require
from handlers.permissions.visibility import case_filter, sees

__all__ = [
    "PERSONAL_FIELDS",
    "PERSONAL_LINKS",
    "POLICY",
    "Check",
    "Rule",
    "can",
    "case_filter",
    "explain",
    "may_see_personal",
    "open_personal",
    "require",
    "sees",
]
