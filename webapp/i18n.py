"""Languages: Chinese first, English complete. Owns the choice of the language and the compiled catalogue.

Message ids are the English sentences; the Chinese ones stand in `translations/zh_Hans_CN`. The catalogue is compiled
beside its source when a process starts and the source is newer.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale, gettext, lazy_gettext

__all__ = ["LANGUAGES", "gettext", "init_app", "is_chinese", "language", "lazy_gettext", "pick"]

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
ZONE = "Asia/Shanghai"
TRANSLATIONS = Path(__file__).parent / "translations"


def compile_catalogues(root: Path = TRANSLATIONS) -> None:
    """Compile every `.po` whose `.mo` is missing or older; several processes may do it at once."""
    for source in root.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        handle, name = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as out:
            write_mo(out, catalogue)
        Path(name).replace(target)


def language() -> str:
    """`zh` or `en`: the browser's choice (cookie), else the account's, else Chinese.

    A program asks with `Accept-Language`; people's browsers send that header unasked, so pages do not follow it.
    """
    if not has_request_context():
        return "zh"
    if request.path.startswith("/api/") and "Accept-Language" in request.headers:
        return request.accept_languages.best_match(list(LANGUAGES), default="zh") or "zh"
    chosen = request.cookies.get("language")
    if chosen in LANGUAGES:
        return chosen
    viewer = g.get("viewer")
    return "en" if viewer is not None and str(viewer.language).startswith("en") else "zh"


def is_chinese() -> bool:
    """Whether the page is being written in Chinese. Asked hundreds of times a page, so answered once a request."""
    if not has_request_context():
        return get_locale().language == "zh"
    if "is_chinese" not in g:
        g.is_chinese = get_locale().language == "zh"
    found: bool = g.is_chinese
    return found


def pick(zh: str, en: str) -> str:
    """The sentence of the two that fits the page; English falls back to Chinese where there is none."""
    return zh if is_chinese() or not en else en


def init_app(app: Flask) -> None:
    """Set up Flask-Babel and the template helpers."""
    compile_catalogues()
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(TRANSLATIONS))
    Babel(
        app,
        default_locale="zh_Hans_CN",
        default_timezone=ZONE,
        locale_selector=lambda: LANGUAGES[language()],
        timezone_selector=lambda: ZONE,
    )
    app.jinja_env.globals.update(language=language, is_chinese=is_chinese, pick=pick)
