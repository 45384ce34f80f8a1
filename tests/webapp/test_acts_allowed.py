"""What the panel says of acts that are not possible is what the commands say, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from engine.commands import registry
from engine.commands.alerts import RecordLatenessReason
from engine.commands.context import Context
from engine.commands.extensions import DecideExtension, RequestExtension
from engine.commands.results import HandOver
from engine.commands.withdrawal import StopDossier, WithdrawDossier
from engine.errors import DomainError
from engine.model.permission import Actor
from tests.commands.desk import Desk
from tests.conftest import MORNING, LiveClock, person
from tests.webapp.conftest import SignIn
from webapp.acts_allowed import acts_of
from webapp.bootstrap import Product
from webapp.words import in_language

#: One command for each act, with everything that the act asks of a person.
COMMANDS: dict[str, Callable[[str], Any]] = {
    "extension": lambda number: RequestExtension(dossier=number, days=2, reason="Chờ", remedy="Làm thêm"),
    "lateness": lambda number: RecordLatenessReason(dossier=number, reason="Chờ", remedy="Làm thêm"),
    "stop": lambda number: StopDossier(dossier=number, decision="1/QĐ", reason="Giả"),
    "withdraw": lambda number: WithdrawDossier(dossier=number, reason="Đổi ý", document="Đơn 1"),
    "hand_over": lambda number: HandOver(dossier=number, way="desk", evidence="Lan"),
}
PEOPLE = ("lan", "hung", "binh", "hoa", "toan", "hai", "cuong", "minh")


class _Undone(Exception):
    """Ends a transaction that is not to be committed."""


def _refused(product: Product, actor: Actor, command: object) -> bool:
    """Whether the command would be refused now, or do nothing; nothing is kept of it."""
    refused = False
    with suppress(_Undone), product.database.begin() as uow:
        context = Context(
            uow=uow, actor=actor, now=product.clock.now(), library=product.bus.library, rules=product.bus.rules
        )
        try:
            refused = registry.HANDLERS[type(command)](context, command).get("delivered") is False
        except DomainError:
            refused = True
        raise _Undone
    return refused


def _extended(desk: Desk) -> str:
    number = desk.received()
    desk.do("hoa", RequestExtension(dossier=number, days=2, reason="Chờ", remedy="Làm thêm"))
    desk.do("toan", DecideExtension(dossier=number, approve=True))
    desk.worker.drain()
    return number


def _asked(desk: Desk) -> str:
    number = desk.received()
    desk.do("hoa", RequestExtension(dossier=number, days=2, reason="Chờ", remedy="Làm thêm"))
    return number


def _issued(desk: Desk) -> str:
    number = desk.prepared()
    desk.approve(number)
    return number


def _handed_over(desk: Desk) -> str:
    number = _issued(desk)
    desk.do("binh", HandOver(dossier=number, way="desk", evidence="Lan"))
    return number


def _stopped(desk: Desk) -> str:
    number = desk.received()
    desk.do("toan", StopDossier(dossier=number, decision="1/QĐ", reason="Giả"))
    desk.worker.drain()
    return number


STAGES: dict[str, Callable[[Desk], str]] = {
    "unpaid": Desk.filed,
    "at the desk": Desk.paid,
    "received": Desk.received,
    "extension asked": _asked,
    "extended": _extended,
    "issued": _issued,
    "handed over": _handed_over,
    "stopped": _stopped,
}


@pytest.mark.parametrize("late", [0, 8, 30], ids=["in time", "due soon", "overdue"])
@pytest.mark.parametrize("stage", STAGES)
def test_panel_and_commands_say_the_same(product: Product, app: Flask, clock: LiveClock, stage: str, late: int) -> None:
    desk = Desk(product)
    number = STAGES[stage](desk)
    clock.set(MORNING + timedelta(hours=late))
    desk.worker.drain()
    dossier = desk.dossier(number)
    with app.test_request_context():
        for login in PEOPLE:
            actor = person(product, login)
            for name, act in acts_of(dossier, actor, clock.now()).items():
                refused = _refused(product, actor, COMMANDS[name](number))
                assert bool(act.why) is refused, (login, name, act.why)


def test_each_reason_is_told_in_both_languages(product: Product, app: Flask, clock: LiveClock) -> None:
    desk = Desk(product)
    numbers = [make(desk) for make in STAGES.values()]
    clock.set(MORNING + timedelta(hours=30))
    with app.test_request_context():
        told = {}
        for language in ("vi", "en"):
            with in_language(language):
                told[language] = [
                    act.why
                    for number in numbers
                    for login in PEOPLE
                    for act in acts_of(desk.dossier(number), person(product, login), clock.now()).values()
                    if act.why
                ]
    pairs = set(zip(told["vi"], told["en"], strict=True))
    assert len(pairs) >= 10
    assert all(vietnamese != english and english.isascii() for vietnamese, english in pairs), pairs


def test_page_lists_what_cannot_be_done_with_its_reason(product: Product, client: SignIn) -> None:
    desk = Desk(product)
    number = desk.received()
    page = client("hoa").get(f"/dossiers/{number}").text
    assert "Chưa làm được lúc này, vì sao" in page
    assert "<dt>Dừng giải quyết (mẫu 05)</dt><dd>Chỉ lãnh đạo đơn vị giải quyết được dừng.</dd>" in page
    assert f"/dossiers/{number}/stop" not in page
    english = client("hoa")
    english.get("/?lang=en")
    assert "Không" not in english.get(f"/dossiers/{number}").text.partition('class="refused"')[2].partition("</dl>")[0]
