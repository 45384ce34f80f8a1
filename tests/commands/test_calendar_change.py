"""A decree changes the calendar: open dossiers move and say so, closed ones stay, and every check still holds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from engine.bpmn import Instance
from engine.clock import ZONE
from engine.commands.recomputation import RecomputeDeadline
from engine.commands.results import HandOver
from engine.definitions.scenario import read_scenario
from engine.errors import Forbidden, NotFound
from engine.queries.explanation import explain_deadline
from engine.store.records import Timer
from engine.worker.calendar_change import recompute_open
from tests.commands.calendars import changed, without
from tests.commands.desk import ACCEPT, PREPARE, Desk
from tests.conftest import LiveClock
from webapp.bootstrap import PROCESSES, Product
from webapp.scenarios.player import Play
from webapp.scenarios.stage import set_stage


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def _afternoon(product: Product, clock: LiveClock) -> tuple[Desk, str]:
    """Paid on Tuesday at 15:30, past the cut-off: due on Wednesday, 11 November, at 17:00."""
    clock.set(_at(10, 15, 30))
    desk = Desk(product)
    number = desk.paid()
    assert desk.dossier(number).due_at == _at(11, 17)
    return desk, number


def _findings(product: Product, number: str) -> list[str]:
    with product.database.begin() as uow:
        return [f"{found.place}: {found.what}" for found in product.verification(uow).verify(number).findings]


def _timers(product: Product, number: str) -> dict[str, Timer]:
    with product.database.begin() as uow:
        return {timer.id.partition(":")[2]: timer for timer in uow.timers.of(number) if timer.state == "waiting"}


def test_new_day_off_moves_due_moment_warnings_and_timers(either_product: Product, clock: LiveClock) -> None:
    desk, number = _afternoon(either_product, clock)
    before = _timers(either_product, number)
    later = changed(either_product, off=("2026-11-11",))
    came = recompute_open(later.bus)
    assert (came.checked, came.changed, came.failed) == (1, (number,), ())
    dossier = desk.dossier(number)
    assert (dossier.due_at, dossier.promised_at) == (_at(12, 17), _at(12, 17))
    after = _timers(either_product, number)
    assert after["due"].due_at == _at(12, 17)
    assert after["climb"].due_at > before["climb"].due_at
    warnings = sorted(timer.due_at for name, timer in after.items() if name.startswith("warning"))
    assert warnings == [_at(12, 11, 15), _at(12, 16)]  # half of the day elapsed; one working hour before
    assert {task.due_at for task in (desk.task(number, "desk"),)} == {_at(12, 17)}


def test_difference_is_journalled_and_told_to_applicant(product: Product, clock: LiveClock) -> None:
    desk, number = _afternoon(product, clock)
    later = changed(product, off=("2026-11-11",))
    recompute_open(later.bus)
    with product.database.begin() as uow:
        (event,) = [event for event in uow.journal.of(number) if event.kind == "CalendarChanged"]
        subjects = [message.subject for message in uow.messages.of(number)]
    body = event.content()
    assert body["from"] == product.bus.rules.calendar.digest
    assert body["to"] == later.bus.rules.calendar.digest
    assert (body["old_due"], body["new_due"]) == (_at(11, 17).isoformat(), _at(12, 17).isoformat())
    assert body["minutes"] == 450  # one working day of 7.5 hours, counted by the new calendar
    assert any("Hẹn trả mới" in subject for subject in subjects)
    assert desk.dossier(number).deadline["calendar"] == body["to"]


def test_check_holds_before_and_after_and_by_either_calendar(product: Product, clock: LiveClock) -> None:
    _, number = _afternoon(product, clock)
    later = changed(product, off=("2026-11-11",))
    assert _findings(product, number) == _findings(later, number) == []
    recompute_open(later.bus)
    assert _findings(later, number) == _findings(product, number) == []
    with product.database.engine.begin() as connection:  # the control: a moved due moment is still found
        connection.exec_driver_sql("UPDATE dossier SET due_at = due_at + 60000000")
    assert _findings(later, number)


def test_swapped_saturday_takes_the_due_moment(product: Product, clock: LiveClock) -> None:
    desk, number = _afternoon(product, clock)
    later = changed(product, off=("2026-11-11", "2026-11-12", "2026-11-13"), work=("2026-11-14",))
    recompute_open(later.bus)
    assert desk.dossier(number).due_at == _at(14, 17)  # a Saturday, worked as a full day
    with later.database.begin() as uow:
        deadline = explain_deadline(uow, number, later.bus.rules.calendar)
    assert deadline is not None
    off = [line.start.date().day for line in deadline.explanation if line.kind == "off"]
    assert off == [11, 12, 13]


def test_second_run_changes_nothing(product: Product, clock: LiveClock) -> None:
    desk, number = _afternoon(product, clock)
    later = changed(product, off=("2026-11-11",))
    recompute_open(later.bus)
    seq = desk.dossier(number).seq
    again = recompute_open(later.bus)
    assert (again.checked, again.changed, again.failed) == (1, (), ())
    assert desk.dossier(number).seq == seq


def test_closed_dossier_keeps_its_due_moment_and_explanation(product: Product, clock: LiveClock) -> None:
    desk, number = _afternoon(product, clock)
    desk.demo.complete("binh", number, "desk", ACCEPT)
    desk.demo.complete("hoa", number, "prepare", PREPARE)
    desk.approve(number)
    desk.do("lan", HandOver(dossier=number, way="online"))
    seq = desk.dossier(number).seq
    later = changed(product, off=("2026-11-11",))
    assert recompute_open(later.bus).checked == 0
    dossier = desk.dossier(number)
    assert (dossier.due_at, dossier.seq) == (_at(11, 17), seq)
    with later.database.begin() as uow:
        explained = explain_deadline(uow, number, later.bus.rules.calendar)
    assert explained is not None
    assert explained.due_at == _at(11, 17)  # explained by what was in force, not by what is
    assert _findings(later, number) == []


def test_missing_year_refuses_and_leaves_dossier_alone(product: Product, clock: LiveClock) -> None:
    desk, number = _afternoon(product, clock)
    before = desk.dossier(number)
    came = recompute_open(without(product, 2026).bus)
    assert came.changed == ()
    ((failed, why),) = came.failed
    assert failed == number
    assert "2026" in why
    assert desk.dossier(number) == before


def test_only_operator_or_worker_recomputes(product: Product, clock: LiveClock) -> None:
    desk, number = _afternoon(product, clock)
    for login in ("lan", "binh", "toan"):
        with pytest.raises(Forbidden):
            desk.do(login, RecomputeDeadline(dossier=number))


def test_calendar_on_file_is_never_changed(either_product: Product, clock: LiveClock) -> None:
    desk, number = _afternoon(either_product, clock)
    digest = desk.dossier(number).deadline["calendar"]
    for statement in ("UPDATE calendar SET years = '[]'", "DELETE FROM calendar"):
        with pytest.raises(DBAPIError), either_product.database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    with either_product.database.begin() as uow:
        assert uow.calendars.of(digest).digest == digest
        with pytest.raises(NotFound):
            uow.calendars.of("0" * 64)


def test_silence_timer_is_executed_again_by_the_calendar_that_set_it(installation: Product, clock: LiveClock) -> None:
    """Twelve days of an agency's silence were counted when it was asked; a later decree does not rewrite that."""
    story = PROCESSES / "1.013225" / "scenarios" / "consultation-silent.json"
    scenario = read_scenario(Path(story).read_bytes(), file=story.name)
    with set_stage(installation, scenario.start, fast=True) as stage:
        play = Play(stage, scenario)
        for step in scenario.steps[:4]:
            assert play._step(step) == ()
        number, product = play.number, stage.product
        later = changed(product, off=("2026-11-23",))
        assert _findings(product, number) == _findings(later, number) == []
        bodies = [event.content() for event in play._events()]
        named = [body["calendar"] for body in bodies if "steps" in body and "calendar" in body]
        assert named
        assert set(named) == {product.bus.rules.calendar.digest}


def test_term_of_a_diagram_counts_the_hours_of_the_unit_asked(installation: Product, clock: LiveClock) -> None:
    """The consulted agency works until 16:30 only: its silence ends when it closes, not at the office's 17:00."""
    story = PROCESSES / "1.013225" / "scenarios" / "consultation-silent.json"
    scenario = read_scenario(Path(story).read_bytes(), file=story.name)
    early = '{"name":"x","hours":{"mon-fri":["07:00-11:30","13:00-16:30"]}}'
    with set_stage(installation, scenario.start, fast=True) as stage:
        with stage.product.database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE unit SET schedule = ? WHERE code = 'H56.40'", (early,))
        play = Play(stage, scenario)
        for step in scenario.steps[:4]:
            assert play._step(step) == ()
        with stage.product.database.begin() as uow:
            dossier = uow.dossiers.get(play.number)
            procedure = stage.product.bus.library.get(uow, dossier.digest)
            instance = Instance.load(procedure.definition, dossier.state, now=scenario.start)
        assert {timer.due_at for timer in instance.timers()} == {datetime(2026, 11, 23, 16, 30, tzinfo=ZONE)}
        assert _findings(stage.product, play.number) == []
