"""The blueprint: every route is served through the same checks, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import orjson
from flask import Blueprint, Response, current_app, request, session
from flask.blueprints import BlueprintSetupState
from werkzeug.datastructures import FileStorage

from engine.errors import MotcuaError, NotFound, Text
from webapp import rates, web
from webapp.screens.api.call import Call, idempotency_key, revision
from webapp.screens.api.document import DOCUMENT, openapi
from webapp.screens.api.json_body import MAX_BYTES, check, pointer, read_json
from webapp.screens.api.problems import (
    BodyInvalid,
    BodyUnreadable,
    MediaTypeWrong,
    Mistake,
    QueryInvalid,
    TooLarge,
    problem,
)
from webapp.screens.api.route import MULTIPART, PDF, Route
from webapp.screens.api.routes import ROUTES
from webapp.screens.api.schemas import SCHEMAS


class Interface(Blueprint):
    """Its own checks take the place of the pages' CSRF check."""

    csrf_exempt: ClassVar[bool] = True


screen = Interface("api", __name__, url_prefix="/api/v1")


@screen.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions[DOCUMENT] = orjson.dumps(openapi(ROUTES))


@screen.errorhandler(MotcuaError)
def _refused(error: MotcuaError) -> Response:
    return problem(error)


def _serving(route: Route) -> Callable[..., Response]:
    def serve(**path: str) -> Response:
        if route.rate is not None:
            rates.hit(route.rate)
        if not route.public:
            _check_cookie()
            web.signed_in()
        for name, value in path.items():
            if len(value) > 200 or not value.isprintable():
                raise NotFound(what=name)
        body, files = _body(route) if route.body else (None, {})
        return route.view(
            Call(
                path=path,
                query=_query(route),
                body=body,
                files=files,
                revision=revision(needed=route.if_match == "needed") if route.if_match else None,
                key=idempotency_key() if route.key else "",
            )
        )

    return serve


def _check_cookie() -> None:
    """An unsafe request that a browser's cookie speaks for needs the page's token as well."""
    if current_app.config["WTF_CSRF_ENABLED"] and not web.by_token() and session.get("login"):
        current_app.extensions["csrf"].protect()


def _query(route: Route) -> Mapping[str, str]:
    known = {*(route.query or ()), "lang"}
    unknown = [name for name in request.args if name not in known]
    if unknown:
        raise QueryInvalid(
            what=ascii(unknown[0][:60]), why=Text(vi="không có tham số này", en="there is no such parameter")
        )
    return {name: value for name, value in request.args.items() if "\0" not in value}


def _body(route: Route) -> tuple[Any, Mapping[str, FileStorage]]:
    assert route.body is not None
    given = request.mimetype
    sent = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if route.body.optional and not sent and not given:
        return {}, {}
    if given not in route.body.media:
        raise MediaTypeWrong(wanted=", ".join(route.body.media), given=given[:60] or Text(vi="không rõ", en="unknown"))
    if MULTIPART in route.body.media:
        return _parts()
    most = web.product().settings.upload_mb * 1024 * 1024 if PDF in route.body.media else MAX_BYTES
    if (request.content_length or 0) > most:
        raise TooLarge(limit=most)
    # A chunked body that is too long is cut at the limit without a word, so one byte more is let through and seen.
    request.max_content_length = most + 1
    content = request.get_data(cache=False)
    if len(content) > most:
        raise TooLarge(limit=most)
    if PDF in route.body.media:
        return content, {}
    if not content and route.body.optional:
        return {}, {}
    if not content:
        raise BodyUnreadable(why=Text(vi="trống", en="empty"))
    body = read_json(content)
    check(body, SCHEMAS[route.body.schema])
    return body, {}


def _parts() -> tuple[dict[str, str], Mapping[str, FileStorage]]:
    mistakes = [
        _part(name, "unknown", "Không có phần nào tên như vậy.", "There is no part of this name.")
        for name in {*request.form, *request.files}
        if (name, name in request.files) not in {("file", True), ("paper", False)}
    ]
    files = request.files.getlist("file")
    if len(files) != 1:
        mistakes.append(_part("file", "required", "Cần đúng một tệp.", "Exactly one file is needed."))
    if mistakes:
        raise BodyInvalid(mistakes=tuple(mistakes))
    return {name: value[:200] for name, value in request.form.items()}, {"file": files[0]}


def _part(name: str, code: str, vi: str, en: str) -> Mistake:
    return Mistake(pointer=pointer(name[:60]), code=code, message=Text(vi=vi, en=en))


for _route in ROUTES:
    screen.add_url_rule(
        _route.path.replace("{", "<").replace("}", ">"),
        endpoint=_route.name.replace(".", "_"),
        view_func=_serving(_route),
        methods=[_route.method],
    )
