"""Sessions: written when they must be, and refused when they are not ours."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from flask import Flask
from itsdangerous import TimestampSigner


@pytest.fixture
def aged(app: Flask, monkeypatch: pytest.MonkeyPatch):
    """The cookie of a session of the analyst that was last written so many seconds ago."""

    def made(seconds: int) -> str:
        with monkeypatch.context() as then:
            then.setattr(TimestampSigner, "get_timestamp", lambda _signer: int(time.time()) - seconds)
            signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
            return str(signer.dumps({"login": "lan", "_permanent": True, "csrf_token": "a" * 40}))

    return made


def _asked(app: Flask, cookie: str) -> tuple[int, str | None]:
    answer = app.test_client(use_cookies=False).get("/my", headers={"Cookie": f"motcua={cookie}"})
    return answer.status_code, answer.headers.get("Set-Cookie")


def test_session_in_use_is_kept_alive_and_not_rewritten_each_time(app: Flask, aged) -> None:
    assert _asked(app, aged(10)) == (200, None)
    status, written = _asked(app, aged(400))
    assert status == 200
    assert written is not None and written.startswith("motcua=")


def test_session_that_was_not_used_for_its_lifetime_has_ended(app: Flask, aged) -> None:
    lifetime = app.permanent_session_lifetime
    assert _asked(app, aged(int((lifetime - timedelta(minutes=1)).total_seconds())))[0] == 200
    assert _asked(app, aged(int((lifetime + timedelta(minutes=1)).total_seconds())))[0] == 302


@pytest.mark.parametrize("ahead", [1, 3600])
def test_session_signed_by_a_machine_whose_clock_is_ahead_holds(app: Flask, aged, ahead: int) -> None:
    status, written = _asked(app, aged(-ahead))
    assert status == 200
    assert written is not None and written.startswith("motcua="), "dated anew by this machine"


def test_changed_cookie_is_nobodys(app: Flask, aged) -> None:
    cookie = aged(10)
    assert _asked(app, cookie[:-3] + "abc")[0] == 302
