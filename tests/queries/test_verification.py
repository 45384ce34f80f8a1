"""Whatever is changed behind the product's back, ``motcua verify`` finds it and names the place."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connectors.files.store import FileStore
from engine.bus import Bus
from engine.clock import SteppingClock
from engine.model.chain import GENESIS, Event, canonical, hash_of
from engine.queries.verification import Verdict, Verification
from engine.store.database import Database, sqlite_url
from engine.store.tables import metadata
from tests.commands.desk import Desk
from tests.conftest import MORNING, LiveClock
from webapp.bootstrap import Product
from webapp.cli import main

#: Columns about which the journal says nothing, with the reason.
UNTOLD = {
    "timer": {"lease_until", "lease_owner", "attempts", "error"},  # the worker's own
    "outbox": {
        "attempts",
        "priority",
        "due_at",
        "lease_until",
        "lease_owner",
        "error",
        "note",
        "done_at",
    },  # the worker's own
    "payment_intent": {"gateway"},  # an attempt is no payment
    "document": {"dossier"},  # tested as a missing row
    "extraction": {"dossier"},
    "charge": {"dossier"},
    "receipt": {"dossier"},
    "result": {"dossier"},
    "book_entry": {"dossier"},
    "task": {"dossier"},
}
TABLES = (
    "dossier", "task", "outbox", "document", "extraction", "charge", "payment_intent", "payment", "receipt", "result",
    "book_entry",
)  # fmt: skip
#: What a column of a closed set of values becomes.
OTHER = {
    "business": "'STOPPED'", "finance": "'EXEMPT'", "delivery": "'SENT'", "sync": "'ACKED'", "outcome": "'failed'",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Played:
    """A finished dossier and one that waits at the desk, in one file."""

    product: Product
    file: Path
    finished: str
    waiting: str


@pytest.fixture(scope="module")
def played(installation: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Played once; every test works on a copy."""
    clock = installation.clock
    assert isinstance(clock, LiveClock)
    clock.stepping = SteppingClock(MORNING)
    file = tmp_path_factory.mktemp("played") / "motcua.db"
    shutil.copyfile(installation.settings.home / "motcua.db", file)
    database = Database(sqlite_url(file))
    bus = Bus(database, clock, installation.bus.library, installation.bus.rules)
    product = dataclasses.replace(installation, database=database, bus=bus)
    desk = Desk(product)
    finished = desk.demo.play().number
    waiting = desk.paid()
    database.close()
    yield Played(product, file, finished, waiting)


class Copy:
    """A copy of the played database that can be edited as somebody with the file would."""

    def __init__(self, played: Played, folder: Path) -> None:
        self.finished, self.waiting = played.finished, played.waiting
        self._played, self.file = played, folder / "motcua.db"
        shutil.copyfile(played.file, self.file)
        self.files = played.product.ports.files
        with self.raw() as raw:
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.execute(f"DROP TRIGGER {name}")

    def raw(self) -> closing[sqlite3.Connection]:
        """A connection past the product, without constraints in the way."""
        connection = sqlite3.connect(self.file, isolation_level=None)
        connection.execute("PRAGMA synchronous=OFF")
        return closing(connection)

    def edit(self, sql: str, *values: Any) -> None:
        """Change rows; a statement that changes none is a mistake of the test."""
        with self.raw() as raw:
            assert raw.execute(sql, values).rowcount > 0, sql

    def events(self, number: str) -> list[Event]:
        """The journal as stored."""
        database = Database(sqlite_url(self.file))
        with database.begin() as uow:
            found = list(uow.journal.of(number))
        database.close()
        return found

    def append(self, number: str, kind: str, body: dict[str, Any], *, node: str = "", task: str = "") -> None:
        """Forge one more event with a hash that fits, and move head, length and revision along."""
        last = self.events(number)[-1]
        text = canonical(body)
        with self.raw() as raw:
            at = raw.execute("SELECT MAX(at) FROM event WHERE dossier = ?", (number,)).fetchone()[0]
            header: tuple[str | int, ...] = (number, last.seq + 1, at, "toan", "", "H56.12", kind, 1, node, task)
            link = hash_of(last.hash, header, text)
            raw.execute(f"INSERT INTO event VALUES ({', '.join('?' * 13)})", (*header, text, last.hash, link))
            raw.execute(
                "UPDATE dossier SET seq = ?, head = ?, revision = revision + 1 WHERE number = ?",
                (last.seq + 1, link, number),
            )

    def chain_again(self, number: str, change: Callable[[list[Event]], list[Event]]) -> None:
        """Rewrite a whole journal with hashes that fit, as a forger with all the time in the world would."""
        events = change(self.events(number))
        with self.raw() as raw:
            at = dict(raw.execute("SELECT seq, at FROM event WHERE dossier = ?", (number,)).fetchall())
            raw.execute("DELETE FROM event WHERE dossier = ?", (number,))
            previous = GENESIS
            for seq, event in enumerate(events, start=1):
                header = (
                    number, seq, at[event.seq], event.actor, event.on_behalf_of, event.unit, event.kind,
                    event.version, event.node, event.task,
                )  # fmt: skip
                link = hash_of(previous, header, event.body)
                raw.execute(f"INSERT INTO event VALUES ({', '.join('?' * 13)})", (*header, event.body, previous, link))
                previous = link
            raw.execute("UPDATE dossier SET seq = ?, head = ? WHERE number = ?", (len(events), previous, number))

    def verdict(self, number: str) -> Verdict:
        """What the check says."""
        database, rules = Database(sqlite_url(self.file)), self._played.product.bus.rules
        with database.begin() as uow:
            found = Verification(uow, self.files, calendar=rules.calendar, office=rules.office).verify(number)
        database.close()
        return found

    def places(self, number: str) -> dict[str, str]:
        """Place → what, of the check."""
        return {finding.place: finding.what for finding in self.verdict(number).findings}


