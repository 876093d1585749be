"""The address of a list: scope, filters, page. Every view of the list is a link that can be shared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast, get_args

from flask import url_for
from werkzeug.datastructures import MultiDict

from handlers.worklist.values import Cursor, Filters, Holder, Scope, State

LIMIT = 50
MANY = 30
"""How many values one filter may name."""


@dataclass(frozen=True, slots=True)
class Query:
    """What the address says; unknown words count as absent, so that an old link still opens."""

    scope: Scope
    filters: Filters
    after: Cursor | None = None

    @classmethod
    def from_args(cls, args: MultiDict[str, str], default: Scope) -> Query:
        """Read an address.

        :raises InvalidInputError: the page position was tampered with.
        """
        scope = args.get("scope", "")
        holder, state, after = args.get("holder", ""), args.get("state", ""), args.get("after", "")
        filters = Filters(
            steps=_many(args, "step"),
            communities=_many(args, "community"),
            categories=_many(args, "category"),
            holder=cast(Holder, holder) if holder in get_args(Holder) else None,
            state=cast(State, state) if state in get_args(State) else None,
            text=args.get("q", "").strip()[:60],
        )
        chosen = cast(Scope, scope) if scope in get_args(Scope) else default
        return cls(chosen, filters, Cursor.decode(after) if after else None)

    def href(self, **changes: Any) -> str:
        """The address of the list with changes: `scope=…`, `state=None`, `step=()`, `after=…`."""
        names = {"step": "steps", "community": "communities", "category": "categories", "q": "text"}
        fields = {names.get(key, key): value for key, value in changes.items() if key not in {"scope", "after"}}
        other = Query(
            changes.get("scope", self.scope),
            replace(self.filters, **fields) if fields else self.filters,
            changes.get("after"),
        )
        return url_for("tasklist.index", **other._args())

    def fresh(self, scope: Scope, **filters: Any) -> str:
        """The address of another view: nothing of this one's filters is kept."""
        return Query(scope, Filters(**filters)).href()

    def _args(self) -> dict[str, Any]:
        found: dict[str, Any] = {"scope": self.scope}
        filters = self.filters
        found |= {"step": filters.steps, "community": filters.communities, "category": filters.categories}
        found |= {"holder": filters.holder, "state": filters.state, "q": filters.text}
        found["after"] = self.after.encode() if self.after else None
        return {key: value for key, value in found.items() if value}


def _many(args: MultiDict[str, str], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:64] for value in args.getlist(name) if value))[:MANY]
