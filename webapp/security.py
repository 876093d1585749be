"""Browser security: headers with a nonce for scripts, same-origin check for the API, safe cookies.

Owns what the browser is told. Who may do what is `webapp.access`; CSRF tokens of forms are Flask-WTF's.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from bpmn.errors import NotAllowedError
from webapp.config import Config

csrf = CSRFProtect()

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PERMISSIONS_POLICY = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=(), interest-cohort=()"


def nonce() -> str:
    """The nonce of this answer's scripts and styles."""
    found: str | None = g.get("nonce")
    if found is None:
        found = g.nonce = secrets.token_urlsafe(18)
    return found


def content_security_policy() -> str:
    """Own files only. Style attributes are allowed: clocks and diagrams carry their measures in them."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce()}'",
            f"style-src 'self' 'nonce-{nonce()}'",
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' blob: data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def require_same_origin() -> None:
    """Refuse a writing request that a page of another origin sent with the person's cookie.

    Browsers send `Sec-Fetch-Site` or at least `Origin` with every writing request; a client that sends neither
    (a script with a token) has no ambient cookie to abuse.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site in {"same-origin", "none"} or (site is None and origin is None):
        return
    if origin is not None and urlsplit(origin).netloc == request.host and site is None:
        return
    raise NotAllowedError(
        why_zh="请求来自另一个网站。请在网格哨的页面内操作。",
        why_en="the request came from another site. Please act on a page of GridWhistle.",
    )


def init_app(app: Flask, config: Config) -> None:
    """Cookies, CSRF and headers for every answer."""
    app.config.update(
        SESSION_COOKIE_NAME="gridwhistle",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.is_https,
        PERMANENT_SESSION_LIFETIME=config.session_length,
        SESSION_REFRESH_EACH_REQUEST=False,  # else every answer, cached files too, would carry the cookie
        MAX_CONTENT_LENGTH=config.max_upload,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=config.is_https,
    )
    csrf.init_app(app)
    if config.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=config.proxies
        )
    app.jinja_env.globals["csp_nonce"] = nonce

    @app.after_request
    def harden(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", content_security_policy())
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        if config.is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        return response