@pytest.fixture
def copy(played: Played, tmp_path: Path) -> Copy:
    """A copy of one's own."""
    return Copy(played, tmp_path)


def test_untouched_dossiers_hold(copy: Copy) -> None:
    for number in (copy.finished, copy.waiting):
        verdict = copy.verdict(number)
        assert (verdict.findings, verdict.holds) == ((), True)
        assert verdict.events > 5
        assert verdict.files > 0


# -- the chain ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", [column.name for column in metadata.tables["event"].columns])
def test_event_column_changed_is_found_at_event(copy: Copy, column: str) -> None:
    kind = metadata.tables["event"].columns[column].type.python_type
    if column == "seq":
        copy.edit("UPDATE event SET seq = seq + 1000 WHERE dossier = ? AND seq = 7", copy.finished)
    elif kind is int:
        copy.edit(f"UPDATE event SET {column} = {column} + 1 WHERE dossier = ? AND seq = 7", copy.finished)
    elif column == "body":
        copy.edit(
            "UPDATE event SET body = substr(body, 1, 5) || char(unicode(substr(body, 6, 1)) + 1) || substr(body, 7) "
            "WHERE dossier = ? AND seq = 7", copy.finished,
        )  # fmt: skip
    else:
        copy.edit(f"UPDATE event SET {column} = {column} || 'x' WHERE dossier = ? AND seq = 7", copy.finished)
    assert list(copy.places(copy.finished)) == ["event 7"]


@pytest.mark.parametrize("place", [1, 9, -1])
def test_event_missing_is_found_at_event(copy: Copy, place: int) -> None:
    last = copy.events(copy.finished)[-1].seq
    seq = last if place == -1 else place
    copy.edit("DELETE FROM event WHERE dossier = ? AND seq = ?", copy.finished, seq)
    assert list(copy.places(copy.finished)) == [f"event {seq}"]


def test_all_events_missing_is_found(copy: Copy) -> None:
    copy.edit("DELETE FROM event WHERE dossier = ?", copy.finished)
    assert list(copy.places(copy.finished)) == ["event 1"]


def test_events_swapped_are_found_at_first(copy: Copy) -> None:
    with copy.raw() as raw:
        for before, after in ((8, 9999), (9, 8), (9999, 9)):
            raw.execute("UPDATE event SET seq = ? WHERE dossier = ? AND seq = ?", (after, copy.finished, before))
    assert list(copy.places(copy.finished)) == ["event 8"]


def test_events_swapped_with_new_chain_are_found(copy: Copy) -> None:
    def swap(events: list[Event]) -> list[Event]:
        place = next(i for i, event in enumerate(events) if event.kind == "TaskCompleted")
        return [*events[: place - 1], events[place], events[place - 1], *events[place + 1 :]]

    copy.chain_again(copy.finished, swap)
    assert copy.places(copy.finished)


