"""Every route declares its rule: `@may("task.claim")`. Owns who is asking; what is allowed is `handlers.permissions`.

`create_app` refuses to start while a route carries no rule. A rule answers whether a person may do such a thing at
all; whether they may do it to this object is `require(action, obj)` inside the view, which answers 404 for an
object the person may not know of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import wraps
from typing import Any, TypeVar, cast

import structlog
from flask import Flask, g, redirect, request, session, url_for
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from bpmn.errors import GridWhistleError
from bpmn.values import Actor
from handlers import org, permissions
from webapp import db
from webapp.auth import sessions
from webapp.clock import local, now
from webapp.security import require_same_origin

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
"""Anybody, signed in or not."""
SIGNED_IN = "signed-in"
"""Everybody with an account: their own page, the list that holds only what they may see."""

_OUTSIDE_POLICY = frozenset({PUBLIC, SIGNED_IN})


class NotSignedInError(GridWhistleError):
    """Nobody is signed in, or the session has ended."""

    code = "not_signed_in"
    en = "Please sign in."
    zh = "请先登录。"


def may(action: str) -> Callable[[View], View]:
    """The view's rule. The name must stand in `handlers.permissions.POLICY`, or be PUBLIC or SIGNED_IN."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if action != PUBLIC:
                answer = _sign_in_first() if viewer_or_none() is None else None
                if answer is not None:
                    return answer
                if action != SIGNED_IN:
                    permissions.require(g.viewer, action)
            return view(*args, **kwargs)

        guarded.rule = action  # type: ignore[attr-defined]
        return cast(View, guarded)

    return declare


def viewer() -> org.Viewer:
    """Who is asking.

    :raises NotSignedInError: nobody is signed in.
    """
    found = viewer_or_none()
    if found is None:
        raise NotSignedInError
    return found


def viewer_or_none() -> org.Viewer | None:
    """Who is asking, or None. One statement a request; positions are read again when the organisation has changed."""
    if "viewer" not in g:
        g.viewer = None
        found = _find()
        if found is not None:
            g.org_version = found.org_version
            g.viewer = _viewer(found)
        if g.viewer is not None:
            g.person_id = g.viewer.person_id
            structlog.contextvars.bind_contextvars(person=g.person_id)
    known: org.Viewer | None = g.viewer
    return known


def org_version() -> int | None:
    """How far the organisation had changed when this request began; None for a visitor."""
    viewer_or_none()
    found: int | None = g.get("org_version")
    return found


_viewers: dict[str, tuple[int, date, org.Viewer]] = {}


def _viewer(found: sessions.Found) -> org.Viewer | None:
    """The person's positions, kept while neither the organisation nor the day has changed (memberships have days)."""
    today = local(now()).date()
    kept = _viewers.get(found.person_id)
    if kept is not None and kept[:2] == (found.org_version, today):
        return kept[2]
    fresh = org.viewer(db.read(), found.person_id, now())
    if len(_viewers) > 5000:
        _viewers.clear()
    _viewers[found.person_id] = (found.org_version, today, fresh)
    return fresh


def actor() -> Actor:
    """Who is asking, as the platform wants it."""
    return viewer().actor()


def allowed(action: str, obj: Any = None) -> bool:
    """Whether the person may, for templates: what is not allowed is not offered."""
    found = viewer_or_none()
    return found is not None and permissions.can(found, action, obj)


def require(action: str, obj: Any = None) -> None:
    """Raise unless the person may do this with `obj`.

    :raises NotFoundError: the person may not know of the object.
    :raises NotAllowedError: the person may see it, but not do this.
    """
    permissions.require(viewer(), action, obj)


def _find() -> sessions.Found | None:
    """Who sent the request. The first statement of nearly every request: when the pool still held a connection from
    before a restart of the database, it is asked again on a fresh one."""
    try:
        return _look()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        db.done_reading()
        return _look()


def _look() -> sessions.Found | None:
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return sessions.find_token(db.read(), header.removeprefix("Bearer ").strip(), now=now())
    secret = session.get("sid")
    if not isinstance(secret, str):
        return None
    if request.path.startswith("/api/"):
        require_same_origin()
    return sessions.find(db.read(), secret, now=now())


def _sign_in_first() -> Response:
    if wants_json():
        raise NotSignedInError
    target = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("auth.login", next=target), 303)


def wants_json() -> bool:
    """Whether the answer should be a document for a program rather than a page."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "text/event-stream"])
    return best in {"application/json", "text/event-stream"}


def rules_of(app: Flask) -> Iterator[tuple[str, str, str, str | None]]:
    """(endpoint, method, path, rule) of every route; the rule is None where a view forgot it."""
    for route in app.url_map.iter_rules():
        view = app.view_functions[route.endpoint]
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
            target = getattr(view, "view_class", None)
            found = getattr(target, method.lower(), None) if target is not None else view
            yield route.endpoint, method, route.rule, getattr(found, "rule", None)


def refuse_routes_without_rule(app: Flask) -> None:
    """Stop the start while a route has no rule or names an unknown action."""
    known = _OUTSIDE_POLICY | set(permissions.POLICY)
    wrong = [
        f"{method} {path} ({endpoint}): {rule}" for endpoint, method, path, rule in rules_of(app) if rule not in known
    ]
    if wrong:
        raise RuntimeError("routes without a rule of handlers.permissions.POLICY:\n" + "\n".join(wrong))


def init_app(app: Flask) -> None:
    """Make the helpers known to templates."""
    app.jinja_env.globals.update(allowed=allowed, viewer=viewer_or_none)
