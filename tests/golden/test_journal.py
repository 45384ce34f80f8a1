"""A whole dossier written by an earlier version stays readable and can be executed again by every later one."""

from __future__ import annotations

import ast
import base64
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine import bpmn
from engine.definitions.package import unpack
from engine.model.chain import Event, first_break
from engine.model.events import KINDS
from engine.queries.export import as_json_history
from engine.queries.replay import Replay
from engine.queries.told_rows import ToldRows
from tests.commands.desk import Desk
from webapp.bootstrap import Product
from webapp.calendar_files import read_functions

FOLDER = Path(__file__).parent
JOURNAL, BUNDLE, STATE = (FOLDER / f"certified-copy-1.{kind}" for kind in ("json", "bundle", "state"))
ENGINE = FOLDER.parents[1] / "engine"


@pytest.mark.skipif(not os.environ.get("MOTCUA_WRITE_GOLDEN"), reason="golden files are written once per version")
def test_write_golden_files(product: Product) -> None:
    number = Desk(product).demo.play().number
    with product.database.begin() as uow:
        dossier, events = uow.dossiers.get(number), uow.journal.of(number)
        JOURNAL.write_text(as_json_history(dossier, events), encoding="utf-8")
        BUNDLE.write_bytes(uow.definitions.bundle(dossier.digest).files)
        STATE.write_text(base64.b64encode(dossier.state).decode(), encoding="ascii")


def _history() -> tuple[dict[str, Any], tuple[Event, ...]]:
    history = json.loads(JOURNAL.read_text(encoding="utf-8"))
    events = tuple(
        Event(**{**event, "dossier": history["dossier"], "at": datetime.fromisoformat(event["at"])})
        for event in history["events"]
    )
    return history, events


def _definition(digest: str) -> bpmn.Definition:
    package = unpack(BUNDLE.read_bytes(), digest=digest)
    return bpmn.define(package.diagrams(), process=package.manifest.process, functions=read_functions())


def test_golden_chain_holds() -> None:
    history, events = _history()
    assert first_break(history["dossier"], events, head=history["head"], length=len(events)) is None
    assert len(events) > 30


def test_golden_journal_is_executed_again_to_golden_state() -> None:
    history, events = _history()
    replay = Replay(_definition(history["definition"]))
    assert [why for event in events if (why := replay.apply(event))] == []
    stored = bpmn.Instance.load(replay.definition, base64.b64decode(STATE.read_text()), now=events[-1].at)
    assert replay.instance is not None
    assert stored.fingerprint() == replay.instance.fingerprint()
    assert stored.completed


def test_golden_journal_tells_the_rows_it_told() -> None:
    history, events = _history()
    told = ToldRows(history["dossier"])
    for event in events:
        told.take(event, event.content())
    dossier = told.dossier
    assert (dossier["business"], dossier["finance"], dossier["delivery"]) == ("RESULT_ISSUED", "PAID", "DELIVERED")
    assert [charge["state"] for charge in told.rows["charge"].values()] == ["paid"]
    assert {table: len(rows) for table, rows in told.rows.items()} == {
        "dossier": 1, "document": 4, "extraction": 1, "charge": 1, "payment_intent": 1, "payment": 1, "receipt": 1,
        "book_entry": 1, "result": 1,
    }  # fmt: skip


#: Functions of the commands that pass a kind on.
_INDIRECT = {"_assign", "_record", "_give", "_tell"}


def _told_kinds() -> set[str]:
    """The kinds that commands tell: texts that look like one, in code that tells or drives."""
    found = set()
    for path in sorted((ENGINE / "commands").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"tell", "_drive"} and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and first.value[:1].isupper():
                    found.add(str(first.value))
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
                "_assign",
                "_record",
                "_give",
                "_tell",
            }:
                found |= {
                    part.value
                    for argument in node.args
                    for part in ast.walk(argument)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and _is_kind(part.value)
                }
    return found


def _is_kind(text: str) -> bool:
    return text.isalpha() and text[:1].isupper() and sum(letter.isupper() for letter in text) >= 2 and text.isascii()


def test_kinds_told_are_the_kinds_listed() -> None:
    assert _told_kinds() == set(KINDS)


def test_kinds_have_words_of_their_own() -> None:
    for language in ("vi", "en"):
        assert len({entry.gloss.in_(language) for entry in KINDS.values()}) == len(KINDS)


def test_golden_journal_tells_known_kinds_in_known_versions() -> None:
    events = _history()[1]
    assert {event.kind for event in events} <= set(KINDS)
    assert all(event.version <= KINDS[event.kind].version for event in events)
