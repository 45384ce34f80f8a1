"""A caller of ``/api/v1`` that holds every answer against the OpenAPI document."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from webapp.demo.people import PASSWORD
from webapp.screens.api.document import openapi
from webapp.screens.api.routes import ROUTES

BASE = "/api/v1"
DOCUMENT = openapi(ROUTES)


class Caller:
    """Calls as one person; an answer that the document does not promise fails the test."""

    def __init__(self, client: FlaskClient, *, token: str = "") -> None:
        self.client = client
        self.token = token

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        answer = self.client.open(f"{BASE}{path}", method=method, headers=headers, **options)
        hold(method, path, answer)
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        return self("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self("POST", path, **({"json": json} if json is not None else {}), **options)

    def patch(self, path: str, json: Any, **options: Any) -> TestResponse:
        return self("PATCH", path, json=json, **options)


def by_token(client: FlaskClient, login: str) -> Caller:
    """A machine that has signed in as a demo person."""
    answer = Caller(client).post("/token", {"login": login, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return Caller(client, token=answer.json["token"])


def hold(method: str, path: str, answer: TestResponse) -> None:
    """Fail unless status, media type and body are what the document says."""
    operation = _operation(method, path)
    promised = operation["responses"].get(str(answer.status_code))
    assert promised is not None, (method, path, answer.status_code, answer.text[:500])
    content = promised.get("content", {})
    if not content:
        assert not answer.data
        return
    media = answer.mimetype if answer.mimetype in content else "*/*"
    assert media in content, (answer.mimetype, list(content))
    schema = content[media].get("schema")
    if schema is not None:
        whole = schema | {"components": DOCUMENT["components"]}
        errors = [
            f"{error.json_path}: {error.message[:200]}"
            for error in Draft202012Validator(whole).iter_errors(answer.json)
        ]
        assert errors == [], (method, path, errors[:5])
    if answer.mimetype == "application/problem+json":
        assert answer.json["status"] == answer.status_code
        assert answer.json["title"]
    for header in promised.get("headers", {}):
        assert header in answer.headers, header


def _operation(method: str, path: str) -> dict[str, Any]:
    plain = path.partition("?")[0]
    # What has no variable goes first: /dossier/search is no dossier's number.
    for template in sorted(DOCUMENT["paths"], key=lambda one: one.count("{")):
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template.replace(".", r"\.")), plain):
            found: dict[str, Any] = DOCUMENT["paths"][template]
            if method.lower() in found:
                return dict(found[method.lower()])
    raise AssertionError(f"{method} {path} is not in the document")
