"""A dossier that went to another version is executed again on both; a forger of the move is found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from engine.model.chain import Event, canonical
from tests.commands.test_migration import Move
from tests.queries.test_verification import Copy, Played
from webapp.bootstrap import Product

Body = dict[str, Any]


@pytest.fixture
def moved(product: Product, tmp_path: Path) -> tuple[Copy, str]:
    """A dossier that was moved and waits, in a copy that can be edited."""
    move = Move(product)
    number = move.desk.received()
    move.publish()
    move.carried_out(number)
    folder = tmp_path / "copy"
    folder.mkdir()
    product.database.close()
    return Copy(Played(product, tmp_path / "motcua.db", number, number), folder), number


def test_forger_of_a_move_is_found(moved: tuple[Copy, str]) -> None:
    copy, number = moved
    assert copy.places(number) == {}
    events = copy.events(number)
    source = next(event.content()["from"] for event in events if event.kind == "DossierMigrated")
    place = next(f"event {event.seq}" for event in events if event.kind == "DossierMigrated")
    for change, word in (
        (lambda body: body | {"approver": body["author"]}, "second person"),
        (lambda body: body | {"to": source}, "moved to"),
        (lambda body: body | {"mapping": {"prepare": "desk"}}, "executed again"),
        (lambda body: body | {"before": "0" * 64}, "another state"),
        (lambda body: body | {"timers": [["t", "2026-01-01", "2026-01-02"]]}, "timers"),
    ):
        copy.chain_again(number, _edited(events, change))
        found = copy.places(number)
        assert any(word in what for what in found.values()), (word, found)
    copy.chain_again(number, lambda _events: events)
    assert copy.places(number) == {}
    copy.edit("UPDATE task SET role = 'specialist' WHERE dossier = ? AND node = 'prepare'", number)
    assert set(copy.places(number).values()) == {"role differs from the journal"}
    copy.edit("UPDATE task SET role = 'clerk' WHERE dossier = ? AND node = 'prepare'", number)
    copy.edit("UPDATE dossier SET digest = ? WHERE number = ?", source, number)
    assert any(key.startswith("definition") for key in copy.places(number))
    assert place


def test_move_told_without_its_event_is_found(moved: tuple[Copy, str]) -> None:
    copy, number = moved
    copy.chain_again(number, lambda events: [event for event in events if event.kind != "DossierMigrated"])
    assert copy.places(number) != {}


def _edited(events: list[Event], change: Callable[[Body], Body]) -> Callable[[list[Event]], list[Event]]:
    return lambda _events: [
        dataclasses.replace(event, body=canonical(change(orjson.loads(event.body))))
        if event.kind == "DossierMigrated"
        else event
        for event in events
    ]
