"""The control slip (form 06): who had the dossier and when, from its events alone (I3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.model.chain import Event
from engine.store.records import Dossier, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverRow:
    """One hand-over from person to person."""

    giver: str
    receiver: str
    at: datetime
    term: str  #: before, on or after the promised moment
    note: str

    def as_json(self) -> dict[str, str]:
        """As the template of the slip wants it."""
        return {
            "giver": self.giver,
            "receiver": self.receiver,
            "at": self.at.isoformat(),
            "term": self.term,
            "note": self.note,
        }


_GIVEN = frozenset({"TaskAssigned", "TaskTransferred", "TaskDelegated", "TaskResolved"})
_ROLES = {
    "desk": "Bộ phận Một cửa",
    "specialist": "công chức chuyên môn",
    "leader": "lãnh đạo",
    "clerk": "văn thư",
    "accountant": "kế toán",
    "applicant": "người nộp",
}


def mentioned(events: Sequence[Event]) -> set[str]:
    """The log-ins of everybody who acted, was acted for, or was given a task."""
    found = {login for event in events for login in (event.actor, event.on_behalf_of)}
    return found | {str(event.content()["assignee"]) for event in events if event.kind in _GIVEN}


def hand_overs(
    dossier: Dossier, events: Sequence[Event], tasks: Sequence[Task], names: Mapping[str, str]
) -> tuple[HandOverRow, ...]:
    """Every time the dossier went from one person to the next; ``names`` by login.

    The reason of lateness stands at the first hand-over after it was given.
    """
    by_id = {task.id: task for task in tasks}
    holder, late = f"Người nộp: {dossier.applicant_name}", ""
    rows: list[HandOverRow] = []
    for event in events:
        task = by_id.get(event.task)
        if event.kind == "LatenessExplained":
            late = f"; lý do trễ: {event.content()['reason']}"
        if event.kind == "ResultDelivered":
            receiver = str(event.content().get("evidence") or dossier.applicant_name)
            rows.append(_row(dossier, (holder, receiver), event.at, "Trả kết quả" + late))
            late = ""
        if task is None:
            continue
        if event.kind in {"TaskClaimed", "TaskCompleted"}:
            receiver = _person(event, task, names)
        elif event.kind in _GIVEN:
            login = str(event.content()["assignee"])
            receiver = f"{names.get(login, login)}, {_ROLES.get(task.role, task.role)}"
        else:
            continue
        if receiver != holder:
            rows.append(_row(dossier, (holder, receiver), event.at, task.name + late))
            holder, late = receiver, ""
    return tuple(rows)


def _person(event: Event, task: Task, names: Mapping[str, str]) -> str:
    name = names.get(event.actor, event.actor)
    behalf = f" (thay {names.get(event.on_behalf_of, event.on_behalf_of)})" if event.on_behalf_of else ""
    return f"{name}{behalf}, {_ROLES.get(task.role, task.role)}"


def _row(dossier: Dossier, pair: tuple[str, str], at: datetime, note: str) -> HandOverRow:
    promise = dossier.promised_at or dossier.due_at
    term = "before" if promise is None or at < promise else "on" if at == promise else "after"
    return HandOverRow(giver=pair[0], receiver=pair[1], at=at, term=term, note=note)
