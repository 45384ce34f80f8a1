"""The Flask application: screens registered in one place, security headers, languages, and how errors are shown."""

from __future__ import annotations

import re
import secrets
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, redirect, render_template, request, session, url_for
from flask.json.provider import DefaultJSONProvider
from flask_babel import Babel
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import MotcuaError
from webapp import languages, letter_words, names, rates, web, words
from webapp.bootstrap import Product
from webapp.compression import compress_static
from webapp.formats import FILTERS
from webapp.http_status import retry_after, status_of
from webapp.screens import SCREENS, navigation
from webapp.screens.notices.views import unread
from webapp.sessions import form_token
from webapp.settings import Settings
from webapp.site import Site
from webapp.templating import FixedWords

_log = structlog.get_logger("motcua.web")
_GUARDS = "motcua-guards"
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
#: Pages that show diagrams: bpmn.io's libraries set inline styles.
DIAGRAM_ENDPOINTS = frozenset(
    {
        "history.show", "history.check", "procedures.diagram", "studio.diagram", "studio.tables", "studio.scenarios",
        "studio.compare_draft", "studio.compare_versions",
    }
)  # fmt: skip


def create_app(product: Product) -> Flask:
    """The application serving ``product``."""
    app = Site(__name__, static_folder="static", template_folder="templates")
    settings = product.settings
    app.config.update(
        SECRET_KEY=settings.secret_key or product.secrets["session"],
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.address.startswith("https://"),
        SESSION_COOKIE_NAME="motcua",
        PERMANENT_SESSION_LIFETIME=8 * 3600,
        MAX_CONTENT_LENGTH=(settings.upload_mb + 1) * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).with_name("translations")),
        BABEL_DEFAULT_TIMEZONE="Asia/Ho_Chi_Minh",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    _prepare_templates(app)
    if isinstance(app.json, DefaultJSONProvider):
        app.json.ensure_ascii = False  # Vietnamese as it is written, a third of the bytes
    app.extensions["motcua"] = product
    app.extensions[_GUARDS] = [_guards(settings, styles) for styles in ("'self'", "'self' 'unsafe-inline'")]
    rates.begin(app)
    csrf = CSRFProtect(app)
    Babel(app, locale_selector=languages.chosen)
    words.speak(app)
    for screen in SCREENS:
        app.register_blueprint(screen)
        if getattr(screen, "csrf_exempt", False):
            csrf.exempt(screen)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    app.before_request(_before)
    app.after_request(_after)
    app.after_request(compress_static)
    app.context_processor(_context)
    app.register_error_handler(MotcuaError, _on_error)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(HTTPException, _on_http)
    return app


def _prepare_templates(app: Flask) -> None:
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True, "extensions": [FixedWords]}
    app.jinja_env.filters.update(
        FILTERS,
        procedure_named=names.procedure_named,
        step_named=names.step_named,
        fee_named=names.fee_named,
        refund_told=names.refund_told,
        ground_named=names.ground_named,
        letter_titled=letter_words.letter_title,
        message_told=letter_words.message_told,
        in_language=letter_words.in_language,
    )


def _before() -> BaseResponse | None:
    given = request.headers.get("X-Request-Id", "")  # a proxy in front may have numbered it already
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(6)
    g.begun = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id)
    raw = session.get("csrf_token") if request.endpoint != "static" else None
    if isinstance(raw, str):
        g.csrf_token = form_token(str(current_app.secret_key), raw)
    return languages.switch()


def _guards(settings: Settings, styles: str) -> tuple[tuple[str, str], ...]:
    """What every answer tells the browser to keep to; ``styles`` is where styles may come from."""
    gateway = urlsplit(settings.gateway_pay_url)
    policy = (
        f"default-src 'self'; script-src 'self'; style-src {styles}; img-src 'self' data:; object-src 'none'; "
        f"base-uri 'none'; frame-ancestors 'none'; form-action 'self' {gateway.scheme}://{gateway.netloc}"
    )
    found = (
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    )
    encrypted = settings.address.startswith("https://")
    return (*found, ("Strict-Transport-Security", "max-age=31536000")) if encrypted else found


def _after(response: Response) -> Response:
    guards = current_app.extensions[_GUARDS]
    for name, value in guards[request.endpoint in DIAGRAM_ENDPOINTS]:
        response.headers[name] = value
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint != "static":
        # The rule and not the path: a path may hold the code by which a citizen follows a dossier.
        _log.info(
            "request",
            method=request.method,
            rule=request.url_rule.rule if request.url_rule else "",
            status=response.status_code,
            ms=round((time.perf_counter() - g.begun) * 1000, 1) if "begun" in g else 0,
        )
    return response


def _context() -> dict[str, Any]:
    person = web.actor()
    settings = web.product().settings
    return {
        "nav": navigation(person, unread=unread(person)),
        "account": {"name": person.name, "role": "", "sign_out_url": url_for("account.sign_out")} if person else None,
        "sign_in_url": url_for("account.sign_in"),
        "language": web.language(),
        "language_urls": languages.urls(),
        "owner": {"name": settings.owner},
        "person": person,
        "demo": not settings.production,
        "now": web.product().clock.now(),
    }


def _on_error(error: MotcuaError) -> Any:
    if isinstance(error, web.SignInNeeded) and not _wants_problem():
        return redirect(url_for("account.sign_in", next=request.path))
    answer = current_app.make_response(
        _show(status_of(error), error.code, error.message(web.language()), error.message("vi"))
    )
    answer.headers.update(retry_after(error))
    return answer


def _on_csrf(error: CSRFError) -> Any:
    _log.info("csrf", reason=error.description)
    vi = "Trang đã mở quá lâu hoặc không gửi từ trang này. Hãy tải lại trang rồi làm lại."
    en = "The page is too old, or the request did not come from it. Reload the page and try again."
    return _show(HTTPStatus.BAD_REQUEST, "csrf", vi if web.language() == "vi" else en, vi)


_HTTP_SENTENCES = {
    404: ("Không tìm thấy trang này.", "This page was not found."),
    405: ("Trang này không nhận kiểu yêu cầu đó.", "This page does not take that kind of request."),
    413: ("Tệp hoặc nội dung gửi lên quá lớn.", "What was sent is too large."),
    429: ("Bạn thử quá nhiều lần; hãy chờ một phút.", "Too many tries; wait a minute."),
}


def _on_http(error: HTTPException) -> Any:
    if isinstance(error, HTTPException) and error.code and error.code < HTTPStatus.BAD_REQUEST:
        return error
    status = HTTPStatus(error.code or 500)
    vi, en = _HTTP_SENTENCES.get(
        status, ("Có lỗi hệ thống; chưa có gì thay đổi.", "Something failed; nothing changed.")
    )
    return _show(status, f"http-{status.value}", vi if web.language() == "vi" else en, vi)


def _wants_problem() -> bool:
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/problem+json"


def _show(status: HTTPStatus, code: str, sentence: str, vietnamese: str) -> Any:
    if _wants_problem():
        problem = {
            "type": f"urn:motcua:problem:{code}",
            "title": vietnamese,
            "status": status.value,
            "detail": sentence,
            "code": code,
            "instance": f"urn:motcua:request:{g.get('request_id', '')}",
        }
        response = current_app.json.response(problem)
        response.mimetype = "application/problem+json"
        response.status_code = status
        return response
    page = render_template(
        "error.html", status=status.value, code=code, sentence=sentence, request_id=g.get("request_id", "")
    )
    return page, status
