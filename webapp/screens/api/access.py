"""Personal tokens for machines: login and password against a bearer token."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Response, current_app

from webapp import rates, tokens, web
from webapp.screens.api.call import Call, answer
from webapp.screens.api.problems import SignInWrong

_hasher = PasswordHasher()
#: Checked when the login is unknown, so that the answer takes the same time.
_DUMMY = _hasher.hash("nobody")


def issue(call: Call) -> Response:
    """A token for eight hours; a new password ends it at once."""
    login = call.body["login"].strip().lower()
    rates.hit_sign_in(login)
    with web.reading() as uow:
        account = uow.organisation.account(login)
    try:
        _hasher.verify(account.password if account else _DUMMY, call.body["password"])
    except (VerificationError, InvalidHashError) as wrong:
        raise SignInWrong() from wrong
    if account is None or not account.active:
        raise SignInWrong()
    rates.forget_sign_in(login)
    token, until = tokens.issue(str(current_app.secret_key), account, web.product().clock.now())
    return answer({"token": token, "type": "Bearer", "expires_at": until})
