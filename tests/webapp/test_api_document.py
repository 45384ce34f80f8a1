"""The OpenAPI document and the application's routes are one and the same."""

from __future__ import annotations

import re

from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.webapp.api_caller import DOCUMENT, Caller
from tests.webapp.conftest import SignIn
from webapp.screens.api.routes import ROUTES

_VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def test_document_openapi_validator_accepts(client: SignIn) -> None:
    served = Caller(client()).get("/openapi.json")
    assert served.json == DOCUMENT
    assert [error.message for error in OpenAPIV31SpecValidator(served.json).iter_errors()] == []


def test_document_and_routes_agree_both_ways(app: Flask) -> None:
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).removeprefix("/api/v1"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) & _VERBS
    }
    described = {(method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations}
    assert served == described
    assert len(described) == len(ROUTES)


def test_document_names_are_unique_and_every_schema_is_used() -> None:
    names = [operation["operationId"] for path in DOCUMENT["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    used = set(re.findall(r"#/components/schemas/(\w+)", str(DOCUMENT)))
    assert used == set(DOCUMENT["components"]["schemas"])


def test_promised_addresses_are_there() -> None:
    wanted = """
        GET /procedure, GET /procedure/{code}, POST /dossier, GET /draft/{draft}, PATCH /draft/{draft},
        POST /draft/{draft}/document, GET /draft/{draft}/fee, POST /draft/{draft}/submit, POST /dossier/search,
        GET /dossier/{number}, GET /dossier/{number}/history, GET /dossier/{number}/result,
        GET /dossier/{number}/document/{document}, POST /dossier/{number}/verify, GET /dossier/{number}/deadline,
        POST /charge/{charge}/pay, POST /task/search, POST /task/count, GET /task/{task}, POST /task/{task}/claim,
        POST /task/{task}/unclaim, POST /task/{task}/complete, POST /signature/verify, GET /openapi.json, POST /token
    """
    there = {f"{route.method} {route.path}" for route in ROUTES}
    assert {line.strip() for line in wanted.split(",")} - there == set()
