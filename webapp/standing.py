"""How a dossier stands against its due moment, as a tag: the words say it, the colour repeats it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.remaining import Remaining, Standing
from engine.model.status import Business, Finance
from webapp import web
from webapp.words import gettext as _

_KINDS = {
    Standing.IN_TIME: "in-time",
    Standing.DUE_SOON: "due-soon",
    Standing.OVERDUE: "overdue",
    Standing.PAUSED: "waiting",
    Standing.DONE: "done",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """Words and the modifier of the ``tag`` class."""

    kind: str
    words: str


def standing_tag(remaining: Remaining | None) -> Tag:
    """The tag of a computed standing; before the clock began there is nothing to count."""
    if remaining is None:
        return Tag(kind="plain", words=_("Chưa tính hạn"))
    kind = "overdue" if remaining.on_time is False else _KINDS[remaining.state]
    return Tag(kind=kind, words=remaining.words.in_(web.language()))


def waiting_words(business: Business, finance: Finance, waiting_for: str) -> str:
    """What a dossier waits for, in plain words; nothing when it waits for an official."""
    if waiting_for:
        return waiting_for
    if business in {Business.INTAKE_SUPPLEMENT, Business.WAIT_SUPPLEMENT}:
        return _("Chờ người nộp bổ sung giấy tờ")
    if business is Business.WAIT_AGENCY:
        return _("Chờ ý kiến cơ quan khác")
    if not business.closed and finance in {Finance.DUE, Finance.PENDING}:
        return _("Chờ người nộp thanh toán phí")
    return ""


def role_name(role: str) -> str:
    """A role as people call it."""
    names = {
        "applicant": _("Người nộp"),
        "desk": _("Bộ phận Một cửa"),
        "specialist": _("Công chức chuyên môn"),
        "leader": _("Lãnh đạo ký"),
        "clerk": _("Văn thư"),
        "analyst": _("Người soạn quy trình"),
        "auditor": _("Kiểm tra"),
        "operator": _("Quản trị vận hành"),
        "accountant": _("Kế toán"),
    }
    return names.get(role, role)
