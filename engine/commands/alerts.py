"""What the responsible person says about a dossier that is, or will be, late: it silences nothing, progress does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.commands import notices
from engine.commands.context import Context
from engine.commands.operations import ReasonMissing
from engine.commands.work import Work
from engine.errors import DomainError, Forbidden, Text
from engine.model import permission as role
from engine.store.records import Dossier

#: How high a warning has climbed.
PERSON, UNIT, PROVINCE = 0, 1, 2


class NothingToExplain(DomainError):
    """Dossier {number} is neither due soon nor overdue; there is nothing to explain."""

    code = "nothing-to-explain"
    vi = "Hồ sơ {number} chưa sắp đến hạn cũng chưa quá hạn nên chưa phải giải trình."


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
    context.uow.alerts.explain(dossier.number, reason=reason, remedy=remedy, by=work.context.actor.name, at=context.now)
    work.tell("LatenessExplained", {"reason": reason, "remedy": remedy, "level": alert.level})
    work.write()
    number, name = dossier.number, work.context.actor.name
    subject = Text(vi=f"Giải trình hồ sơ {number}", en=f"Explanation for dossier {number}")
    body = Text(
        vi=f"{name}: {reason}. Biện pháp: {remedy}.",
        en=f"{name}: {reason}. Remedy: {remedy}.",
    )
    notices.tell_officials(context, dossier, notices.heads(context, dossier.competent_unit), subject, body)
    return {"number": number, "level": alert.level}


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
