"""What a person may do to a dossier outside its drawn path now, and for everything else why not.

The commands decide again; this says the same beforehand, in words, so that nobody fills in a form for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.model import permission as role
from engine.model.permission import Actor
from engine.model.status import Business, Delivery
from engine.store.records import Dossier
from webapp.words import gettext as _

_SETTLING = (role.SPECIALIST, role.DESK, role.CLERK, role.LEADER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that can be done to dossiers; ``why`` says why it is not possible here and now, empty when it is."""

    name: str
    why: str


def acts_of(dossier: Dossier, person: Actor, now: datetime) -> Mapping[str, Act]:
    """Every act by its key, in the order in which it is shown."""
    ended = _ended(dossier)
    return {
        "extension": Act(name=_("Đề nghị gia hạn (mẫu 04)"), why=ended or _no_extension(dossier, person, now)),
        "lateness": Act(name=_("Giải trình hồ sơ trễ hoặc sắp trễ"), why=ended or _no_explanation(dossier, person)),
        "stop": Act(name=_("Dừng giải quyết (mẫu 05)"), why=ended or _signed(dossier) or _no_stop(dossier, person)),
        "withdraw": Act(name=_("Rút hồ sơ"), why=ended or _signed(dossier) or _no_withdrawal(dossier, person)),
        "hand_over": Act(name=_("Trả kết quả"), why=_no_hand_over(dossier, person)),
    }


def _ended(dossier: Dossier) -> str:
    return _("Hồ sơ đã kết thúc.") if dossier.business.closed else ""


def _signed(dossier: Dossier) -> str:
    return _("Kết quả đã ký; chỉ còn ban hành và trả.") if dossier.business is Business.RESULT_SIGNED else ""


def _settles(dossier: Dossier, person: Actor) -> str:
    if any(person.holds(held, dossier.competent_unit) for held in _SETTLING):
        return ""
    return _("Việc của đơn vị đang giải quyết hồ sơ.")


def _no_extension(dossier: Dossier, person: Actor, now: datetime) -> str:
    foreign = _settles(dossier, person)
    if foreign:
        return foreign
    if dossier.deadline.get("asked_extension"):
        return _("Đã có một đề nghị đang chờ lãnh đạo.")
    limit, given = dossier.deadline.get("limit", {}), len(dossier.deadline.get("extensions", ()))
    if given >= (limit.get("max_extensions") or 1):
        return _("Đã gia hạn đủ %(n)s lần mà thủ tục cho phép.", n=given)
    if dossier.clock_from is None:
        return _("Thời hạn giải quyết chưa bắt đầu.")
    if dossier.due_at is None:
        return _("Thời hạn đang tạm dừng; chỉ gia hạn khi đang tính.")
    if dossier.due_at <= now:
        return _("Đã quá hạn: chỉ được hẹn lại trước khi đến hạn.")
    return ""


def _no_explanation(dossier: Dossier, person: Actor) -> str:
    if not dossier.lateness:
        return _("Hồ sơ chưa sắp đến hạn.")
    return _settles(dossier, person)


def _no_stop(dossier: Dossier, person: Actor) -> str:
    return "" if person.holds(role.LEADER, dossier.competent_unit) else _("Chỉ lãnh đạo đơn vị giải quyết được dừng.")


def _no_withdrawal(dossier: Dossier, person: Actor) -> str:
    own = bool(dossier.applicant) and dossier.applicant == person.login
    if own or person.holds(role.DESK, dossier.receiving_unit):
        return ""
    return _("Người nộp rút, hoặc Bộ phận Một cửa ghi đơn xin rút.")


def _no_hand_over(dossier: Dossier, person: Actor) -> str:
    if dossier.delivery is Delivery.DELIVERED:
        return _("Kết quả đã được trả.")
    if dossier.business is not Business.RESULT_ISSUED:
        return _("Chưa có kết quả được ban hành.")
    if not person.holds(role.DESK, dossier.receiving_unit):
        return _("Bộ phận Một cửa nơi nhận hồ sơ trả kết quả.")
    return ""
