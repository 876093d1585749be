"""Addresses of built front-end files, read from Vite's manifest. Owns nothing else; the build is `webapp/frontend`.

`asset("islands/case.js")` is the hashed address of `src/islands/case.js`; `styles_of` names the style sheets that
entry needs. Without a build every name answers with an address that is not found, and pages stay readable.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, g, has_app_context
from markupsafe import Markup

STATIC = Path(__file__).parent / "static"
MANIFEST = STATIC / "dist" / ".vite" / "manifest.json"
PREFIX = "/static/dist/"


@lru_cache(maxsize=2)
def _read(modified_at: int) -> dict[str, Any]:
    return json.loads(MANIFEST.read_text("utf-8")) if modified_at else {}


def _manifest() -> dict[str, Any]:
    """The manifest as it is now; the file is looked at once a request."""
    if not has_app_context():
        return _read(_modified_at())
    if "manifest" not in g:
        g.manifest = _read(_modified_at())
    found: dict[str, Any] = g.manifest
    return found


def _modified_at() -> int:
    try:
        return MANIFEST.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def is_built() -> bool:
    """Whether the front end was built at all."""
    return bool(_manifest())


def _entry(name: str) -> dict[str, Any] | None:
    manifest = _manifest()
    for key in (f"src/{name}", name):
        if key in manifest:
            found: dict[str, Any] = manifest[key]
            return found
    return None


def asset(name: str) -> str:
    """The address of the built file of `src/NAME` (or of an emitted asset such as `icons.svg`)."""
    entry = _entry(name)
    return PREFIX + (entry["file"] if entry else f"not-built/{name}")


def styles_of(name: str) -> list[str]:
    """Addresses of the style sheets of an entry and of everything it imports at once, in order."""
    manifest, seen, found = _manifest(), set[str](), list[str]()

    def visit(entry: dict[str, Any]) -> None:
        for imported in entry.get("imports", ()):
            if imported not in seen:
                seen.add(imported)
                visit(manifest[imported])
        found.extend(PREFIX + css for css in entry.get("css", ()))

    entry = _entry(name)
    if entry:
        visit(entry)
    return list(dict.fromkeys(found))


def icon(name: str, size: str = "", label: str = "") -> Markup:
    """One icon of the sprite: `icon("clock")`, `icon("bell", "20")`; with a label it is read aloud."""
    return _icon(asset("icons.svg"), name, size, label)


@lru_cache(maxsize=1000)
def _icon(sprite: str, name: str, size: str, label: str) -> Markup:
    classes = "gw-i" + (f" gw-i--{size}" if size else "")
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="{}" {}><use href="{}#i-{}"/></svg>').format(classes, spoken, sprite, name)


def init_app(app: Flask) -> None:
    """Make the helpers known to every template."""
    app.jinja_env.globals.update(asset=asset, styles_of=styles_of, icon=icon)