@pytest.mark.parametrize("head", ["head", "seq"])
def test_head_of_dossier_changed_is_found(copy: Copy, head: str) -> None:
    copy.edit(
        f"UPDATE dossier SET {head} = {'seq + 1' if head == 'seq' else 'tracking'} WHERE number = ?", copy.finished
    )
    assert next(iter(copy.places(copy.finished))).startswith("event ")


# -- forged events whose chain holds -----------------------------------------------------------------------------


def _state(copy: Copy, number: str) -> str:
    return str(next(body["state"] for event in reversed(copy.events(number)) if "state" in (body := event.content())))


def test_forged_completion_is_found_by_execution(copy: Copy) -> None:
    with copy.raw() as raw:
        task, node = raw.execute(
            "SELECT id, node FROM task WHERE dossier = ? AND state = 'open'", (copy.waiting,)
        ).fetchone()
    number, last = copy.waiting, copy.events(copy.waiting)[-1].seq
    body = {"data": {"quyet_dinh": "accept"}, "steps": [], "state": _state(copy, number)}
    copy.append(number, "TaskCompleted", body, node=node, task=task)
    assert list(copy.places(number)) == [f"event {last + 1}"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("DossierChanged", {"business": "RESULT_ISSUED", "delivery": "READY"}),
        ("DossierChanged", {"business": "NOT_A_STATE"}),
        ("DossierChanged", {"finance": "PAID"}),
        ("DossierChanged", {"due_at": "2026-12-24T08:00:00+07:00"}),
        ("DossierChanged", {"clock_from": "2026-01-01T08:00:00+07:00"}),
        ("DeadlineDerived", {"from": "", "due_at": "2026-12-24T08:00:00+07:00", "calendar": "", "paused_minutes": 0}),
        ("ResultIssued", {"number": "1", "digest": "2", "kind": "3"}),
        ("ChargeDemanded", {"charge": "x"}),
        ("TimerFired", {"until": "when hell freezes over", "steps": []}),
        ("ProcessCancelled", {"reason": "x", "steps": []}),
        ("DossierFiled", {"variables": {}, "steps": []}),
        ("ServiceAnswered", {"operation": "result.issue", "result": {}, "steps": []}),
    ],
)
def test_forged_event_is_found(copy: Copy, kind: str, body: dict[str, Any]) -> None:
    number, last = copy.waiting, copy.events(copy.waiting)[-1].seq
    copy.append(number, kind, body | {"state": _state(copy, number)})
    for name, value in body.items():  # and the row edited to match
        if kind == "DossierChanged" and name in {"business", "finance", "delivery"}:
            copy.edit(f"UPDATE dossier SET {name} = ? WHERE number = ?", value, number)
    places = copy.places(number)
    assert f"event {last + 1}" in places or ("NOT_A_STATE" in str(body) and f"row dossier {number}" in places)


def test_forged_event_without_state_is_found(copy: Copy) -> None:
    number, last = copy.waiting, copy.events(copy.waiting)[-1].seq
    copy.append(number, "CommentAdded", {"comment": "1", "text": "x"})
    assert copy.places(number)[f"event {last + 1}"] == "its transaction has no end"


@pytest.mark.parametrize("kind", ["DossierFiled", "TaskCompleted", "ServiceAnswered", "PaymentRecorded"])
def test_false_content_with_new_chain_is_found(copy: Copy, kind: str) -> None:
    def lie(events: list[Event]) -> list[Event]:
        place = max(i for i, event in enumerate(events) if event.kind == kind)
        body = events[place].content()
        match kind:
            case "DossierFiled":
                body["variables"]["form"]["giay_to"][0]["so_ban"] = 30
            case "TaskCompleted":
                body["data"]["quyet_dinh"] = "return"
            case "ServiceAnswered":
                body["result"]["number"] = "999999/2026"
            case _:
                body["amount"] += 1
        events[place] = dataclasses.replace(events[place], body=canonical(body))
        return events

    copy.chain_again(copy.finished, lie)
    assert copy.places(copy.finished)


