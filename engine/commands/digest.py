"""A digest a day for officials: what they hold, what is late, what they wanted to look at again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.clock import ZONE
from engine.commands import mailing
from engine.commands.context import Context
from engine.errors import Forbidden, Text
from engine.model import permission as role
from engine.store.records import StoredMessage

_WORKING = frozenset({role.DESK, role.SPECIALIST, role.LEADER, role.CLERK, role.ACCOUNTANT})


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigests:
    """Write every official's digest of a day; any number of workers may ask for it each morning."""

    day: date


def send_digests(context: Context, command: SendDigests) -> dict[str, Any]:
    """How many were written; nobody gets an empty one, and nobody two for a day: its slot is claimed with them."""
    if not context.actor.is_system:
        raise Forbidden(why=Text(vi="việc của hệ thống", en="the system's work"))
    day = command.day.isoformat()
    if not context.uow.slots.claim("digest", day, owner=context.actor.login, at=context.now):
        return {"day": day, "begun": False, "written": 0}
    end = datetime.combine(command.day, datetime.min.time(), tzinfo=ZONE) + timedelta(days=1)
    written = []
    for account in context.uow.organisation.staff():
        person = context.uow.organisation.actor(account.login, context.now)
        if person is None or not any(post.role in _WORKING for post in person.posts):
            continue
        lines = _lines(context, account.login, end)
        for unit in sorted({post.unit for post in person.posts if post.role == role.LEADER}):
            lines += _unit_lines(context, unit)
        if lines:
            written.append(_message(context, (account.login, account.email), command.day, lines))
    return {"day": day, "begun": True, "written": mailing.post(context, written)}


def _lines(context: Context, login: str, end: datetime) -> list[Text]:
    load = context.uow.tasks.workload(login, end)
    if not load.open:
        return []
    held = Text(
        vi=f"Đang giữ {load.open} việc: quá hạn {load.overdue}, sắp đến hạn {load.due_soon}.",
        en=f"Tasks you hold: {load.open}; overdue: {load.overdue}; due soon: {load.due_soon}.",
    )
    again = Text(
        vi=f"Hẹn xem lại hôm nay: {load.follow_up} việc.", en=f"To be looked at again today: {load.follow_up}."
    )
    return [held, again] if load.follow_up else [held]


def _unit_lines(context: Context, code: str) -> list[Text]:
    late = context.uow.alerts.open_in(code)
    if not late:
        return []
    silent, unit = sum(1 for alert in late if not alert.reason), context.uow.organisation.unit(code, context.now)
    return [
        Text(
            vi=f"{unit.short_name}: {len(late)} hồ sơ có nguy cơ trễ hoặc đã trễ, {silent} chưa giải trình.",
            en=f"{unit.short_name}: {len(late)} dossiers are or will be late; not explained yet: {silent}.",
        )
    ]


def _message(context: Context, to: tuple[str, str], day: date, lines: list[Text]) -> StoredMessage:
    subject = Text(vi=f"Việc ngày {day:%d/%m/%Y}", en=f"Work on {day:%d/%m/%Y}")
    link = f"{context.rules.base_url}/inbox"
    body = "\n".join([*(line.vi for line in lines), link, "", "---", subject.en, *(line.en for line in lines), ""])
    return mailing.message(context, "", to, (subject.vi, body))
