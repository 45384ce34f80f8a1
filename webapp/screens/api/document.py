"""The OpenAPI 3.1 document, made from the table of routes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, current_app

from webapp.screens.api.call import Call
from webapp.screens.api.route import Route, reference
from webapp.screens.api.schemas import SCHEMAS

#: Where the application keeps the rendered document.
DOCUMENT = "motcua-openapi"
_ABOUT = (
    "Settle administrative procedures by machine: file, pay, work on tasks, read histories and results.\n\n"
    "Refusals are RFC 9457 problems with a stable `code`, a Vietnamese `title` and, for bodies and forms, "
    "`errors` with JSON pointers.\n\n"
    "Writes take an `Idempotency-Key`: the same key with the same body answers as the first time, with another body "
    "it is refused (422, `idempotency-key-reused`).\n\n"
    "A browser's session cookie works too; its unsafe requests need the page's token in `X-CSRFToken`."
)
_TAGS = {
    "interface": "The interface itself",
    "procedure": "Procedures (thủ tục hành chính) in force",
    "draft": "Applications being filled in",
    "dossier": "Dossiers (hồ sơ)",
    "charge": "Fees and charges",
    "task": "User tasks",
    "signature": "Signatures of any PDF",
}
_VARIABLES = {
    "code": "Procedure code, for example 2.000815",
    "draft": "Id of a draft",
    "number": "Dossier number, for example H56.12-261110-0001",
    "document": "Id of a document",
    "charge": "Id of a charge",
    "task": "Id of a task",
}


def show(call: Call) -> Response:
    """The document of this very version."""
    return Response(
        current_app.extensions[DOCUMENT], mimetype="application/json", headers={"Cache-Control": "public, max-age=300"}
    )


def openapi(routes: tuple[Route, ...]) -> dict[str, Any]:
    """The OpenAPI document of the routes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Motcua", "version": "1", "description": _ABOUT, "license": {"name": "EUPL-1.2"}},
        "servers": [{"url": "/api/v1"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "From `POST /token`."},
                "session": {"type": "apiKey", "in": "cookie", "name": "motcua"},
            },
            "headers": {
                "ETag": {"description": "Revision, for If-Match.", "schema": {"type": "string"}},
                "Location": {"description": "Where the new thing is.", "schema": {"type": "string"}},
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": _parameters(route),
        "responses": {str(route.gives.status): _success(route)},
    }
    operation["responses"] |= {str(status): _refusal(status) for status in route.problems}
    if route.text:
        operation["description"] = route.text
    if route.public:
        operation["security"] = []
    if route.body:
        content = {media: {"schema": reference(route.body.schema)} for media in route.body.media}
        operation["requestBody"] = {"required": not route.body.optional, "content": content}
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string", "maxLength": 200}
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "description": _VARIABLES[name], "schema": text}
        for name in route.variables
    ]
    found += [
        {"name": name, "in": "query", "description": meaning, "schema": text}
        for name, meaning in (route.query or {}).items()
    ]
    if route.if_match:
        meaning = "The ETag of what was read; `*` for whatever there is."
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": route.if_match == "needed",
                "description": meaning,
                "schema": text,
            }
        )
    if route.key:
        meaning = "1–200 visible ASCII letters of your choice, one per intended act."
        found.append({"name": "Idempotency-Key", "in": "header", "description": meaning, "schema": text})
    return found


def _success(route: Route) -> dict[str, Any]:
    gives = route.gives
    found: dict[str, Any] = {"description": HTTPStatus(gives.status).phrase}
    content: dict[str, Any] = {media: {} for media in gives.files}
    if gives.schema:
        content["application/json"] = {"schema": reference(gives.schema)}
    if content:
        found["content"] = content
    headers = [name for name, there in (("ETag", gives.etag), ("Location", gives.location)) if there]
    if headers:
        found["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return found


def _refusal(status: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": reference("Problem")}}
    return {"description": HTTPStatus(status).phrase, "content": content}