# -- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["changed", "missing", "swapped"])
def test_stored_file_harmed_is_named(copy: Copy, played: Played, tmp_path: Path, harm: str) -> None:
    with copy.raw() as raw:
        digests = [row[0] for row in raw.execute("SELECT DISTINCT digest FROM document WHERE dossier = ?",
                                                 (copy.finished,))]  # fmt: skip
    shutil.copytree(played.product.settings.home / "files", tmp_path / "files")
    copy.files = FileStore(tmp_path / "files")
    first, second = (next((tmp_path / "files").rglob(f"*{digest[4:]}*")) for digest in digests[:2])
    first.chmod(0o600)
    if harm == "missing":
        first.unlink()
    elif harm == "changed":
        content = bytearray(first.read_bytes())
        content[len(content) // 2] ^= 1
        first.write_bytes(content)
    else:
        first.write_bytes(second.read_bytes())
    assert list(copy.places(copy.finished)) == [f"file {digests[0]}"]


# -- rows --------------------------------------------------------------------------------------------------------


def _columns() -> Iterator[tuple[str, str]]:
    for table in TABLES:
        for column in metadata.tables[table].columns:
            if column.name not in UNTOLD.get(table, set()) | {"state" if table == "dossier" else ""}:
                yield table, column.name


@pytest.mark.parametrize(("table", "column"), list(_columns()))
def test_edited_column_is_found_at_row(copy: Copy, table: str, column: str) -> None:
    whose, where = _where(table)
    number = copy.finished
    with copy.raw() as raw:
        before = raw.execute(f"SELECT {column} FROM {table} WHERE {where} LIMIT 1", (number,)).fetchone()[0]
    copy.edit(f"UPDATE {table} SET {column} = ? WHERE rowid = (SELECT rowid FROM {table} WHERE {where} LIMIT 1)",
              _other(column, before), number)  # fmt: skip
    if (table, column) == ("dossier", "number"):
        pytest.skip("another number is another dossier")
    places = list(copy.places(number))
    assert places
    assert any(place.startswith((f"row {whose}", "event ", "definition ")) for place in places), places


def _where(table: str) -> tuple[str, str]:
    """The table's name in places, and the condition of a dossier's rows."""
    if table == "dossier":
        return table, "number = ?"
    if table in {"payment", "payment_intent"}:
        return table, "charge IN (SELECT id FROM charge WHERE dossier = ?)"
    if table == "outbox":
        return table, "dossier = ? AND task <> ''"
    return table, "dossier = ?"


def _other(column: str, value: Any) -> Any:
    if column in OTHER:
        return OTHER[column].strip("'")
    if value is None:
        return 1
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str) and value[:1] == "{":
        return json.dumps(json.loads(value) | {"x": 1})
    if isinstance(value, str) and value[:1] == "[":
        return json.dumps([*json.loads(value), 1])
    return f"{value}x"


@pytest.mark.parametrize("column", ["due_at", "ref"])
@pytest.mark.parametrize("kind", ["process", "due", "warning"])
def test_timer_edited_is_found(copy: Copy, kind: str, column: str) -> None:
    with copy.raw() as raw:
        row = raw.execute(
            "SELECT id FROM timer WHERE dossier = ? AND kind = ? AND state = 'waiting'", (copy.waiting, kind)
        ).fetchone()
    if row is None:
        pytest.skip(f"this dossier has no {kind} timer")
    change = "due_at + 60000000" if column == "due_at" else "ref || 'x'"
    copy.edit(f"UPDATE timer SET {column} = {change} WHERE id = ?", row[0])
    assert list(copy.places(copy.waiting)) == [f"row timer {row[0]}"]


def test_timer_missing_is_found(copy: Copy) -> None:
    copy.edit("DELETE FROM timer WHERE id = ?", f"{copy.waiting}:due")
    assert list(copy.places(copy.waiting)) == [f"row timer {copy.waiting}:due"]


@pytest.mark.parametrize("table", [name for name in TABLES if name not in {"dossier"}])
def test_row_missing_is_found(copy: Copy, table: str) -> None:
    whose, where = _where(table)
    copy.edit(f"DELETE FROM {table} WHERE rowid = (SELECT rowid FROM {table} WHERE {where} LIMIT 1)", copy.finished)
    assert any(place.startswith(f"row {whose} ") for place in copy.places(copy.finished))


