"""Signed checkpoints: a history rewritten as a whole, rows and files too, is found by them and by nothing else."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import ConnectorError
from engine.model import merkle
from engine.model.chain import GENESIS, canonical, link_hash
from engine.model.checkpoint import Checkpoint
from engine.ports import Sealer
from engine.queries.checkpoints import export, flaws, proof
from engine.store.database import Database
from engine.store.statement import Statement
from engine.worker import checkpoints
from engine.worker.checkpoints import make_checkpoint
from engine.worker.periodic import checkpoints as periodic
from tests.conftest import person
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun


def _sealer(product: Product) -> Sealer:
    assert product.ports.sealer is not None
    return product.ports.sealer


def _make(product: Product, **options: str) -> Checkpoint | None:
    return make_checkpoint(product.database, _sealer(product), product.clock.now(), **options)


def _flaws(product: Product, exported: str = "") -> list[tuple[str, str]]:
    with product.database.begin() as uow:
        return [(one.place, one.what) for one in flaws(uow, _sealer(product), exported)]


def _findings(product: Product, number: str) -> list[str]:
    with product.database.begin() as uow:
        return [f"{one.place}: {one.what}" for one in product.verification(uow).verify(number).findings]


@pytest.fixture
def filed(product: Product) -> Iterator[tuple[Product, str]]:
    """A dossier that has been filed."""
    yield product, DemoRun(product, say=lambda line: None).file(person(product, "lan"))


def _open(database: Database) -> None:
    """What a forger who owns the database does first."""
    with database.begin() as uow:
        for name, table in uow.connection.driver.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
            if database.sqlite
            else "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0"
        ).fetchall():
            uow.connection.driver.execute(f"DROP TRIGGER {name}" + ("" if database.sqlite else f" ON {table}"))


def _forge(product: Product, number: str) -> None:
    """Put another paper in the place of the one that was filed, everywhere, and chain the history anew."""
    _open(product.database)
    with product.database.begin() as uow:
        paper = next(row for row in uow.documents.of(number) if row.kind == "paper")
        content = product.ports.files.get(paper.digest)  # type: ignore[arg-type]
        forged = product.ports.files.put(content[:-1] + bytes([content[-1] ^ 1]))
        previous = GENESIS
        change = Statement(
            "UPDATE event SET body = :body, prev_hash = :prev_hash, hash = :hash "
            "WHERE dossier = :dossier AND seq = :seq"
        )
        for event in uow.journal.of(number):
            new = dataclasses.replace(event, body=event.body.replace(paper.digest, forged), prev_hash=previous)
            previous = link_hash(new)
            values = {"body": new.body, "prev_hash": new.prev_hash, "hash": previous}
            change.run(uow.connection, dossier=number, seq=new.seq, **values)
        for table, column, key in (("document", "digest", "dossier"), ("dossier", "data", "number")):
            Statement(f"UPDATE {table} SET {column} = replace({column}, :old, :new) WHERE {key} = :number").run(
                uow.connection, old=str(paper.digest), new=str(forged), number=number
            )
        Statement("UPDATE dossier SET head = :head WHERE number = :number").run(
            uow.connection, head=previous, number=number
        )


def test_history_rewritten_as_a_whole_is_found_by_a_checkpoint_alone(filed: tuple[Product, str]) -> None:
    product, number = filed
    other = DemoRun(product, say=lambda line: None).file(person(product, "lan"))
    made = _make(product)
    assert made is not None and made.content()["size"] == 2
    _forge(product, number)
    [found] = _findings(product, number)
    assert found.startswith("event ") and "checkpoint 1 has sealed" in found
    assert _findings(product, other) == []
    # Negative control: without the checkpoint nothing contradicts the forged history.
    with product.database.begin() as uow:
        uow.connection.driver.execute("DELETE FROM checkpoint_head")
        uow.connection.driver.execute("DELETE FROM checkpoint")
    assert _findings(product, number) == []


def test_only_what_has_grown_is_sealed_again_and_chained(filed: tuple[Product, str]) -> None:
    product, number = filed
    first = _make(product)
    assert _make(product) is None
    DemoRun(product, say=lambda line: None).pay(person(product, "lan"), number)
    second = _make(product)
    assert first is not None and second is not None
    assert second.content()["previous"] == first.digest
    assert (second.number, second.content()["size"]) == (2, 1)
    assert _flaws(product) == []


@pytest.mark.parametrize(
    ("forgery", "place", "what"),
    [
        ("UPDATE checkpoint SET statement = replace(statement, '2026', '2025') WHERE number = 1", 1, "changed"),
        ("UPDATE checkpoint SET signature = :x WHERE number = 2", 2, "changed"),
        ("UPDATE checkpoint_head SET head = dossier WHERE checkpoint = 2", 2, "root"),
        ("DELETE FROM checkpoint_head WHERE checkpoint = 1", 1, "size"),
        ("DELETE FROM checkpoint WHERE number = 1", 2, "missing"),
    ],
)
def test_edited_checkpoint_is_named(filed: tuple[Product, str], forgery: str, place: int, what: str) -> None:
    product, number = filed
    _make(product)
    DemoRun(product, say=lambda line: None).pay(person(product, "lan"), number)
    _make(product)
    _open(product.database)
    with product.database.begin() as uow:
        Statement(forgery).run(uow.connection, **({"x": b"0"} if ":x" in forgery else {}))
    found = _flaws(product)
    assert found[0][0] == f"checkpoint {place}"
    assert what in found[0][1]


def test_signature_of_somebody_else_or_without_time_is_refused(filed: tuple[Product, str]) -> None:
    product, _ = filed
    made = _make(product)
    assert made is not None
    sealer = _sealer(product)
    assert sealer.judge(made.statement.encode(), made.signature).problem == ""
    assert sealer.judge(made.statement.encode() + b" ", made.signature).problem != ""
    assert sealer.judge(made.statement.encode(), made.signature[:-40]).problem != ""
    assert sealer.judge(made.statement.encode(), b"").problem != ""


def test_cut_off_checkpoints_are_missed_by_the_export_alone(filed: tuple[Product, str]) -> None:
    product, number = filed
    _make(product)
    DemoRun(product, say=lambda line: None).pay(person(product, "lan"), number)
    _make(product)
    with product.database.begin() as uow:
        exported = "\n".join(export(uow))
    assert _flaws(product, exported) == []
    _open(product.database)
    with product.database.begin() as uow:
        uow.connection.driver.execute("DELETE FROM checkpoint_head WHERE checkpoint = 2")
        uow.connection.driver.execute("DELETE FROM checkpoint WHERE number = 2")
    assert _flaws(product) == []
    assert _flaws(product, exported) == [("checkpoint 2", "was exported and is missing")]


def test_dossier_that_was_sealed_and_is_gone_is_named(filed: tuple[Product, str]) -> None:
    product, number = filed
    _make(product)
    _open(product.database)
    with product.database.begin() as uow:
        Statement("DELETE FROM dossier WHERE number = :number").run(uow.connection, number=number)
    assert _flaws(product) == [("row dossier", "was sealed by a checkpoint and is gone")]


def test_proof_holds_without_the_database(filed: tuple[Product, str]) -> None:
    product, number = filed
    DemoRun(product, say=lambda line: None).file(person(product, "lan"))
    _make(product)
    with product.database.begin() as uow:
        told = json.loads(json.dumps(proof(uow, number)))
        head = uow.dossiers.get(number).head
    statement = json.loads(told["statement"])
    assert told["leaf"][2] == head
    leaf = canonical(told["leaf"]).encode()
    path = [bytes.fromhex(step) for step in told["path"]]
    assert merkle.root_by_path(leaf, told["place"], statement["size"], path).hex() == statement["root"]


def test_workers_together_make_one_checkpoint_a_slot(filed: tuple[Product, str]) -> None:
    product, number = filed
    [work] = periodic(_sealer(product))
    now = product.clock.now()
    with ThreadPoolExecutor(3) as together:
        turns = list(together.map(lambda _: work.run(product.bus, work.slot(now), now), range(3)))
    assert turns.count(True) == 1
    DemoRun(product, say=lambda line: None).pay(person(product, "lan"), number)
    assert not work.run(product.bus, work.slot(now), now)
    with product.database.begin() as uow:
        assert [one.number for one in uow.checkpoints.all()] == [1]


class _Away:
    """A time stamp service that does not answer; nothing else of a sealer is asked."""

    def seal(self, content: bytes) -> bytes:
        raise ConnectorError(system="tsa", why="away")

    def judge(self, content: bytes, signature: bytes) -> object:
        raise AssertionError


def test_checkpoint_that_cannot_be_stamped_is_left_to_the_next_hour(filed: tuple[Product, str]) -> None:
    product, _ = filed
    [work] = periodic(_Away())  # type: ignore[arg-type]
    assert not work.run(product.bus, "a", product.clock.now())
    assert _make(product, slot="a") is not None


def test_many_chains_are_sealed_by_parts_and_each_by_one(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "PAGE", 2)
    monkeypatch.setattr(checkpoints, "MOST", 2)
    demo = DemoRun(product, say=lambda line: None)
    numbers = {demo.file(person(product, "lan")) for _ in range(5)}
    last = _make(product, slot="2026-11-10T08")
    assert last is not None
    with product.database.begin() as uow:
        made = uow.checkpoints.all()
        sealed = [head.dossier for one in made for head in uow.checkpoints.heads(one.number)]
    assert (len(made), last.number) == (3, 3)
    assert sorted(sealed) == sorted(numbers)
    assert _flaws(product) == []
    assert _make(product) is None
