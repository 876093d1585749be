"""What the browser is sent: pinned packages without addresses, nothing from other hosts, no eval, little at first."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import missing
from webapp import assets

FRONTEND = Path(assets.__file__).parent / "frontend"
NAMESPACES = re.compile(r"https?://(www\.w3\.org|www\.omg\.org|bpmn\.io|schema\.|purl\.|localhost|vocab\.)[^\"'`\s]*")
KNOWN = ("bpmn.io", "leafletjs.com", "github.com", "reactjs.org", "preactjs.com", "momentjs.com", "feross.org")
"""Addresses in notices and in the marks of bpmn.io, which their licences want; nothing is loaded from them."""


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    if not assets.is_built():
        missing("the built front end", "make ready")
    return dict(json.loads(assets.MANIFEST.read_text("utf-8")))


def test_every_package_is_pinned_with_a_hash_and_without_an_address() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text("utf-8"))
    declared = json.loads((FRONTEND / "package.json").read_text("utf-8"))
    for path, entry in lock["packages"].items():
        assert "resolved" not in entry, path
        assert not path or entry.get("integrity"), path
    for name, version in {**declared["dependencies"], **declared["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name


def test_no_script_evaluates_text(manifest: dict[str, Any]) -> None:
    for path in _scripts(manifest):
        text = path.read_text("utf-8")
        assert not re.search(r"\beval\(|new Function\(|[^.\w]Function\(\"", text), path.name


def test_no_style_sheet_loads_from_another_host(manifest: dict[str, Any]) -> None:
    for entry in manifest.values():
        for name in entry.get("css", ()):
            text = (assets.STATIC / "dist" / name).read_text("utf-8")
            assert not re.search(r"url\(\s*['\"]?https?:|@import", text), name


def test_scripts_name_no_host_to_load_from(manifest: dict[str, Any]) -> None:
    for path in _scripts(manifest):
        text = NAMESPACES.sub("", path.read_text("utf-8"))
        hosts = {host for host in re.findall(r"https?://([a-z0-9.-]+)", text) if not host.endswith(KNOWN)}
        assert not {host for host in hosts if re.search(r"(cdn|unpkg|jsdelivr|googleapis|tile)", host)}, path.name


def test_the_list_needs_little_and_no_diagram(manifest: dict[str, Any]) -> None:
    first = _with_imports(manifest, "src/app.js") | _with_imports(manifest, "src/islands/tasklist.js")
    size = sum((assets.STATIC / "dist" / manifest[key]["file"]).stat().st_size for key in first)
    assert size < 60_000, f"{size} bytes of script before the list works"
    assert not any("diagram" in key or "map" in key or "form" in key for key in first)


def _with_imports(manifest: dict[str, Any], key: str) -> set[str]:
    found = {key}
    for imported in manifest[key].get("imports", ()):
        found |= _with_imports(manifest, imported)
    return found


def _scripts(manifest: dict[str, Any]) -> set[Path]:
    return {assets.STATIC / "dist" / entry["file"] for entry in manifest.values() if entry["file"].endswith(".js")}