@pytest.mark.parametrize("table", ["task", "document", "charge", "receipt", "book_entry"])
def test_row_added_is_found(copy: Copy, table: str) -> None:
    columns = [column.name for column in metadata.tables[table].columns]
    changed = {
        "task": {"id": "'x'"},
        "document": {"id": "'x'"},
        "charge": {"id": "'x'", "item": "'x'"},
        "receipt": {"number": "'x'", "charge": "'x'"},
        "book_entry": {"number": "4711", "occasion": "'x'"},
    }[table]
    values = ", ".join(changed.get(name, name) for name in columns)
    copy.edit(f"INSERT INTO {table} SELECT {values} FROM {table} WHERE dossier = ? LIMIT 1", copy.finished)
    assert [place.split()[1] for place in copy.places(copy.finished)] == [table]


@pytest.mark.parametrize("column", ["business", "data", "deadline", "due_at"])
def test_unreadable_value_is_named_and_no_crash(copy: Copy, column: str) -> None:
    copy.edit(f"UPDATE dossier SET {column} = 'garbage' WHERE number = ?", copy.finished)
    assert "cannot be read" in copy.places(copy.finished)[f"row dossier {copy.finished}"]


def test_process_state_changed_is_found(copy: Copy) -> None:
    with copy.raw() as raw:
        other = raw.execute("SELECT state FROM dossier WHERE number = ?", (copy.waiting,)).fetchone()[0]
    place = f"row dossier {copy.finished}"
    copy.edit("UPDATE dossier SET state = ? WHERE number = ?", other, copy.finished)
    assert copy.places(copy.finished) == {place: "process state differs from its re-execution"}
    copy.edit("UPDATE dossier SET state = ? WHERE number = ?", other[:-1] + b"?", copy.finished)
    assert list(copy.places(copy.finished)) == [place]


# -- the definition ----------------------------------------------------------------------------------------------


def test_definition_bytes_changed_are_found(copy: Copy) -> None:
    digest = copy.events(copy.finished)[0].content()["digest"]
    with copy.raw() as raw:
        files = bytearray(raw.execute("SELECT files FROM definition_bundle WHERE digest = ?", (digest,)).fetchone()[0])
    files[len(files) // 2] ^= 1
    copy.edit("UPDATE definition_bundle SET files = ? WHERE digest = ?", bytes(files), digest)
    assert f"definition {digest[:12]}" in copy.places(copy.finished)


def test_other_definition_bound_is_found(copy: Copy) -> None:
    with copy.raw() as raw:
        other = raw.execute(
            "SELECT digest FROM definition_bundle WHERE digest <> (SELECT digest FROM dossier WHERE number = ?)",
            (copy.finished,),
        ).fetchone()[0]
    copy.edit("UPDATE dossier SET digest = ? WHERE number = ?", other, copy.finished)
    assert f"definition {other[:12]}" in copy.places(copy.finished)
    copy.edit("DELETE FROM definition_bundle WHERE digest = ?", other)
    assert f"definition {other[:12]}" in copy.places(copy.finished)


def test_other_files_under_bound_digest_are_found(copy: Copy) -> None:
    digest = copy.events(copy.finished)[0].content()["digest"]
    copy.edit(
        "UPDATE definition_bundle SET files = (SELECT files FROM definition_bundle WHERE digest <> ? LIMIT 1) "
        "WHERE digest = ?", digest, digest,
    )  # fmt: skip
    assert f"definition {digest[:12]}" in copy.places(copy.finished)


# -- the command line --------------------------------------------------------------------------------------------


def test_command_names_row_and_exits_1(copy: Copy, played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(played.product.settings.home / "files", copy.file.parent / "files")
    monkeypatch.setenv("MOTCUA_HOME", str(copy.file.parent))
    run = CliRunner().invoke(main, ["verify", "--all"])
    assert (run.exit_code, run.stdout.splitlines()[-1].endswith("intact")) == (0, True), run.output
    copy.edit("UPDATE task SET completed_by = 'x' WHERE dossier = ? AND node = 'sign'", copy.finished)
    run = CliRunner().invoke(main, ["verify", copy.finished])
    assert run.exit_code == 1
    assert f"{copy.finished}: row task" in run.stdout
    answer = json.loads(CliRunner().invoke(main, ["verify", "--all", "--json"]).stdout)
    assert (answer["ok"], answer["dossiers"], len(answer["findings"])) == (False, 2, 1)
    assert answer["findings"][0]["place"].startswith("row task ")
    assert answer["findings"][0]["what"] == "completed_by differs from the journal"
