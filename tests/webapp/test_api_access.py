"""Who speaks: tokens, cookies, limits, and bodies that cannot be read."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask

from tests.conftest import LiveClock
from tests.webapp.api_caller import Caller, by_token
from tests.webapp.conftest import SignIn
from webapp import tokens
from webapp.bootstrap import Product

_ACCOUNT = "UPDATE account SET {} WHERE login = 'lan'"


def test_token_ends_after_eight_hours(client: SignIn, clock: LiveClock) -> None:
    lan = by_token(client(), "lan")
    assert lan.post("/dossier/search", {}).status_code == 200
    clock.set(clock.now() + timedelta(hours=8))
    refused = lan.post("/dossier/search", {})
    assert (refused.status_code, refused.json["code"]) == (401, "token-refused")
    assert "Bearer" in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize("change", [f"password = '{PasswordHasher().hash('khác')}'", "active = 0"])
def test_token_ends_with_a_new_password_or_a_locked_account(client: SignIn, product: Product, change: str) -> None:
    lan = by_token(client(), "lan")
    with product.database.begin() as uow:
        uow.connection.driver.execute(_ACCOUNT.format(change))
    assert lan.post("/dossier/search", {}).status_code == 401


@pytest.mark.parametrize("sent", ["Bearer x", "Bearer ", "Basic bGFuOm1vdGN1YS1kZW1v", "x", "Bearer a.b"])
def test_token_broken_is_refused_even_beside_a_cookie(client: SignIn, sent: str) -> None:
    refused = Caller(client("lan")).post("/dossier/search", {}, headers={"Authorization": sent})
    assert (refused.status_code, refused.json["code"]) == (401, "token-refused")


def test_token_of_another_secret_is_refused(client: SignIn, product: Product) -> None:
    with product.database.read() as connection:
        from engine.store.unit_of_work import UnitOfWork

        account = UnitOfWork(connection).organisation.account("lan")
    assert account is not None
    forged, _ = tokens.issue("another secret", account, product.clock.now())
    assert Caller(client(), token=forged).post("/dossier/search", {}).status_code == 401


def test_token_opens_no_page_outside_the_interface(client: SignIn) -> None:
    lan = by_token(client(), "lan")
    answer = lan.client.get("/my", headers={"Authorization": f"Bearer {lan.token}"})
    assert answer.status_code == 302


@pytest.mark.parametrize(("login", "password"), [("lan", "sai"), ("khong-co", "motcua-demo"), ("LAN ", "sai")])
def test_token_wrong_password_is_refused_alike(client: SignIn, login: str, password: str) -> None:
    refused = Caller(client()).post("/token", {"login": login, "password": password})
    assert (refused.status_code, refused.json["code"]) == (401, "sign-in-wrong")


def test_token_guessing_is_limited(client: SignIn) -> None:
    stranger = Caller(client())
    found = [stranger.post("/token", {"login": "lan", "password": "sai"}).status_code for _ in range(11)]
    assert found == [401] * 10 + [429]
    refused = stranger.post("/token", {"login": "lan", "password": "motcua-demo"})
    assert int(refused.headers["Retry-After"]) > 0


def test_cookie_needs_the_page_token_and_a_bearer_does_not(app: Flask, client: SignIn) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    lan = Caller(client("lan"))
    refused = lan.post("/dossier", {"procedure": "2.000815", "unit": "H56.12"})
    assert (refused.status_code, refused.json["code"]) == (400, "csrf")
    assert lan.get("/draft/khong-co").status_code == 404, "reading needs no token"
    assert by_token(client(), "lan").post("/dossier/search", {}).status_code == 200
    beside = lan.post("/dossier/search", {}, headers={"Authorization": "Bearer x"})
    assert beside.status_code == 401, "a made-up header does not get past the check"


@pytest.mark.parametrize(
    ("content", "media", "status", "code"),
    [
        (b"{", "application/json", 400, "body-unreadable"),
        (b"", "application/json", 400, "body-unreadable"),
        (b"\xff", "application/json", 400, "body-unreadable"),
        (b'{"login":"a","login":"b","password":"c"}', "application/json", 400, "body-unreadable"),
        (b'{"login":NaN,"password":"c"}', "application/json", 400, "body-unreadable"),
        (b'{"login":1e999,"password":"c"}', "application/json", 400, "body-unreadable"),
        (b'{"login":' + b"9" * 5000 + b"}", "application/json", 400, "body-unreadable"),
        (b'{"login":"\\u0000","password":"c"}', "application/json", 400, "body-unreadable"),
        (b'{"login":"\\ud800","password":"c"}', "application/json", 400, "body-unreadable"),
        (b"[" * 100_000, "application/json", 400, "body-unreadable"),
        (b"[" * 50 + b"]" * 50, "application/json", 400, "body-unreadable"),
        (b"login=lan", "application/x-www-form-urlencoded", 415, "media-type"),
        (b'"' + b"a" * 600_000 + b'"', "application/json", 413, "too-large"),
        (b'{"login":"lan"}', "application/json", 422, "body-invalid"),
        (b'{"login":"lan","password":"x","la":1}', "application/json", 422, "body-invalid"),
    ],
)
def test_body_unfit_is_refused_by_name(client: SignIn, content: bytes, media: str, status: int, code: str) -> None:
    refused = Caller(client()).post("/token", data=content, content_type=media)
    assert (refused.status_code, refused.json["code"]) == (status, code)
    assert refused.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b'{"filter":{}}' + b" " * 600_000, "application/json", 413),
        (b'{"filter":{"la":1}}', "application/json", 422),
        (b'{"filter":{"la":1}}', "", 415),
    ],
)
def test_body_without_a_length_is_neither_cut_nor_ignored(
    client: SignIn, content: bytes, media: str, status: int
) -> None:
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    options = {"input_stream": io.BytesIO(content), "environ_overrides": chunked, "content_type": media}
    assert Caller(client("lan"))("POST", "/dossier/search", **options).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/procedure?limit=0", {}, 400),
        ("GET", "/procedure?limit=x", {}, 400),
        ("GET", "/procedure?la=1", {}, 400),
        ("GET", "/procedure?after=khong", {}, 400),
        ("GET", "/procedure/9.999999", {}, 404),
        ("GET", "/procedure/%00", {}, 404),
        ("GET", "/procedure/" + "9" * 300, {}, 404),
        ("POST", "/signature/verify", {"data": b"khong phai pdf", "content_type": "application/pdf"}, 400),
        ("POST", "/signature/verify", {"data": b"%PDF-1.7\nhong", "content_type": "application/pdf"}, 200),
        ("POST", "/signature/verify", {"data": b"", "content_type": "application/pdf"}, 400),
        ("POST", "/signature/verify", {"data": b"{}", "content_type": "application/json"}, 415),
    ],
)
def test_public_address_bad_input_is_answered_calmly(
    client: SignIn, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    answer = Caller(client())(method, path, **options)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json["valid"] is False


def test_key_malformed_is_refused(client: SignIn) -> None:
    new = {"procedure": "2.000815", "unit": "H56.12"}
    for key in ("", "có dấu".encode().decode("latin-1"), "x" * 201, "a b"):
        refused = Caller(client("lan")).post("/dossier", new, headers={"Idempotency-Key": key})
        assert (refused.status_code, refused.json["code"]) == (400, "parameter-invalid"), key


def test_procedures_page_through(client: SignIn) -> None:
    stranger = Caller(client())
    whole = [row["code"] for row in stranger.get("/procedure").json["items"]]
    first = stranger.get("/procedure?limit=1").json
    second = stranger.get(f"/procedure?limit=1&after={first['page']['after']}").json
    assert [first["items"][0]["code"], second["items"][0]["code"]] == whole[:2]
