"""Early warning climbs by time; reasons are asked for; nothing silences it but progress."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from engine.clock import ZONE
from engine.commands.alerts import NothingToExplain, RecordLatenessReason
from engine.commands.digest import SendDigests
from engine.commands.extensions import DecideExtension, RequestExtension
from engine.commands.moments import FireTimer
from engine.commands.operations import ReasonMissing
from engine.errors import Forbidden
from engine.model.permission import SYSTEM
from engine.queries.early_warning import early_warning
from engine.queries.standing import Standings
from engine.store.desk_records import LateAlert
from tests.commands.desk import Desk
from tests.conftest import LiveClock
from webapp.bootstrap import Product


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def _alert(product: Product, number: str) -> LateAlert | None:
    with product.database.begin() as uow:
        return uow.alerts.of(number)


def _told(product: Product, number: str, login: str) -> list[str]:
    with product.database.begin() as uow:
        return [message.subject for message in uow.messages.of(number) if message.recipient == login]


def test_warning_climbs_from_person_to_unit_to_province(either_product: Product, clock: LiveClock) -> None:
    desk = Desk(either_product)
    number = desk.received()
    assert _alert(either_product, number) is None
    levels = []
    for moment in (_at(10, 14), _at(10, 16, 30), _at(10, 17, 1), _at(11, 17, 1)):
        clock.set(moment)
        desk.worker.drain()
        alert = _alert(either_product, number)
        levels.append(alert.level if alert else None)
    assert levels == [0, 1, 1, 2]
    assert any("Sắp đến hạn" in subject for subject in _told(either_product, number, "hoa"))
    assert any("QUÁ HẠN" in subject for subject in _told(either_product, number, "toan"))
    assert len(_told(either_product, number, "dung")) == 1
    assert _told(either_product, number, "son") == []
    with either_product.database.begin() as uow:
        assert all(message.sent_at for message in uow.messages.of(number) if message.recipient == "hoa")
        standings = Standings(uow=uow, calendar=either_product.bus.rules.calendar, now=clock.now())
        (ranked,) = early_warning(uow.connection, standings, "H56.12")
    assert (ranked.number, ranked.level) == (number, 2)
    assert ranked.remaining.working_minutes < 0


def test_reason_does_not_silence_warning(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.received()
    said = RecordLatenessReason(dossier=number, reason="Hệ thống gián đoạn", remedy="Làm ngoài giờ")
    with pytest.raises(NothingToExplain):
        desk.do("hoa", said)
    clock.set(_at(10, 14))
    desk.worker.drain()
    for login in ("lan", "cuong"):
        with pytest.raises(Forbidden):
            desk.do(login, said)
    with pytest.raises(ReasonMissing):
        desk.do("hoa", RecordLatenessReason(dossier=number, reason="Bận", remedy=" "))
    desk.do("hoa", said)
    clock.set(_at(11, 17, 1))
    desk.worker.drain()
    alert = _alert(product, number)
    assert alert is not None
    assert (alert.level, alert.reason, alert.ended_at) == (2, "Hệ thống gián đoạn", None)


def test_progress_ends_warning(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    extended, settled = desk.received(), desk.prepared()
    clock.set(_at(10, 14))
    desk.worker.drain()
    desk.do("hoa", RequestExtension(dossier=extended, days=2, reason="Chờ xác minh", remedy="Làm ngoài giờ"))
    assert _alert(product, extended).ended_at is None  # type: ignore[union-attr]
    desk.do("toan", DecideExtension(dossier=extended, approve=True))
    desk.approve(settled)
    for number in (extended, settled):
        alert = _alert(product, number)
        assert alert is not None
        assert alert.ended_at is not None
    clock.set(_at(11, 17, 1))
    desk.worker.drain()
    assert _told(product, extended, "dung") == []


def test_digest_is_written_once_a_day_and_never_empty(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    desk.demo.complete("hoa", desk.received(), "prepare", {"ket_luan": "certify", "kiem_tra": ["ban_chinh", "so_trang", "chu_ky_dau", "noi_dung"], "loi_chung": "giay_va_dien_tu"})  # fmt: skip  # noqa: E501
    from engine.commands.tasks import ClaimTask

    desk.do("hoa", ClaimTask(task=desk.task(number, "prepare").id))
    day = date(2026, 11, 10)
    first = product.bus.execute(SendDigests(day=day), SYSTEM)
    again = product.bus.execute(SendDigests(day=day), SYSTEM)
    assert first == {"day": "2026-11-10", "begun": True, "written": 1}
    assert again == {"day": "2026-11-10", "begun": False, "written": 0}
    with product.database.begin() as uow:
        (digest,) = uow.messages.of("")
    vietnamese, line, english = digest.body.partition("\n\n---\n")
    assert digest.recipient == "hoa"
    assert (line, digest.subject) == ("\n\n---\n", "Việc ngày 10/11/2026")
    assert vietnamese.startswith("Đang giữ 1 việc: quá hạn 0, sắp đến hạn 0.\nhttp")
    assert english == "Work on 10/11/2026\nTasks you hold: 1; overdue: 0; due soon: 0.\n"
    desk.worker.drain()
    with product.database.begin() as uow:
        assert uow.messages.of("")[0].sent_at is not None
    with pytest.raises(Forbidden):
        desk.do("toan", SendDigests(day=day))


def test_worker_sends_digest_once_a_day(product: Product, clock: LiveClock) -> None:
    worker = product.worker()
    assert "digest" in worker.daily()
    assert worker.daily() == ()
    clock.set(_at(11, 6))
    assert "digest" not in worker.daily()
    clock.set(_at(11, 7, 5))
    assert "digest" in worker.daily()
    assert "digest" not in product.worker().daily()  # nor does another worker send it again


def test_warning_after_due_moment_changes_nothing(product: Product, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.received()
    with product.database.begin() as uow:
        timers = uow.timers.of(number)
    due = next(timer for timer in timers if timer.kind == "due")
    late = next(timer for timer in timers if timer.kind == "warning")
    clock.set(_at(10, 18))
    product.bus.execute(FireTimer(timer=due.id, dossier=number), SYSTEM)
    with product.database.begin() as uow:
        before = uow.dossiers.get(number)
    assert product.bus.execute(FireTimer(timer=late.id, dossier=number), SYSTEM) == {"fired": True}
    with product.database.begin() as uow:
        after = uow.dossiers.get(number)
    assert (before.lateness, before.seq) == (after.lateness, after.seq) == ("overdue", before.seq)
