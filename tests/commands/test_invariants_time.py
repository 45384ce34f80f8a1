"""Time cannot lie: attempts to break I3, I4, I5, I6, I11, I18, I20, I23 and I24. I6's arithmetic has its own oracle in
``tests/model/clock``."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from engine.commands import deadlines, registry
from engine.commands.deadlines import PauseOpen
from engine.commands.extensions import DecideExtension, ExtensionNotNow, RequestExtension, SignerAsked
from engine.commands.moments import FireTimer
from engine.commands.operations import HANDLERS, PauseWithoutDocument, ReasonMissing
from engine.commands.results import HandOver
from engine.errors import ConnectorRefused, InvalidInput
from engine.model.pause import ExtensionLate, ExtensionLimitReached, PauseReason
from engine.queries.board import board
from tests.commands.desk import Desk
from tests.conftest import MORNING, LiveClock, person
from webapp.bootstrap import Product


def _findings(product: Product, number: str) -> tuple[Any, ...]:
    with product.database.begin() as uow:
        return product.verification(uow).verify(number).findings


# -- I3, I4: nothing is dated back, nothing due is typed -----------------------------------------------------------


def test_i3_history_takes_no_change_and_no_back_dating(either_product: Product) -> None:
    desk = Desk(either_product)
    number = desk.received()
    for statement in ("UPDATE event SET at = at - 1", "DELETE FROM event"):
        with pytest.raises(DBAPIError), either_product.database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    taking = {"at", "when", "received_at", "completed_at", "closed_at", "filed_at"}
    elsewhere = {"RecordPayment", "SetFollowUp", "RetireProcedure"}  # the gateway's time; wishes for later
    for command in registry.HANDLERS:
        if command.__name__ not in elsewhere:
            assert not taking & {field.name for field in dataclasses.fields(command)}, command
    assert desk.dossier(number).received_at == MORNING


def test_i3_i4_moment_changed_in_the_database_is_found(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    assert _findings(product, number) == ()  # the control
    for column in ("received_at", "filed_at", "clock_from", "due_at", "promised_at"):
        with product.database.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE dossier SET {column} = {column} - 86400000000")
        assert any(column in finding.what for finding in _findings(product, number)), column
        with product.database.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE dossier SET {column} = {column} + 86400000000")
    assert _findings(product, number) == ()


def test_i4_no_command_takes_a_due_moment() -> None:
    typed = {"due_at", "due", "promised_at", "new_due", "deadline"}
    for command in registry.HANDLERS:
        assert not {field.name for field in dataclasses.fields(command)} & typed, command


def test_i4_limit_swapped_in_the_record_is_found(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    with product.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE dossier SET deadline = replace(deadline, 'SAME_DAY', 'WORKING_DAY')")
    assert any("deadline" in finding.what for finding in _findings(product, number))


# -- I5: the clock stops on an issued document alone ---------------------------------------------------------------


def test_i5_clock_stops_only_on_own_numbered_letter(product: Product) -> None:
    desk = Desk(product)
    number, other = desk.received(), desk.received()
    due = desk.dossier(number).due_at
    for operation in ("clock.pause", "dossier.wait_agency"):
        with desk.trial(number) as work:
            documents = work.context.uow.documents
            own, foreign = documents.of(number)[0].id, documents.of(other)[0].id
            (task,) = work.instance.open_tasks()
            good = {"document": own, "number": "12/UBND", "reason": "FINANCE"}
            for wrong in ({"document": ""}, {"document": "nobody's"}, {"document": foreign}, {"number": " "}):
                with pytest.raises(PauseWithoutDocument):
                    HANDLERS[operation](work, dataclasses.replace(task, inputs=good | wrong))
            HANDLERS[operation](work, dataclasses.replace(task, inputs=good))  # the control: a real letter stops it
            assert work.dossier.due_at is None
    assert desk.dossier(number).due_at == due


def test_i5_one_letter_stops_once_and_overlaps_count_once(product: Product, clock: LiveClock) -> None:
    """Two agencies asked together, one answers after an hour, the other after three: three hours, not four."""
    desk = Desk(product)
    number = desk.received()
    with desk.trial(number) as work:
        deadlines.pause(work, PauseReason.OPINION, "1/UBND")
        deadlines.pause(work, PauseReason.OPINION, "2/UBND")
        with pytest.raises(PauseOpen):
            deadlines.pause(work, PauseReason.OPINION, "2/UBND")
        for hours, letter in ((1, "1/UBND"), (3, "2/UBND")):
            work.context = dataclasses.replace(work.context, now=MORNING + timedelta(hours=hours))
            deadlines.resume(work, letter)
        assert work.dossier.due_at == MORNING.replace(day=11, hour=10, minute=30)  # 17:00 and three working hours


def test_i5_two_supplement_requests_never_stand_together(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    with desk.trial(number) as work:
        deadlines.pause(work, PauseReason.SUPPLEMENT, "02-1")
        with pytest.raises(PauseOpen):
            deadlines.pause(work, PauseReason.SUPPLEMENT, "02-2")


# -- I6 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("second", "day"), [(0, 10), (1, 11)])
def test_i6_fifteen_hundred_is_same_day_and_a_second_later_is_not(
    product: Product, clock: LiveClock, second: int, day: int
) -> None:
    desk = Desk(product)
    number = desk.filed()
    clock.set(datetime(2026, 11, 10, 15, 0, second, tzinfo=MORNING.tzinfo))
    desk.demo.pay(person(product, "lan"), number)
    desk.worker.drain()
    due = desk.dossier(number).due_at
    assert due is not None
    assert (due.day, due.hour) == (day, 17)


# -- I11: apology before due, once, by somebody else; late stays late ----------------------------------------------


def test_i11_extension_needs_reason_and_remedy(product: Product) -> None:
    desk = Desk(product)
    number = desk.prepared()
    for reason, remedy in (("", "Làm thêm"), ("Chờ", " ")):
        with pytest.raises(ReasonMissing):
            desk.do("hoa", RequestExtension(dossier=number, days=2, reason=reason, remedy=remedy))
    for days in (0, -1, 61):
        with pytest.raises(InvalidInput):
            desk.do("hoa", RequestExtension(dossier=number, days=days, reason="Chờ", remedy="Làm"))
    assert "extensions" not in desk.dossier(number).deadline


def test_i11_who_asks_never_signs_the_apology(product: Product) -> None:
    desk = Desk(product)
    number = desk.prepared()
    asker = person(product, "hoa")
    leader = dataclasses.replace(asker, posts=(*asker.posts, *person(product, "toan").posts))
    product.bus.execute(RequestExtension(dossier=number, days=2, reason="Chờ", remedy="Làm"), leader)
    with pytest.raises(SignerAsked):
        product.bus.execute(DecideExtension(dossier=number, approve=True), leader)


def test_i11_extension_at_or_after_the_due_moment_is_refused(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.prepared()
    clock.set(MORNING.replace(hour=17, minute=0))
    with pytest.raises(ExtensionLate):
        desk.do("hoa", RequestExtension(dossier=number, days=2, reason="Chờ", remedy="Làm"))


def test_i11_second_extension_is_refused_and_late_stays_late(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.prepared()
    promised = desk.dossier(number).promised_at
    desk.do("hoa", RequestExtension(dossier=number, days=2, reason="Chờ", remedy="Làm thêm"))
    with pytest.raises(ExtensionNotNow):
        desk.do("hoa", RequestExtension(dossier=number, days=3, reason="Chờ nữa", remedy="Làm thêm"))
    desk.do("toan", DecideExtension(dossier=number, approve=True))
    desk.worker.drain()
    dossier = desk.dossier(number)
    assert dossier.due_at == MORNING.replace(day=12, hour=17, minute=0)
    assert dossier.promised_at == promised
    with pytest.raises(ExtensionLimitReached) as again:
        desk.do("hoa", RequestExtension(dossier=number, days=2, reason="Chờ", remedy="Làm thêm"))
    assert "04" in again.value.message("vi")
    clock.set(MORNING + timedelta(days=1))
    desk.approve(number)
    with product.database.begin() as uow:
        since, until = MORNING - timedelta(days=1), MORNING + timedelta(days=5)
        found = board(uow.connection, ("H56.12",), since=since, until=until, now=clock.now())
    assert (found.total.done, found.total.on_time, found.total.done_late) == (1, 0, 1)


# -- I18, I20, I23, I24 -------------------------------------------------------------------------------------------


def test_i18_no_due_moment_is_never_on_time(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.prepared()
    desk.approve(number)
    with product.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE dossier SET promised_at = NULL")
    with product.database.begin() as uow:
        since, until = MORNING - timedelta(days=1), MORNING + timedelta(days=1)
        total = board(uow.connection, (), since=since, until=until, now=clock.now()).total
    assert (total.done, total.on_time, total.unpromised, total.share_on_time) == (1, 0, 1, 0)


def test_i20_silence_is_told_with_its_meaning_and_ground(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    with desk.trial(number) as work:
        (task,) = work.instance.open_tasks()
        asked = {"event": "OpinionDeemedGiven", "meaning": "coi là đồng ý", "ground": "Điều 102", "subject": "H56.40"}
        noted = HANDLERS["silence.note"](work, dataclasses.replace(task, inputs=asked))
        told = work._facts[-1]
    assert (told.kind, told.body) == ("SilenceNoted", asked)
    assert noted["at"] == product.clock.now().isoformat()


def test_i23_failing_timer_stops_no_other(product: Product, clock: LiveClock, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(product)
    first, second = desk.received(), desk.received()
    real = registry.HANDLERS[FireTimer]

    def broken(context: Any, command: FireTimer) -> dict[str, Any]:
        if command.dossier == first:
            raise ConnectorRefused(system="x", why="y")
        return real(context, command)

    monkeypatch.setitem(registry.HANDLERS, FireTimer, broken)
    clock.set(datetime(2026, 11, 10, 17, 0, 1, tzinfo=MORNING.tzinfo))
    desk.worker.drain(limit=20)
    assert desk.dossier(second).lateness == "overdue"
    with product.database.begin() as uow:
        assert any(timer.error for timer in uow.timers.of(first))


def test_i24_late_result_is_still_delivered(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.prepared()
    clock.set(MORNING + timedelta(days=30))
    desk.worker.drain()
    desk.approve(number, late_reason="Chờ xác minh")
    assert desk.do("lan", HandOver(dossier=number, way="online"))["delivered"] is True
