"""Refusals of the interface as RFC 9457 problems: stable code, Vietnamese title, a pointer to each mistake."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, g, request

from engine.commands.intake import AlreadyFiled, ApplicationInvalid
from engine.errors import Conflict, DomainError, FormInvalid, InvalidInput, MotcuaError, Text
from engine.forms import FieldError
from webapp import web
from webapp.http_status import Statuses, retry_after, status_of


class BodyUnreadable(InvalidInput):
    """The body cannot be read: {why}"""

    code = "body-unreadable"
    vi = "Không đọc được nội dung gửi lên: {why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One wrong place of a request. ``pointer`` is an RFC 6901 pointer into its body."""

    pointer: str
    code: str
    message: Text


class BodyInvalid(FormInvalid):
    """The request has {count} mistakes; each is named under errors."""

    code = "body-invalid"
    vi = "Yêu cầu có {count} chỗ sai; xem từng chỗ trong errors."

    def __init__(self, *, mistakes: tuple[Mistake, ...]) -> None:
        self.mistakes = mistakes
        super().__init__(count=len(mistakes))


class QueryInvalid(InvalidInput):
    """The parameter {what} is not valid: {why}"""

    code = "parameter-invalid"
    vi = "Tham số {what} không hợp lệ: {why}"


class RevisionNeeded(DomainError):
    """Send If-Match with the ETag of what you have read, so that nobody's change is overwritten."""

    code = "revision-needed"
    vi = "Hãy gửi If-Match với ETag đã đọc, để không ghi đè thay đổi của người khác."


class RevisionStale(DomainError):
    """{what} has changed since you read it; read it again and repeat with the new ETag."""

    code = "revision-stale"
    vi = "{what} đã thay đổi từ khi bạn đọc; hãy đọc lại rồi gửi với ETag mới."


class TaskClosed(Conflict):
    """This task is no longer open: the process has gone another way."""

    code = "task-closed"
    vi = "Việc này không còn mở: quy trình đã đi hướng khác."


class MediaTypeWrong(DomainError):
    """This takes {wanted}; the request is {given}."""

    code = "media-type"
    vi = "Ở đây nhận {wanted}; yêu cầu gửi {given}."


class TooLarge(DomainError):
    """The body is larger than {limit} bytes."""

    code = "too-large"
    vi = "Nội dung gửi lên lớn hơn {limit} byte."


class SignInWrong(web.SignInNeeded):
    """Login or password is wrong."""

    code = "sign-in-wrong"
    vi = "Tên đăng nhập hoặc mật khẩu không đúng."


class NotAcceptable(DomainError):
    """This can be had as {offered} only."""

    code = "not-acceptable"
    vi = "Nội dung này chỉ có dạng {offered}."


_OWN: Statuses = (
    (BodyUnreadable, HTTPStatus.BAD_REQUEST),
    (QueryInvalid, HTTPStatus.BAD_REQUEST),
    (RevisionNeeded, HTTPStatus.PRECONDITION_REQUIRED),
    (RevisionStale, HTTPStatus.PRECONDITION_FAILED),
    (MediaTypeWrong, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (NotAcceptable, HTTPStatus.NOT_ACCEPTABLE),
)


def language() -> str:
    """The language of ``detail`` and of messages: what the request prefers, Vietnamese where it does not say."""
    return "en" if request.accept_languages.best_match(("vi", "en"), default="vi") == "en" else "vi"


def problem(error: MotcuaError) -> Response:
    """The response for a refusal."""
    status = status_of(error, _OWN)
    body: dict[str, Any] = {
        "type": f"urn:motcua:problem:{error.code}",
        "title": error.message("vi"),
        "status": status.value,
        "detail": error.message(language()),
        "code": error.code,
        "instance": f"urn:motcua:request:{g.get('request_id', '')}",
    }
    mistakes = _mistakes(error)
    if mistakes:
        body["errors"] = told(mistakes)
    if isinstance(error, AlreadyFiled):
        body["dossier"] = error.facts["number"]
    response = Response(orjson.dumps(body), status=status.value, mimetype="application/problem+json")
    response.headers.update(retry_after(error))
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="motcua"'
    return response


def told(mistakes: tuple[Mistake, ...]) -> list[dict[str, str]]:
    """The mistakes as JSON."""
    return [{"pointer": one.pointer, "code": one.code, "message": one.message.in_(language())} for one in mistakes]


def of_form(errors: tuple[FieldError, ...], root: str = "/data") -> tuple[Mistake, ...]:
    """A form's mistakes with pointers into the member of the body that holds its data."""
    places = (f"{root}/{one.path.replace('.', '/')}" if one.path else root for one in errors)
    return tuple(
        Mistake(pointer=place, code=one.code, message=one.message) for place, one in zip(places, errors, strict=True)
    )


def _mistakes(error: MotcuaError) -> tuple[Mistake, ...]:
    if isinstance(error, BodyInvalid):
        return error.mistakes
    if isinstance(error, ApplicationInvalid):
        return of_form(error.errors)
    return ()
