"""Leave: somebody stands in from one moment to another, in named posts, and never for both drafting and signing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.commands.context import Context
from engine.commands.operations import ReasonMissing
from engine.errors import DomainError, Forbidden, InvalidInput, Text
from engine.model.permission import LEADER, OPERATOR, ROLES
from engine.store.desk_records import Substitution

_LONGEST = timedelta(days=366)


class SubstituteUnfit(DomainError):
    """{name} cannot stand in: {why} (one-stop rules, I15)."""

    code = "substitute-unfit"
    vi = "{name} không thể thay: {why} (quy tắc một cửa)."


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterSubstitution:
    """The absent official, the unit's leader or an operator says who stands in."""

    absent: str
    substitute: str
    unit: str
    role: str  #: empty = every post of the absent in the unit
    valid_from: datetime
    valid_to: datetime
    reason: str


def enter_substitution(context: Context, command: EnterSubstitution) -> dict[str, Any]:
    """The substitution's id."""
    actor, organisation, now = context.actor, context.uow.organisation, context.now
    if actor.login != command.absent and not _in_charge(context, command.unit):
        raise Forbidden(
            why=Text(
                vi="việc của người nghỉ, lãnh đạo đơn vị hoặc quản trị",
                en="the work of the absent, the unit's leader or an operator",
            )
        )
    if not command.reason.strip():
        raise ReasonMissing(what=Text(vi="thay quyền khi vắng mặt", en="standing in"))
    if command.role and command.role not in ROLES:
        raise InvalidInput(what="role", why=command.role)
    start, end = max(command.valid_from, now), command.valid_to
    if not start < end <= start + _LONGEST:
        raise InvalidInput(what="valid_to", why=Text(vi="từ ngày – đến ngày không hợp lệ", en="the span is not valid"))
    absent, substitute = organisation.actor(command.absent, now), organisation.actor(command.substitute, now)
    own = [] if absent is None else [p for p in absent.posts if p.unit == command.unit and not p.on_behalf_of]
    own = [post for post in own if command.role in {"", post.role}]
    if absent is None or not own:
        raise InvalidInput(
            what=command.absent,
            why=Text(vi=f"không giữ chức danh đó tại {command.unit}", en=f"holds no such post in {command.unit}"),
        )
    if substitute is None or not substitute.official or substitute.login == absent.login:
        raise SubstituteUnfit(
            name=command.substitute,
            why=Text(vi="phải là cán bộ khác đang làm việc", en="it has to be another official in service"),
        )
    row = Substitution(
        id=secrets.token_hex(8),
        absent=absent.login,
        substitute=substitute.login,
        unit=command.unit,
        role=command.role,
        valid_from=start,
        valid_to=end,
        reason=command.reason.strip()[:500],
        entered_by=actor.login,
        entered_at=now,
        revoked_by="",
        revoked_at=None,
    )
    context.uow.substitutions.add(row)
    return {"substitution": row.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeSubstitution:
    """The absent is back early."""

    substitution: str


def revoke_substitution(context: Context, command: RevokeSubstitution) -> dict[str, Any]:
    """Whether it ended now."""
    row = context.uow.substitutions.get(command.substitution)
    if context.actor.login != row.absent and not _in_charge(context, row.unit):
        raise Forbidden(
            why=Text(
                vi="việc của người nghỉ, lãnh đạo đơn vị hoặc quản trị",
                en="the work of the absent, the unit's leader or an operator",
            )
        )
    ended = context.uow.substitutions.revoke(row.id, by=context.actor.login, at=context.now)
    return {"substitution": row.id, "ended": ended}


def _in_charge(context: Context, unit: str) -> bool:
    """Whether the actor leads the unit in an own post, or is an operator; a substitute passes nothing on."""
    own = [post for post in context.actor.posts if not post.on_behalf_of]
    return context.actor.is_system or any(
        (post.role == LEADER and post.unit == unit) or post.role == OPERATOR for post in own
    )
