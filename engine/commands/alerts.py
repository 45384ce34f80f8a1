"""What the responsible person says about a dossier that is, or will be, late: it silences nothing, progress does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.commands import notices
from engine.commands.context import Context
from engine.commands.operations import ReasonMissing
from engine.commands.work import Work
from engine.errors import DomainError, Forbidden, Text
from engine.model import permission as role
from engine.store.records import Dossier
from engine.store.unit_of_work import UnitOfWork

#: How high a warning has climbed.
PERSON, UNIT, PROVINCE = 0, 1, 2


class NothingToExplain(DomainError):
    """Dossier {number} is neither due soon nor overdue; there is nothing to explain."""

    code = "nothing-to-explain"
    vi = "Hồ sơ {number} chưa sắp đến hạn cũng chưa quá hạn nên chưa phải giải trình."


class LatenessUnexplained(DomainError):
    """Dossier {number} was due at {due} and no reason is on record: say with this step why it is late
    (Circular 03/2025/TT-VPCP, forms 04 and 06).
    """

    code = "lateness-unexplained"
    vi = (
        "Hồ sơ {number} đã quá hạn từ {due} mà chưa ghi lý do: hãy ghi lý do trễ hạn khi hoàn thành bước này "
        "(Thông tư 03/2025/TT-VPCP, mẫu 04 và 06)."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLatenessReason:
    """Why the dossier will be late, and what is done about it."""

    dossier: str
    reason: str
    remedy: str


def record_lateness_reason(context: Context, command: RecordLatenessReason) -> dict[str, Any]:
    """The dossier's number; the heads of the unit are told, the alert stays as high as it is."""
    work = Work.open(context, context.uow.dossiers.get(command.dossier))
    dossier = work.dossier
    entitled = next((held for held in _RESPONSIBLE if context.actor.holds(held, dossier.competent_unit)), "")
    if not entitled:
        raise Forbidden(
            why=Text(vi="việc của đơn vị đang giải quyết", en="the work of the unit that settles the dossier")
        )
    work = work.acting(entitled, dossier.competent_unit)
    alert = context.uow.alerts.of(dossier.number)
    if alert is None or alert.ended_at is not None:
        raise NothingToExplain(number=dossier.number)
    reason, remedy = command.reason.strip()[:2000], command.remedy.strip()[:2000]
    if not reason or not remedy:
        raise ReasonMissing(what=Text(vi="nguyên nhân và biện pháp khắc phục", en="reason and remedy"))
    _explain(work, alert.level, reason, remedy)
    work.write()
    return {"number": dossier.number, "level": alert.level}


def unexplained(uow: UnitOfWork, dossier: Dossier, now: datetime) -> bool:
    """Whether the promised moment has passed and nobody has said why since it was promised, or promised again."""
    if dossier.due_at is None or now <= dossier.due_at:
        return False
    said = False
    for event in uow.journal.of(dossier.number):
        said = event.kind == "LatenessExplained" or (said and event.kind != "DeadlineExtended")
    return not said


def account_for(work: Work, reason: str) -> None:
    """Past its due moment a dossier moves no step before the reason is on record; one reason a promised term."""
    dossier, reason = work.dossier, reason.strip()[:2000]
    if not unexplained(work.context.uow, dossier, work.context.now):
        return
    if not reason:
        raise LatenessUnexplained(number=dossier.number, due=notices.shown(dossier.due_at))
    alert = work.context.uow.alerts.of(dossier.number)
    _explain(work, UNIT if alert is None else alert.level, reason, "")


def _explain(work: Work, level: int, reason: str, remedy: str) -> None:
    """Keep what is said at the alert and in the history; the heads of the unit are told."""
    context, dossier, name = work.context, work.dossier, work.context.actor.name
    context.uow.alerts.explain(dossier.number, reason=reason, remedy=remedy, by=name, at=context.now)
    work.tell("LatenessExplained", {"reason": reason, "remedy": remedy, "level": level})
    subject = Text(vi=f"Giải trình hồ sơ {dossier.number}", en=f"Explanation for dossier {dossier.number}")
    body = Text(
        vi=f"{name}: {reason}." + (f" Biện pháp: {remedy}." if remedy else ""),
        en=f"{name}: {reason}." + (f" Remedy: {remedy}." if remedy else ""),
    )
    heads = notices.heads(context, dossier.competent_unit)
    others = tuple(head for head in heads if head.login != context.actor.login)
    notices.tell_officials(context, dossier, others, subject, body)


_RESPONSIBLE = (role.SPECIALIST, role.DESK, role.CLERK, role.LEADER)


def climb(work: Work, level: int) -> None:
    """Raise the alert at least to ``level`` and tell everybody up to it."""
    context, dossier = work.context, work.dossier
    context.uow.alerts.climb(dossier.number, dossier.competent_unit, level, context.now)
    people = notices.responsible(context, dossier) + notices.heads(context, dossier.competent_unit)
    people += notices.watchers(context, dossier.number)
    if level >= PROVINCE:
        people += notices.province(context)
    subject, body = _words(dossier, level)
    told = notices.tell_officials(context, dossier, people, subject, body)
    work.tell("LatenessClimbed", {"level": level, "told": told})


def _words(dossier: Dossier, level: int) -> tuple[Text, Text]:
    number, due = dossier.number, notices.shown(dossier.due_at)
    late = dossier.lateness == "overdue"
    subject = Text(
        vi=f"{'QUÁ HẠN' if late else 'Sắp đến hạn'}: hồ sơ {number}",
        en=f"{'OVERDUE' if late else 'Due soon'}: dossier {number}",
    )
    ask = Text(
        vi="Người đang giữ việc phải ghi nguyên nhân và biện pháp khắc phục.",
        en="Whoever holds the work has to give reason and remedy.",
    )
    up = (
        Text(vi=" Đã báo lãnh đạo tỉnh.", en=" The province has been told.")
        if level >= PROVINCE
        else Text(vi="", en="")
    )
    body = Text(
        vi=f"{dossier.procedure_name}, {dossier.applicant_name}: hạn {due}. {ask.vi}{up.vi}",
        en=f"{dossier.procedure_name}, {dossier.applicant_name}: due {due}. {ask.en}{up.en}",
    )
    return subject, body
