"""The inbox, outbox and process timers that a re-executed journal asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine import bpmn
from engine.definitions.operations import CATALOGUE
from engine.model.chain import Event
from engine.queries.told_rows import Columns, Difference, same
from engine.store.records import Dossier, OutboxRow, Task, Timer
from engine.work_rows import carried, errand, row_told, task_row

#: Events that say who holds a task from then on, and by how much they move its revision.
_HOLDING = {
    "TaskClaimed": 1,
    "TaskReleased": 1,
    "TaskAssigned": 1,
    "TaskTransferred": 1,
    "TaskDelegated": 1,
    "TaskResolved": 2,  # the holder changes, then the note
}


class ToldWork:
    """Tasks and outbox rows as they follow from the events taken so far.

    ``take`` comes after the event was executed again; ``come_to_rest`` at the last event of each transaction, for only
    then are rows written.
    """

    def __init__(self) -> None:
        self.tasks: dict[str, Columns] = {}
        self.errands: dict[str, Columns] = {}
        self._before: dict[str, tuple[str, str]] = {}
        self._ended: dict[str, Event] = {}  #: tasks and service tasks that an event of this transaction ended
        self._note = ""
        self._moved = False  #: to another version, in this transaction

    def take(self, event: Event, body: Mapping[str, Any]) -> None:
        """Fold one event in."""
        if event.kind in _HOLDING:
            self._held(event, body)
        elif event.kind == "FollowUpSet":
            self._task(event)["follow_up_at"] = body["at"]
        elif event.kind == "TaskPrioritised":
            self._task(event)["priority"] = body["priority"]
        elif event.kind in {"DossierMigrated", "MigrationReverted"}:
            self._moved = True
        elif event.kind in {"TaskCompleted", "ServiceAnswered", "ServiceRefused"}:
            self._ended[event.task] = event
            operation = CATALOGUE.get(str(body.get("operation", "")))
            if event.kind == "ServiceRefused" and operation is not None and operation.mode == "outside":
                self._note = str(body["message"])  # why the work is back, shown at the tasks that open next

    def _task(self, event: Event) -> Columns:
        return self.tasks.setdefault(event.task, {})

    def _held(self, event: Event, body: Mapping[str, Any]) -> None:
        task = self._task(event)
        task["assignee"] = body["assignee"]
        task["claimed_by"] = body["name"]
        task["revision"] = task.get("revision", 1) + _HOLDING[event.kind]
        if event.kind == "TaskDelegated":
            task["owner"] = body["owner"]
        elif event.kind in {"TaskAssigned", "TaskTransferred", "TaskResolved"}:
            task["owner"] = ""
        if event.kind == "TaskResolved":
            task["note"] = body["note"]

    def come_to_rest(self, event: Event, instance: bpmn.Instance, dossier: Dossier) -> None:
        """Write what a transaction that ends with ``event`` writes; ``dossier`` is the dossier as told by then."""
        open_now = instance.open_elements()
        for task_id, (kind, _element) in self._before.items():
            if task_id not in open_now:
                self._close(kind, task_id, event)
        for task_id in open_now:
            if task_id not in self._before:
                self._open(instance.look_at(task_id), event, instance.definition, dossier)
            elif self._moved and open_now[task_id][0] == "user":
                self._carry(instance.look_at(task_id), dossier)
        self._moved = False
        for task_id, (kind, _element) in open_now.items():
            if kind == "user":  # a due moment and its warnings are carried to the open tasks
                self.tasks[task_id].update(due_at=dossier.due_at, lateness=dossier.lateness)
        self._before, self._note = open_now, ""
        self._ended.clear()

    def _close(self, kind: str, task_id: str, event: Event) -> None:
        by = self._ended.get(task_id)
        if kind == "user":
            task = self.tasks[task_id]
            completed = by is not None and by.kind == "TaskCompleted"
            task.update(state="completed" if completed else "cancelled", completed_at=event.at)
            task["revision"] += 1
            name = by.content()["data"].get("by_name") if by is not None and completed else ""
            if name is not None:
                task["completed_by"] = name
        elif task_id in self.errands:
            states = {"ServiceAnswered": {"done"}, "ServiceRefused": {"failed", "refused"}}
            self.errands[task_id]["state"] = states[by.kind] if by is not None else {"cancelled", "late", "done"}

    def _carry(self, task: bpmn.OpenTask, dossier: Dossier) -> None:
        """The version moved to may say something else of a task that is open."""
        columns = self.tasks[task.id]
        found = carried(columns, task_row(task, dossier, columns["note"], columns["created_at"]))
        if found:
            columns.update(found, revision=columns["revision"] + 1)

    def _open(self, task: bpmn.OpenTask, event: Event, definition: bpmn.Definition, dossier: Dossier) -> None:
        if task.kind == "user":
            self.tasks[task.id] = row_told(task_row(task, dossier, self._note, event.at))
        operation = CATALOGUE.get(definition.elements[task.element].attributes.get("operation", ""))
        if task.kind == "service" and operation is not None and operation.mode == "outside":
            self.errands[task.id] = {
                "topic": operation.id,
                "task": task.id,
                "payload": errand(definition, task),
                "state": {"waiting", "failed"},
                "created_at": event.at,
            }

    # -- against what is stored ----------------------------------------------------------------------------------

    def tasks_differ(self, stored: tuple[Task, ...]) -> Iterator[Difference]:
        """Where the inbox is not as told."""
        yield from _differ("task", self.tasks, {task.id: task for task in stored}, _as_told)

    def errands_differ(self, stored: tuple[OutboxRow, ...]) -> Iterator[Difference]:
        """Where the outbox is not as told; slips and mail, that no step waits for, are not judged."""
        rows = {row.id: row for row in stored if row.task or row.id in self.errands}
        yield from _differ("outbox", self.errands, rows, _in_state)


def timers_differ(stored: tuple[Timer, ...], instance: bpmn.Instance) -> Iterator[Difference]:
    """Where the waiting process timers are not those of the re-executed process."""
    running = {timer.task_id: {"due_at": timer.due_at, "ref": timer.element} for timer in instance.timers()}
    rows = {timer.id: timer for timer in stored if timer.kind == "process"}
    for key, columns in running.items():
        if key not in rows:
            yield Difference(table="timer", key=key, what="is missing though the process waits for it")
        elif any(getattr(rows[key], column) != value for column, value in columns.items()):
            yield Difference(table="timer", key=key, what="differs from the re-executed process")
    for key in sorted(rows.keys() - running.keys()):
        yield Difference(table="timer", key=key, what="waits though the process does not")


def _differ(
    table: str, told: Mapping[str, Columns], stored: Mapping[str, Any], agrees: Callable[[str, Any, Any], bool]
) -> Iterator[Difference]:
    for key in sorted(told.keys() - stored.keys()):
        yield Difference(table=table, key=key, what="is missing though the process waits for it")
    for key, row in stored.items():
        if key not in told:
            yield Difference(table=table, key=key, what="is not told by the journal")
            continue
        for column, value in told[key].items():
            found = getattr(row, column)
            if not agrees(column, found, value):
                yield Difference(table=table, key=key, what=_said(column, found, value))


def _as_told(column: str, found: Any, told: Any) -> bool:
    return same(found, told)


def _in_state(column: str, found: Any, told: Any) -> bool:
    return found in told if column == "state" else same(found, told)


def _said(column: str, found: Any, told: Any) -> str:
    if column == "state":
        wanted = told if isinstance(told, str) else " or ".join(sorted(told))
        return f"is {found} though the process says {wanted}"
    return f"{column} differs from the journal"
