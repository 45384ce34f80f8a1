"""The auditor's check: chain, files, definition, then the dossier is executed again and everything is compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine import bpmn
from engine.definitions.package import unpack
from engine.errors import IntegrityBroken, MotcuaError, NotFound
from engine.model.calendar import Calendar
from engine.model.chain import Event, first_break
from engine.model.recorded_deadline import deadline_of
from engine.model.schedule import WorkSchedule
from engine.ports import ObjectStore
from engine.queries.checkpoints import leaves_chain
from engine.queries.grounds import ungrounded
from engine.queries.replay import Replay
from engine.queries.told_rows import Difference, ToldRows, compare
from engine.queries.told_work import ToldWork, timers_differ
from engine.store.records import Dossier, Timer
from engine.store.rows import RowUnreadable
from engine.store.unit_of_work import UnitOfWork
from engine.values import Digest
from engine.work_rows import alarms
from engine.working_time import WorkingTime

#: What a body that does not have its kind's shape raises; a forged event may hold anything.
_MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError, IndexError)
#: Columns of the told dossier on which its inbox rows depend, as moments where they are.
_ON_TASKS = ("applicant", "receiving_unit", "competent_unit", "procedure", "procedure_name", "applicant_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where the records do not hold."""

    dossier: str
    place: str  #: ``event 12``, ``file <digest>``, ``row task <id>``, ``definition <digest>``
    what: str

    def as_json(self) -> dict[str, str]:
        """The stable JSON form."""
        return {"dossier": self.dossier, "place": self.place, "what": self.what}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the check of one dossier came to."""

    dossier: str
    events: int
    files: int
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


class Verification:
    """Checks dossiers of one database and file store.

    ``calendar`` is the one in force and ``office`` the ordinary hours. What was derived from an earlier calendar is
    derived from that one again; only dossiers older than the calendars on file are judged by what they say themselves.
    """

    def __init__(self, uow: UnitOfWork, files: ObjectStore, *, calendar: Calendar, office: WorkSchedule) -> None:
        self.uow, self.files, self.calendar, self._office = uow, files, calendar, office
        self._definitions: dict[str, bpmn.Definition] = {}
        self._alarms: tuple[Timer, ...] | None = None  #: of the dossier being checked; None when nothing is known

    def verify(self, number: str) -> Verdict:
        """Every finding about one dossier; a broken chain stops the re-execution, for it has nothing to stand on."""
        events, files, findings = tuple[Event, ...](), 0, list[Finding]()
        try:
            events = self.uow.journal.of(number)
            files = self._check(self.uow.dossiers.get(number), events, findings)
        except RowUnreadable as unreadable:
            table, key = str(unreadable.facts["table"]), str(unreadable.facts["key"])
            what = f"cannot be read: {unreadable.facts['why']}"
            findings.append(_row(number, Difference(table=table, key=key, what=what)))
        return Verdict(dossier=number, events=len(events), files=files, findings=tuple(findings))

    def _check(self, dossier: Dossier, events: tuple[Event, ...], findings: list[Finding]) -> int:
        """Add every finding; how many files were checked."""
        number = dossier.number
        broken = first_break(number, events, head=dossier.head, length=dossier.seq)
        if broken is not None:
            findings.append(Finding(dossier=number, place=f"event {broken.seq}", what=broken.why))
            return 0
        left = leaves_chain(events, self.uow.checkpoints.heads_of(number))
        if left is not None:
            # The records may be at one with themselves: then it is the whole of them that is not what it was.
            findings.append(Finding(dossier=number, place=f"event {left[0]}", what=left[1]))
        if not events:
            findings.append(Finding(dossier=number, place="event 1", what="the dossier was never filed"))
            return 0
        told, self._alarms = ToldRows(number), ()
        if self._execute_again(dossier, events, told, findings):
            findings += [_row(number, difference) for difference in self._rows(dossier, told)]
            findings += [_row(number, difference) for difference in self._alarms_differ(dossier, events[-1].at)]
        for document in told.rows["document"].values():
            findings += self._file(number, str(document["digest"]))
        return len(told.rows["document"])

    # -- re-execution --------------------------------------------------------------------------------------------

    def _execute_again(
        self, dossier: Dossier, events: tuple[Event, ...], told: ToldRows, findings: list[Finding]
    ) -> bool:
        """Execute the journal and fold it into ``told``; False when it ended early and ``told`` is not complete."""
        number = dossier.number
        try:
            definition = self._definition(dossier, events)
        except MotcuaError as error:
            place = f"definition {dossier.digest[:12]}"
            findings.append(Finding(dossier=number, place=place, what=error.message("en")))
            definition = None
        time = WorkingTime.of(self.uow, self.calendar, self._office)
        replay = None
        if definition is not None:
            replay = Replay(definition, self._version, time=time, calendar_of=self.uow.calendars.of)
        work, transaction = ToldWork(), list[tuple[Event, Mapping[str, Any]]]()
        for event in events:
            why = self._follow(event, dossier, told, replay, work, transaction)
            if why:
                findings.append(Finding(dossier=number, place=f"event {event.seq}", what=why))
                return False
        if transaction:
            place = f"event {events[-1].seq}"
            findings.append(Finding(dossier=number, place=place, what="its transaction has no end"))
        if replay is not None and replay.instance is not None:
            findings += self._state(dossier, replay.instance, events[-1].at)
            uow = self.uow
            for differences in (
                work.tasks_differ(uow.tasks.of(number)),
                work.errands_differ(uow.outbox.of(number)),
                timers_differ(uow.timers.of(number), replay.instance),
            ):
                findings += [_row(number, difference) for difference in differences]
        return True

    def _follow(
        self,
        event: Event,
        dossier: Dossier,
        told: ToldRows,
        replay: Replay | None,
        work: ToldWork,
        transaction: list[tuple[Event, Mapping[str, Any]]],
    ) -> str:
        """Take one event; why it cannot be true, or ''."""
        try:
            body = event.content()
            why = replay.apply(event) if replay is not None else ""
            if why:
                return why
            told.take(event, body)
            work.take(event, body)
            if event.kind == "DeadlineDerived":
                why = self._deadline(event, body, dossier, told)
                if why:
                    return why
            transaction.append((event, body))
            if "state" not in body:
                return ""
            groundless = ungrounded(transaction)
            transaction.clear()
            if groundless is not None:
                return groundless[1] if groundless[0] is event else f"(event {groundless[0].seq}) {groundless[1]}"
            if replay is not None and replay.instance is not None:
                work.come_to_rest(event, replay.instance, _as_told(dossier, told))
        except MotcuaError as error:
            return f"cannot be executed again: {error.message('en')}"
        except _MISSHAPEN as error:
            return f"has not the shape of a {event.kind} ({type(error).__name__})"
        return ""

    def _definition(self, dossier: Dossier, events: tuple[Event, ...]) -> bpmn.Definition:
        """The definition filed under; the dossier has to be bound to it, or to the one it was last moved to."""
        filed = bound = str(events[0].content().get("digest"))
        for event in events:
            if event.kind in {"DossierMigrated", "MigrationReverted"}:
                bound = str(event.content().get("to"))
        if bound != dossier.digest:
            verb = "filed under" if bound == filed else "moved to"
            raise IntegrityBroken(what="definition", why=f"the dossier was {verb} {bound[:12]}")
        return self._version(filed)

    def _version(self, digest: str) -> bpmn.Definition:
        """The definition of a stored bundle, whose bytes are checked against its digest."""
        known = self._definitions.get(digest)
        if known is None:
            package = unpack(self.uow.definitions.bundle(digest).files, digest=digest)
            known = bpmn.define(package.diagrams(), process=package.manifest.process)
            self._definitions[digest] = known
        return known

    def _state(self, dossier: Dossier, instance: bpmn.Instance, now: datetime) -> Iterator[Finding]:
        what = ""
        try:
            stored = bpmn.Instance.load(instance.definition, dossier.state, now=now)
            if stored.fingerprint() != instance.fingerprint():
                what = "process state differs from its re-execution"
        except MotcuaError as error:
            what = f"process state is unreadable: {error.message('en')}"
        if what:
            yield _row(dossier.number, Difference(table="dossier", key=dossier.number, what=what))

    def _deadline(self, event: Event, body: Mapping[str, Any], dossier: Dossier, told: ToldRows) -> str:
        """A deadline is derived again from the calendar it names and the facts told by then."""
        columns = told.dossier
        due_at = _moment(body["due_at"])
        moved = due_at != _moment(columns["due_at"])
        calendar, recorded = self.calendar, columns["deadline"]
        if body["calendar"] != calendar.digest:
            if "calendar" not in recorded:  # older than the calendars on file
                self._alarms = None if moved else self._alarms
                return _no_calendar(body["calendar"])
            calendar = self.uow.calendars.of(str(body["calendar"]))
        if recorded.get("calendar", calendar.digest) != calendar.digest:
            return "the deadline names another calendar than the one it is bound to"
        clock_from = datetime.fromisoformat(columns["clock_from"])
        unit = self.uow.organisation.unit(columns["competent_unit"], clock_from)
        schedule = WorkSchedule.from_json(unit.schedule)
        found = deadline_of(clock_from, recorded, calendar, schedule)
        if found.due_at != due_at:
            return "the deadline comes out otherwise when it is derived again"
        if moved:
            self._alarms = alarms(dossier.number, found, calendar, schedule)
        return ""

    def _alarms_differ(self, dossier: Dossier, last: datetime) -> Iterator[Difference]:
        """Where the timers of the deadline are not those that follow from it; those that rang are gone."""
        if self._alarms is None:
            return
        asked = {timer.id: timer for timer in self._alarms} if dossier.closed_at is None else {}
        rows = {row.id: row for row in self.uow.timers.of(dossier.number) if row.kind != "process"}
        for key in sorted(rows):
            if key not in asked:
                yield Difference(table="timer", key=key, what="waits though nothing is due")
            elif any(getattr(rows[key], name) != getattr(asked[key], name) for name in ("kind", "ref", "due_at")):
                yield Difference(table="timer", key=key, what="differs from the deadline derived")
        for key, timer in asked.items():
            if key not in rows and timer.due_at > last and timer.kind != "climb":
                yield Difference(table="timer", key=key, what="is missing though the deadline asks for it")

    # -- files and rows ------------------------------------------------------------------------------------------

    def _file(self, number: str, digest: str) -> Iterator[Finding]:
        try:
            self.files.get(Digest(digest))
        except (IntegrityBroken, NotFound) as error:
            yield Finding(dossier=number, place=f"file {digest}", what=error.message("en"))

    def _rows(self, dossier: Dossier, told: ToldRows) -> Iterator[Difference]:
        """What the journal tells of the dossier's columns, papers, money, result and books, against the rows."""
        number, uow = dossier.number, self.uow
        money = uow.money
        charges = money.charges(number)
        yield from compare(told, "dossier", [dossier], lambda row: row.number)
        yield from compare(told, "document", uow.documents.of(number), lambda row: row.id)
        yield from compare(told, "extraction", uow.documents.readings(number), lambda row: row.document)
        yield from compare(told, "charge", charges, lambda row: row.id)
        intents = _all(money.intents(charge.id) for charge in charges)
        yield from compare(told, "payment_intent", intents, lambda row: row.reference, whole=False)
        payments = _all(money.payments(charge.id) for charge in charges)
        yield from compare(told, "payment", payments, lambda row: f"{row.gateway}:{row.transaction_no}")
        yield from compare(told, "receipt", money.receipts(number), lambda row: row.number)
        yield from compare(told, "refund", money.refunds(number), lambda row: row.id)
        result = uow.results.of(number)
        yield from compare(told, "result", [result] if result else [], lambda row: row.dossier)
        yield from compare(told, "book_entry", uow.numbers.entries(number), lambda row: row.occasion)
        yield from compare(told, "comment", uow.discussion.of(number), lambda row: row.id)


def _as_told(dossier: Dossier, told: ToldRows) -> Dossier:
    columns = {name: told.dossier.get(name, getattr(dossier, name)) for name in _ON_TASKS}
    return replace(
        dossier, due_at=_moment(told.dossier.get("due_at")), lateness=told.dossier.get("lateness", ""), **columns
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _no_calendar(digest: Any) -> str:
    """A calendar that is in force no more cannot be asked again, but its name is a SHA-256."""
    try:
        Digest(digest)
    except MotcuaError:
        return f"names no calendar: {str(digest)[:80]}"
    return ""


def _all(groups: Iterable[tuple[Any, ...]]) -> list[Any]:
    return [row for group in groups for row in group]


def _row(number: str, difference: Difference) -> Finding:
    return Finding(dossier=number, place=f"row {difference.table} {difference.key}", what=difference.what)
