"""Who is signed in, as a signed cookie that is written anew only when it has to be.

A browser sends the same cookie with each request, and each page carries the same token in its forms: what was once
checked or signed in this process is remembered by its text.
"""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any, Final

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer

#: A session ends when it was not used for its lifetime; so exactly is its last use known.
REFRESH_SECONDS: Final = 300
_SIGNER = "motcua-session-signer"


class Session(SecureCookieSession):
    """A session, and whether its cookie may stay as it is though it was used."""

    fresh = False


class Sessions(SecureCookieSessionInterface):
    """Flask's, with one signer for the process and without a new cookie in every answer."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer; its keys are derived once."""
        signer: URLSafeTimedSerializer | None = app.extensions.get(_SIGNER)
        if signer is None:
            signer = app.extensions[_SIGNER] = super().get_signing_serializer(app)
        return signer

    def open_session(self, app: Flask, request: Request) -> Session:
        """The session of the request's cookie; an empty one for a cookie that is not ours or has ended."""
        signer, given = self.get_signing_serializer(app), request.cookies.get(self.get_cookie_name(app))
        if signer is None or not given:
            return Session()
        try:
            kept, signed_at = _checked(signer, given)
        except BadSignature:
            return Session()
        age = signer.make_signer(signer.salt).get_timestamp() - signed_at  # type: ignore[attr-defined]
        # Signed by a machine whose clock is ahead, or before this one's was set back: ours all the same.
        if abs(age) > int(app.permanent_session_lifetime.total_seconds()):
            return Session()
        session = Session(deepcopy(kept))
        session.fresh = 0 <= age <= REFRESH_SECONDS
        return session

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """When something changed, and now and then so that a session in use does not end."""
        if not session.modified and isinstance(session, Session) and session.fresh:
            return False
        return super().should_set_cookie(app, session)


def form_token(secret: str | bytes, raw: str) -> str:
    """The signed token of forms that stands for the session's own, as the library makes it once a request."""
    return _form_token(secret, raw)


@lru_cache(maxsize=2048)
def _form_token(secret: str | bytes, raw: str) -> str:
    return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw))


@lru_cache(maxsize=2048)
def _checked(signer: URLSafeTimedSerializer, given: str) -> tuple[dict[str, Any], int]:
    """What a cookie says and when it was signed, in seconds since 1970; ``BadSignature`` for one that is not ours."""
    kept, signed_at = signer.loads(given, return_timestamp=True)
    return kept, int(signed_at.timestamp())
