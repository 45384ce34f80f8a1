"""Plans that move chosen dossiers to another version of their procedure, and what came of each dossier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.errors import NotFound, Text
from engine.model.events import DRIVING
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.rows import Rows, changed
from engine.store.statement import Statement


class PlanState(StrEnum):
    """Where a plan stands."""

    PROPOSED = "proposed"  #: chờ duyệt
    APPROVED = "approved"  #: đã duyệt, đang hoặc đã chuyển
    SET_ASIDE = "set_aside"  #: bỏ kế hoạch


class ItemState(StrEnum):
    """What came of one dossier of a plan."""

    WAITING = "waiting"  #: chưa chuyển
    MIGRATED = "migrated"  #: đã chuyển
    REFUSED = "refused"  #: không chuyển được, giữ nguyên
    REVERTED = "reverted"  #: đã hoàn tác


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPlan:
    """Which dossiers go to which version, and on what ground. Never edited: another plan is made instead."""

    id: str
    procedure: str
    source: str  #: digest of the version the dossiers are on
    target: str  #: digest of the version they go to
    mapping: dict[str, str]  #: old node → new node, where the names differ
    legal_basis: str
    state: PlanState
    author: str
    author_name: str
    approver: str
    approver_name: str
    created_at: datetime
    approved_at: datetime | None
    batch: str  #: that carries it out


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationItem:
    """One dossier of a plan."""

    plan: str
    dossier: str
    state: ItemState
    findings: list[Any]  #: why it was refused: code, element, sentences in both languages
    old_due: datetime | None
    new_due: datetime | None
    state_before: bytes  #: the process state to return to
    limit_before: dict[str, Any]
    seq: int  #: length of the dossier's history after the move
    at: datetime | None


PLANS = Rows(MigrationPlan, "migration_plan")
ITEMS = Rows(MigrationItem, "migration_item")
_BY_ID = PLANS.query("WHERE id = :id")
_OF_PROCEDURE = PLANS.query("WHERE procedure = :procedure ORDER BY created_at DESC, id LIMIT 100")
_ITEMS_OF = ITEMS.query("WHERE plan = :plan ORDER BY dossier")
_ITEM = ITEMS.query("WHERE plan = :plan AND dossier = :dossier")
_MOVE = Statement(
    "UPDATE migration_plan SET state = :state, approver = :approver, approver_name = :approver_name, "
    "approved_at = :approved_at, batch = :batch WHERE id = :id AND state = 'proposed'"
)
_RECORD = Statement(
    "UPDATE migration_item SET state = :state, findings = :findings, old_due = :old_due, new_due = :new_due, "
    "state_before = :state_before, limit_before = :limit_before, seq = :seq, at = :at "
    "WHERE plan = :plan AND dossier = :dossier AND state = :before"
)
_BUSY = Statement(
    "SELECT i.dossier FROM migration_item i JOIN migration_plan p ON p.id = i.plan "
    "WHERE p.procedure = :procedure AND p.state <> 'set_aside' AND i.state = 'waiting'"
)
_GONE_ON = Statement(
    "SELECT DISTINCT i.dossier FROM migration_item i JOIN event e ON e.dossier = i.dossier AND e.seq > i.seq "  # noqa: S608
    "WHERE i.plan = :plan AND i.state = 'migrated' "
    f"AND e.kind IN ({', '.join(repr(kind) for kind in sorted(DRIVING))})"
)


@dataclass(frozen=True, slots=True)
class MigrationPlans:
    """The plans of the database."""

    connection: Connection

    def add(self, plan: MigrationPlan, dossiers: Iterable[str]) -> None:
        """Store a plan for these dossiers."""
        PLANS.add(self.connection, plan)
        ITEMS.add_all(
            self.connection,
            [
                MigrationItem(
                    plan=plan.id,
                    dossier=number,
                    state=ItemState.WAITING,
                    findings=[],
                    old_due=None,
                    new_due=None,
                    state_before=b"",
                    limit_before={},
                    seq=0,
                    at=None,
                )
                for number in dossiers
            ],
        )

    def get(self, plan_id: str) -> MigrationPlan:
        """The plan, or ``NotFound``."""
        found = PLANS.one(self.connection, _BY_ID, id=plan_id)
        if found is None:
            raise NotFound(
                what=Text(vi=f"kế hoạch chuyển phiên bản {plan_id[:40]}", en=f"migration plan {plan_id[:40]}")
            )
        return found

    def of(self, procedure: str) -> tuple[MigrationPlan, ...]:
        """The plans of a procedure, newest first."""
        return PLANS.all(self.connection, _OF_PROCEDURE, procedure=procedure)

    def items(self, plan_id: str) -> tuple[MigrationItem, ...]:
        """The dossiers of a plan, by number."""
        return ITEMS.all(self.connection, _ITEMS_OF, plan=plan_id)

    def item(self, plan_id: str, dossier: str) -> MigrationItem:
        """One dossier of a plan, or ``NotFound``."""
        found = ITEMS.one(self.connection, _ITEM, plan=plan_id, dossier=dossier)
        if found is None:
            raise NotFound(what=Text(vi=f"hồ sơ {dossier[:40]} trong kế hoạch", en=f"dossier in plan {plan_id[:40]}"))
        return found

    def gone_on(self, plan_id: str) -> frozenset[str]:
        """The moved dossiers of a plan that have made a step since: they cannot be taken back."""
        return frozenset(row[0] for row in _GONE_ON.run(self.connection, plan=plan_id).fetchall())

    def planned(self, procedure: str) -> frozenset[str]:
        """The dossiers that wait in some plan of a procedure."""
        return frozenset(row[0] for row in _BUSY.run(self.connection, procedure=procedure).fetchall())

    def decide(self, plan: MigrationPlan) -> None:
        """Store that a proposed plan was approved or set aside, once."""
        values = PLANS.some(plan, ("id", "state", "approver", "approver_name", "approved_at", "batch"))
        changed("migration_plan", plan.id, _MOVE.run(self.connection, **values).rowcount)

    def record(self, item: MigrationItem, *, before: ItemState) -> None:
        """Store what came of a dossier, if its state is still ``before``."""
        names = ("plan", "dossier", "state", "findings", "old_due", "new_due", "state_before", "limit_before", "seq")
        values = ITEMS.some(item, names) | {"at": stored(item.at), "before": before.value}
        changed("migration_item", item.dossier, _RECORD.run(self.connection, **values).rowcount)
