"""Daily targets of the province or a unit, dated and with their ground."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.commands.context import Context
from engine.commands.operations import ReasonMissing
from engine.errors import Forbidden, InvalidInput, Text
from engine.model.permission import LEADER, OPERATOR
from engine.store.desk_records import Quota

#: Share received online; share that was online from filing to result.
MEASURES = ("received_online", "fully_online")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetQuota:
    """Set a target from a moment on."""

    measure: str
    percent: int
    ground: str  #: the document that sets it
    unit: str = ""  #: empty = the whole province
    valid_from: datetime | None = None


def set_quota(context: Context, command: SetQuota) -> dict[str, Any]:
    """The measure and its target; earlier days keep theirs."""
    own = [post for post in context.actor.posts if not post.on_behalf_of]
    leads = any(post.role == LEADER and post.unit == command.unit for post in own) if command.unit else False
    if not leads and not any(post.role == OPERATOR for post in own) and not _of_province(context):
        raise Forbidden(why=Text(vi="việc của lãnh đạo hoặc quản trị", en="a leader's or an operator's work"))
    if command.measure not in MEASURES:
        raise InvalidInput(what="measure", why=", ".join(MEASURES))
    if not 0 <= command.percent <= 100:
        raise InvalidInput(what="percent", why="0–100")
    if not command.ground.strip():
        raise ReasonMissing(what=Text(vi="văn bản giao chỉ tiêu", en="the document that sets the target"))
    if command.unit:
        context.uow.organisation.unit(command.unit, context.now)
    start = max(command.valid_from or context.now, context.now)  # never for days that are over
    context.uow.quotas.put(
        Quota(
            unit=command.unit,
            measure=command.measure,
            valid_from=start,
            percent=command.percent,
            ground=command.ground.strip()[:300],
            entered_by=context.actor.login,
        )
    )
    return {"measure": command.measure, "percent": command.percent, "unit": command.unit}


def _of_province(context: Context) -> bool:
    units = {unit.code for unit in context.uow.organisation.units(context.now) if unit.kind == "province"}
    return any(post.role == LEADER and post.unit in units for post in context.actor.posts)
