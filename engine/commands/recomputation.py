"""A change of the calendar: an open dossier's deadline is computed again, and the difference is on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.commands import deadlines, notices
from engine.commands.context import Context
from engine.commands.work import Work
from engine.errors import Forbidden, Text
from engine.model.permission import OPERATOR
from engine.model.timetable import working_minutes_between
from engine.store.records import Dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class RecomputeDeadline:
    """Compute one open dossier's deadline from the calendar as it is now."""

    dossier: str


def recompute_deadline(context: Context, command: RecomputeDeadline) -> dict[str, Any]:
    """The due moment before and after; a dossier whose deadline stays the same is left alone."""
    if not context.actor.is_system and not any(post.role == OPERATOR for post in context.actor.posts):
        raise Forbidden(why=Text(vi="cần vai trò quản trị", en="needs the role operator"))
    dossier = context.uow.dossiers.get(command.dossier)
    if dossier.business.closed or dossier.clock_from is None:
        return {"number": dossier.number, "changed": False}
    work = Work.open(context, dossier)
    fresh = deadlines.preview(work, dossier.deadline)
    if (fresh.due_at, fresh.due_without_extension) == (dossier.due_at, dossier.promised_at):
        return {"number": dossier.number, "changed": False}
    before, after = dossier.due_at, fresh.due_at
    work.tell(
        "CalendarChanged",
        {
            "from": str(dossier.deadline.get("calendar", "")),
            "to": context.rules.calendar.digest,
            "old_due": before.isoformat() if before else None,
            "new_due": after.isoformat() if after else None,
            "minutes": _difference(work, dossier, after=after),
        },
    )
    deadlines.derive(work)
    number = dossier.number
    subject = Text(vi=f"Hẹn trả mới của hồ sơ {number}", en=f"New due moment of dossier {number}")
    body = Text(
        vi=f"Lịch làm việc thay đổi: hẹn trả {notices.shown(before)} nay là {notices.shown(after)}",
        en=f"The working calendar has changed: {notices.shown(before)} is now {notices.shown(after)}",
    )
    notices.tell_applicant(context, dossier, subject, body)
    work.write()
    return {"number": number, "changed": True, "old_due": str(before), "new_due": str(after)}


def _difference(work: Work, dossier: Dossier, *, after: Any) -> int:
    """Working minutes, by the new calendar, by which the due moment has moved; negative when it is earlier."""
    before = dossier.due_at
    if before is None or after is None:
        return 0
    schedule, calendar = deadlines.schedule_of(work), work.context.rules.calendar
    later = working_minutes_between(before, after, calendar, schedule)
    return later or -working_minutes_between(after, before, calendar, schedule)
