"""A dossier's history in plain words for the person it belongs to: what happened and when, no internal names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.model.chain import Event
from engine.procedures import Procedure
from webapp import web
from webapp.formats import moment, money
from webapp.letter_words import letter_title
from webapp.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that happened. ``state`` is done, now or late."""

    at: datetime
    what: str
    detail: str = ""
    state: str = "done"


def timeline(events: Sequence[Event], procedure: Procedure) -> tuple[Told, ...]:
    """What an applicant cares about, newest first."""
    found = [told for event in events if (told := _told(event, procedure)) is not None]
    return tuple(reversed(found))


def _told(event: Event, procedure: Procedure) -> Told | None:
    body: Mapping[str, Any] = event.content()
    if event.kind == "TaskCompleted":
        step = procedure.element_name(event.node).in_(web.language())
        return Told(at=event.at, what=_("Đã xong bước: %(step)s", step=step))
    if event.kind == "DeadlineDerived":
        return None
    teller = _TELLERS.get(event.kind)
    if teller is None:
        return None
    what, detail = teller(body)
    if not what:
        return None
    return Told(at=event.at, what=what, detail=detail, state="late" if event.kind == "DossierOverdue" else "done")


def _payment(body: Mapping[str, Any]) -> tuple[str, str]:
    amount = money(body.get("amount"))
    match body.get("outcome"):
        case "paid":
            return _("Đã nộp %(amount)s", amount=amount), ""
        case "second":
            return _("Đã nhận thêm %(amount)s cho khoản đã nộp", amount=amount), _("Khoản thừa sẽ được hoàn lại.")
    return _("Thanh toán không thành công"), _("Bạn có thể nộp lại.")


def _delivered(body: Mapping[str, Any]) -> tuple[str, str]:
    ways = {"online": _("tải về"), "desk": _("tại Bộ phận Một cửa"), "post": _("qua bưu chính")}
    return _("Đã trả kết quả: %(way)s", way=ways.get(str(body.get("way")), "")), str(body.get("evidence") or "")


def _stored(body: Mapping[str, Any]) -> tuple[str, str]:
    if body.get("kind") not in {"slip", "letter"}:
        return "", ""
    return _("Đã lập: %(paper)s", paper=letter_title(str(body.get("name", "")))), ""


def _changed(body: Mapping[str, Any]) -> tuple[str, str]:
    due = body.get("due_at")
    if due:
        return _("Hẹn trả kết quả %(at)s", at=moment(datetime.fromisoformat(due))), ""
    return "", ""


_TELLERS: dict[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "DossierFiled": lambda body: (_("Đã nộp hồ sơ"), ""),
    "DossierChanged": _changed,
    "PapersRead": lambda body: (_("Đã đọc giấy tờ bạn gửi"), ""),
    "ChargeDemanded": lambda body: (_("Phải nộp %(amount)s", amount=money(body.get("amount"))), ""),
    "PaymentRecorded": _payment,
    "ReceiptIssued": lambda body: (_("Đã cấp biên lai số %(number)s", number=body.get("number")), ""),
    "DocumentStored": _stored,
    "ClockPaused": lambda body: (
        _("Tạm dừng tính thời hạn"),
        _("Theo văn bản %(document)s", document=body.get("document")),
    ),
    "ClockResumed": lambda body: (_("Tính tiếp thời hạn"), ""),
    "RefundOpened": lambda body: (
        _("Sẽ hoàn lại %(amount)s", amount=money(body.get("amount"))),
        str(body.get("reason", "")),
    ),
    "RefundPaid": lambda body: (_("Đã hoàn lại tiền"), ""),
    "ResultSigned": lambda body: (_("Kết quả đã được ký số và đóng dấu"), str(body.get("number", ""))),
    "ResultIssued": lambda body: (_("Đã ban hành kết quả"), str(body.get("number", ""))),
    "ResultDelivered": _delivered,
    "DossierOverdue": lambda body: (_("Đã quá hạn trả kết quả"), ""),
    "DeliveryDeferred": lambda body: (_("Đang chờ hệ thống khác"), str(body.get("message", ""))),
}
