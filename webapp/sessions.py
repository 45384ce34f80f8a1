"""Who is signed in, as a signed cookie that is written anew only when it has to be."""

from __future__ import annotations

from typing import Final

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

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
        for longest, fresh in ((REFRESH_SECONDS, True), (int(app.permanent_session_lifetime.total_seconds()), False)):
            try:
                session = Session(signer.loads(given, max_age=longest))
            except SignatureExpired:
                continue
            except BadSignature:
                break
            session.fresh = fresh
            return session
        return Session()

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """When something changed, and now and then so that a session in use does not end."""
        if not session.modified and isinstance(session, Session) and session.fresh:
            return False
        return super().should_set_cookie(app, session)
