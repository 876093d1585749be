"""What the header and the phone's bottom bar offer: only parts that exist and that the person may use."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l

from webapp.access import PUBLIC, SIGNED_IN, allowed

MAIN = (
    ("tasklist.index", _l("Tasks")),
    ("cases.index", _l("Cases")),
    ("report.new", _l("Report")),
    ("admin.organisation", _l("Organisation")),
    ("admin.people", _l("People")),
    ("admin.deployments", _l("Processes")),
    ("admin.incidents", _l("Incidents")),
)
BOTTOM = (
    ("tasklist.index", _l("Tasks"), "list-check"),
    ("cases.index", _l("Cases"), "file-text"),
    ("report.new", _l("Report"), "camera"),
    ("auth.me", _l("Me"), "user"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a bar."""

    href: str
    label: str
    is_current: bool
    icon: str = ""


def _is_offered(endpoint: str) -> bool:
    view = current_app.view_functions.get(endpoint)
    rule = getattr(view, "rule", None)
    return view is not None and (rule in {PUBLIC, SIGNED_IN} or (isinstance(rule, str) and allowed(rule)))


def _is_current(endpoint: str) -> bool:
    return request.endpoint == endpoint


def main() -> list[Item]:
    """The header's entries."""
    return [Item(url_for(name), str(label), _is_current(name)) for name, label in MAIN if _is_offered(name)]


def bottom() -> list[Item]:
    """The phone's entries."""
    return [
        Item(url_for(name), str(label), _is_current(name), icon) for name, label, icon in BOTTOM if _is_offered(name)
    ]


def here() -> str:
    """This page's address for coming back to, own path only; a form's address is no page."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def own_path(target: str | None) -> str:
    """`target` when it is a path of this site, else the task list: no redirect leads to another host.

    Browsers and libraries drop control characters and read `\\` as `/`, so a path with either is none.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return "/"
    if "\\" in target or any(character < " " or character == "\x7f" for character in target):
        return "/"
    return target


def init_app(app: Flask) -> None:
    """Make the bars known to templates."""
    app.jinja_env.globals.update(navigation=main, bottom_navigation=bottom, here=here)
