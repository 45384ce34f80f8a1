"""Silence that the law reads as an answer: a moment to compute, at which an explicit event is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.errors import Text
from engine.model.calendar import Calendar
from engine.model.deadline import DEFAULT, Conventions, Deadline, Duration, Limit, TimeUnit, compute
from engine.model.schedule import WorkSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceRule:
    """After ``parts`` without an answer, ``meaning`` holds; the timer writes the event named ``event``."""

    code: str
    event: str
    parts: tuple[Duration, ...]
    meaning: Text
    ground: str


#: A consulted agency that does not answer in 12 days agrees (procedure 1.013225).
CONSULTED_AGENCY = SilenceRule(
    code="consulted-agency",
    event="OpinionDeemedGiven",
    parts=(Duration(qty=Decimal(12), unit=TimeUnit.DAY),),
    meaning=Text(
        vi="Quá 12 ngày không có văn bản trả lời: cơ quan được lấy ý kiến được coi là đồng ý",
        en="No written answer in 12 days: the consulted agency is deemed to agree",
    ),
    ground="Luật Xây dựng 2014, Điều 102 khoản 1 (chưa đối chiếu bản hợp nhất)",
)
#: The requester's check of an online draft: one day without an objection confirms it (procedure 1.001193).
DRAFT_CONFIRMATION = SilenceRule(
    code="draft-confirmation",
    event="DraftDeemedConfirmed",
    parts=(Duration(qty=Decimal(1), unit=TimeUnit.DAY),),
    meaning=Text(
        vi="Quá 01 ngày người yêu cầu không phản hồi bản dự thảo: được coi là xác nhận đúng",
        en="No objection to the draft within 1 day: it is deemed confirmed",
    ),
    ground="Thủ tục 1.001193, trình tự thực hiện",
)
SILENCE_RULES = (CONSULTED_AGENCY, DRAFT_CONFIRMATION)


def silence_deadline(
    asked_at: datetime,
    rule: SilenceRule,
    calendar: Calendar,
    schedule: WorkSchedule,
    *,
    settings: Conventions = DEFAULT,
) -> Deadline:
    """When the silence is complete, counted like any term from the moment of asking. An answer before it ends it."""
    limit = Limit(parts=rule.parts, id=rule.code, ground=rule.ground)
    return compute(asked_at, limit, calendar, schedule, settings=settings)
