"""Pages for signing in and out, one's own account and the choice of language."""

from __future__ import annotations

from datetime import timedelta

import structlog
from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from handlers import org
from webapp import db
from webapp.access import PUBLIC, SIGNED_IN, may, viewer, viewer_or_none
from webapp.auth import agents, sessions, throttle
from webapp.auth.forms import LoginForm, TokenForm
from webapp.clock import now, time_of
from webapp.i18n import LANGUAGES
from webapp.i18n import gettext as _
from webapp.navigation import own_path

blueprint = Blueprint("auth", __name__)
log = structlog.get_logger("gridwhistle.auth")

TOKEN_LENGTH = timedelta(days=365)


@blueprint.get("/login")
@may(PUBLIC)
def login() -> Response | str:
    """The form; somebody who is signed in goes on at once."""
    target = own_path(request.args.get("next"))
    if viewer_or_none() is not None:
        return redirect(target, 303)
    return render_template("auth/login.html", form=LoginForm(next=target), left=None, locked_until=None)


@blueprint.post("/login")
@may(PUBLIC)
def sign_in() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Check the password. The answer does not tell whether the account exists."""
    form = LoginForm()
    if not form.validate_on_submit():
        return render_template("auth/login.html", form=form, left=None, locked_until=None), 422
    username, address, at = form.username.data.strip(), request.remote_addr or "", now()
    verdict = db.write(lambda s: throttle.count(s, username, address, now=at))
    if verdict.locked_until is not None:
        wait = max(1, int((verdict.locked_until - at).total_seconds()))
        page = render_template("auth/login.html", form=form, left=0, locked_until=verdict.locked_until)
        return page, 429, {"Retry-After": str(wait)}
    secret = db.write(lambda s: _begin(s, username, form.password.data, address))
    if secret is None:
        log.warning("login refused", username=username[:64], address=address)
        return render_template("auth/login.html", form=form, left=verdict.left, locked_until=None), 422
    target = own_path(form.next.data)
    session.clear()
    session.permanent = True
    session["sid"] = secret
    return redirect(target, 303)


def _begin(session_: Session, username: str, password: str, address: str) -> str | None:
    """The secret of a new session, or None when name or password are wrong."""
    person = org.authenticate(session_, username, password, now())
    if person is None:
        return None
    throttle.forgive(session_, username, address)
    agent = request.headers.get("User-Agent", "")
    length = current_app.permanent_session_lifetime
    log.info("login", person=person.id, address=address)
    return sessions.begin(session_, person, length=length, address=address, agent=agent, now=now())


@blueprint.post("/logout")
@may(PUBLIC)
def logout() -> Response:
    """Sign this browser out; doing it twice changes nothing."""
    secret = session.get("sid")
    if isinstance(secret, str):
        db.write(lambda s: sessions.end(s, secret))
    session.clear()
    return redirect(url_for("auth.login"), 303)


@blueprint.post("/logout-everywhere")
@may(SIGNED_IN)
def logout_everywhere() -> Response:
    """Sign the person's other browsers out; this one stays."""
    person_id, secret = viewer().person_id, session.get("sid")
    ended = db.write(lambda s: sessions.end_all(s, person_id, but=secret))
    flash(_("Signed out in %(n)s other browsers.", n=ended))
    return redirect(url_for("auth.me"), 303)


@blueprint.post("/language")
@may(PUBLIC)
def choose_language() -> Response:
    """Keep the language in a cookie for a year."""
    response = redirect(own_path(request.form.get("next")), 303)
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        response.set_cookie(
            "language", chosen, max_age=31536000, samesite="Lax", secure=request.is_secure, httponly=True
        )
    return response


@blueprint.get("/me")
@may(SIGNED_IN)
def me() -> str:
    """One's own page: positions, language, theme, sessions, tokens."""
    return _me(TokenForm())


def _me(form: TokenForm, secret: str | None = None) -> str:
    person = viewer()
    return render_template(
        "auth/me.html",
        person=person,
        form=form,
        secret=secret,
        spoken_agent=agents.spoken,
        sessions=sessions.open_of(db.read(), person.person_id, now=now()),
        tokens=sessions.tokens_of(db.read(), person.person_id, now=now()),
        current=sessions.digest(session.get("sid", "")),
    )


@blueprint.post("/me/tokens")
@may(SIGNED_IN)
def issue_token() -> str | tuple[str, int]:
    """A new token; its secret is shown on the answer and never again."""
    form = TokenForm()
    if not form.validate_on_submit():
        return _me(form), 422
    person_id, name = viewer().person_id, form.name.data.strip()
    secret = db.write(lambda s: sessions.issue_token(s, person_id, name, length=TOKEN_LENGTH, now=now()))
    return _me(TokenForm(formdata=None), secret)


@blueprint.post("/me/tokens/<token_id>/revoke")
@may(SIGNED_IN)
def revoke_token(token_id: str) -> Response:
    """Revoke one of one's own tokens; somebody else's id changes nothing."""
    person_id = viewer().person_id
    db.write(lambda s: sessions.revoke_token(s, person_id, token_id, now=now()))
    flash(_("The token no longer works since %(time)s.", time=time_of(now())))
    return redirect(url_for("auth.me"), 303)
