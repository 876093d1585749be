"""The forms of signing in and of one's own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField  # type: ignore[import-untyped]
from wtforms.validators import InputRequired, Length  # type: ignore[import-untyped]


class LoginForm(FlaskForm):
    """Account and password. Lengths are bounded before anything expensive is computed."""

    username = StringField(_l("Account"), [InputRequired(_l("Please enter your account.")), Length(max=64)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Please enter your password.")), Length(max=256)])
    next = HiddenField()


class TokenForm(FlaskForm):
    """A token's name."""

    name = StringField(
        _l("What the token is for"), [InputRequired(_l("Please say what the token is for.")), Length(max=80)]
    )
