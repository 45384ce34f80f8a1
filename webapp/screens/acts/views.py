"""What may be done to a dossier outside its drawn path, each an ordinary post; the commands decide who may."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.clock import ZONE
from engine.commands.alerts import RecordLatenessReason
from engine.commands.assignments import AssignTask, DelegateTask, ResolveTask, SetFollowUp, SetPriority
from engine.commands.cash import TakeCash
from engine.commands.comments import AddComment, WatchDossier
from engine.commands.extensions import DecideExtension, RequestExtension
from engine.commands.withdrawal import StopDossier, WithdrawDossier
from engine.errors import InvalidInput
from webapp import web
from webapp.screens.acts import bulk
from webapp.screens.acts.blueprint import screen
from webapp.words import gettext as _

__all__ = ["bulk", "screen"]


def _text(name: str, longest: int = 4000) -> str:
    return request.form.get(name, "").strip()[:longest]


def _number(name: str) -> int:
    value = request.form.get(name, type=int)
    if value is None:
        raise InvalidInput(what=name, why=_("phải là số nguyên"))
    return value


@screen.post("/dossiers/<number>/withdraw")
@web.needs_sign_in
def withdraw(number: str) -> Response:
    """The applicant withdraws, or the desk enters the written request."""
    command = WithdrawDossier(dossier=number, reason=_text("reason"), document=_text("document", 300))
    web.execute(command, key=_key())
    return _back(number, _("Hồ sơ %(number)s đã được rút.", number=number))


@screen.post("/dossiers/<number>/stop")
@web.needs_sign_in
def stop(number: str) -> Response:
    """The leader stops the settlement."""
    command = StopDossier(
        dossier=number,
        decision=_text("decision", 300),
        reason=_text("reason"),
        legal_base=_text("legal_base", 500),
        returned=_text("returned", 500),
        refund=bool(request.form.get("refund")),
        still_owed=bool(request.form.get("still_owed")),
    )
    web.execute(command, key=_key())
    return _back(number, _("Đã dừng giải quyết hồ sơ %(number)s; thông báo mẫu 05 đang được ký.", number=number))


@screen.post("/dossiers/<number>/extension")
@web.needs_sign_in
def ask_extension(number: str) -> Response:
    """Ask the leader for a re-appointment."""
    web.execute(
        RequestExtension(dossier=number, days=_number("days"), reason=_text("reason"), remedy=_text("remedy")),
        key=_key(),
    )
    return _back(number, _("Đã trình lãnh đạo đề nghị gia hạn; hạn cũ vẫn giữ cho đến khi văn bản xin lỗi được ký."))


@screen.post("/dossiers/<number>/extension/decide")
@web.needs_sign_in
def decide_extension(number: str) -> Response:
    """The leader's yes or no."""
    approve = request.form.get("decision") == "approve"
    web.execute(DecideExtension(dossier=number, approve=approve, note=_text("note")), key=_key())
    if approve:
        return _back(number, _("Văn bản xin lỗi đang được lập và ký; ký xong thì hạn mới có hiệu lực."))
    return _back(number, _("Đã từ chối đề nghị gia hạn."))


@screen.post("/dossiers/<number>/lateness")
@web.needs_sign_in
def lateness(number: str) -> Response:
    """Reason and remedy of a late dossier."""
    web.execute(RecordLatenessReason(dossier=number, reason=_text("reason"), remedy=_text("remedy")), key=_key())
    return _back(number, _("Đã ghi giải trình. Cảnh báo chỉ hết khi hồ sơ tiến triển."))


@screen.post("/dossiers/<number>/comments")
@web.needs_sign_in
def comment(number: str) -> Response:
    """Write to colleagues."""
    web.execute(AddComment(dossier=number, text=_text("text", 5000), task=_text("task", 80)), key=_key())
    return _back(number, _("Đã ghi ý kiến."))


@screen.post("/dossiers/<number>/watch")
@web.needs_sign_in
def watch(number: str) -> Response:
    """Begin or end to watch."""
    on = request.form.get("watch") != "0"
    web.execute(WatchDossier(dossier=number, watch=on))
    return _back(number, _("Bạn sẽ được báo về hồ sơ này.") if on else _("Bạn không theo dõi hồ sơ này nữa."))


@screen.post("/charges/<path:charge>/cash")
@web.needs_sign_in
def cash(charge: str) -> Response:
    """Take cash at the desk."""
    taken = web.execute(
        TakeCash(charge=charge, amount=_number("amount"), payer=_text("payer", 200)), key=f"cash:{charge}:{_key()}"
    )
    return _back(taken["dossier"], _("Đã thu tiền, biên lai %(number)s.", number=taken["receipt"]))


@screen.post("/tasks/<task_id>/assign")
@web.needs_sign_in
def assign(task_id: str) -> Response:
    """The leader gives a task to somebody."""
    command = AssignTask(
        task=task_id, to=_text("to", 80), reason=_text("reason"), revision=request.form.get("revision", type=int)
    )
    return _back(web.execute(command)["dossier"], _("Đã giao việc."))


@screen.post("/tasks/<task_id>/delegate")
@web.needs_sign_in
def delegate(task_id: str) -> Response:
    """Let a colleague work on it."""
    command = DelegateTask(
        task=task_id, to=_text("to", 80), note=_text("note"), revision=request.form.get("revision", type=int)
    )
    return _back(web.execute(command)["dossier"], _("Đã nhờ đồng nghiệp làm; việc sẽ trả lại bạn."))


@screen.post("/tasks/<task_id>/resolve")
@web.needs_sign_in
def resolve(task_id: str) -> Response:
    """Give a delegated task back."""
    command = ResolveTask(task=task_id, note=_text("note"), revision=request.form.get("revision", type=int))
    return _back(web.execute(command)["dossier"], _("Đã trả việc lại cho người nhờ."))


@screen.post("/tasks/<task_id>/follow-up")
@web.needs_sign_in
def follow_up(task_id: str) -> Response:
    """Look at it again on a day."""
    typed = _text("on", 10)
    command = SetFollowUp(task=task_id, at=_morning(typed) if typed else None)
    return _back(web.execute(command)["dossier"], _("Đã ghi ngày xem lại."))


@screen.post("/tasks/<task_id>/priority")
@web.needs_sign_in
def priority(task_id: str) -> Response:
    """The leader orders work."""
    command = SetPriority(task=task_id, priority=_number("priority"))
    return _back(web.execute(command)["dossier"], _("Đã đặt mức ưu tiên."))


def _morning(typed: str) -> datetime:
    for shape in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(typed, shape).replace(hour=7, minute=30, tzinfo=ZONE)
        except ValueError:
            continue
    raise InvalidInput(what=typed, why=_("ghi ngày như 24/11/2026"))


def _key() -> str:
    """The key that the form was drawn with, so that a double click acts once; none when it brought none."""
    return request.form.get("key", "")[:80]


def _back(number: str, sentence: str) -> Response:
    flash(sentence, "success")
    target = request.form.get("next", "")
    parts = urlsplit(target)
    foreign = parts.scheme or parts.netloc or target.startswith("//") or "\\" in target
    if target.startswith("/") and not foreign:
        return redirect(target)
    official = web.signed_in().official
    return redirect(url_for("dossiers.show" if official else "portal.dossier", number=number))
