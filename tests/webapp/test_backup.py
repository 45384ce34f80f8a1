"""A backup brings everything back and is verified whole; a broken one is named; one taken in motion is consistent."""

from __future__ import annotations

import json
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.files.store import FileStore
from engine.model.chain import canonical
from engine.store.copying import NotEmpty, ToolFailed
from engine.store.database import Database, sqlite_url
from engine.values import Digest
from tests.conftest import LiveClock, person
from webapp.backup import BackupBroken, Stock, require_empty_home, restore, restore_secrets, take
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun


def _quiet(line: str) -> None:
    """Say nothing."""


def _stock(product: Product) -> Stock:
    return Stock(database=product.database, files=product.ports.files, home=product.settings.home)


@pytest.fixture
def empty(either_product: Product, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[], Stock]]:
    """Makes empty installations on the same kind of database."""
    opened: list[Database] = []

    def make() -> Stock:
        place = tmp_path / f"empty{len(opened)}"
        place.mkdir()
        if either_product.database.sqlite:
            url = sqlite_url(place / "motcua.db")
        else:
            server = request.getfixturevalue("postgresql")
            name = f"empty{uuid.uuid4().hex[:8]}"
            server.sql(f"CREATE DATABASE {name}")
            url = server.url(name)
        opened.append(Database(url))
        return Stock(database=opened[-1], files=FileStore(place / "files"), home=place)

    yield make
    for database in opened:
        database.close()


def test_restored_installation_is_whole_and_goes_on(
    either_product: Product, empty: Callable[[], Stock], tmp_path: Path, clock: LiveClock
) -> None:
    demo = DemoRun(either_product, say=_quiet)
    finished, waiting = demo.play().number, demo.file(demo.person("lan"))
    now = clock.now()
    taken = take(_stock(either_product), tmp_path / "backups", now)
    assert (taken.dossiers, taken.new_files) == (2, taken.files)
    new = empty()
    restored = restore(new, taken.folder, say=_quiet)
    assert restored.findings == ()
    assert (restored.dossiers, restored.files) == (2, taken.files)
    with either_product.database.read() as old, new.database.read() as copy:
        for table in ("dossier", "event", "task", "account", "deployment"):
            asked = f"SELECT * FROM {table} ORDER BY 1, 2"
            assert old.driver.execute(asked).fetchall() == copy.driver.execute(asked).fetchall(), table
    with new.database.begin() as uow:
        assert new.files.get(Digest(uow.results.of(finished).digest))  # type: ignore[union-attr]
        assert uow.dossiers.get(waiting).closed_at is None
    with pytest.raises(NotEmpty):
        restore(new, taken.folder, say=_quiet)
    later = take(_stock(either_product), tmp_path / "backups", now.replace(minute=59))
    assert (later.files, later.new_files) == (taken.files, 0)  # copied once


def test_broken_backup_is_named(either_product: Product, empty: Callable[[], Stock], tmp_path: Path) -> None:
    demo = DemoRun(either_product, say=_quiet)
    demo.file(demo.person("lan"))
    taken = take(_stock(either_product), tmp_path / "backups", either_product.clock.now())
    manifest = json.loads((taken.folder / "manifest.json").read_text())

    database = taken.folder / manifest["database"]["file"]
    whole = database.read_bytes()
    database.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(BackupBroken, match="changed"):
        restore(empty(), taken.folder, say=_quiet)
    database.write_bytes(whole)

    (taken.folder / "manifest.json").write_text(canonical(manifest | {"heads": "0" * 64}))
    assert restore(empty(), taken.folder, say=_quiet).findings == (
        "the heads of the chains are not those of the manifest",
    )
    paper = next(path for path in (tmp_path / "backups" / "files").rglob("*") if path.is_file())
    paper.chmod(0o640)
    paper.write_bytes(b"x")
    found = restore(empty(), taken.folder, say=_quiet).findings
    assert any(paper.name in finding for finding in found)


def test_backup_taken_in_motion_is_consistent(
    either_product: Product, empty: Callable[[], Stock], tmp_path: Path
) -> None:
    demo = DemoRun(either_product, say=_quiet)
    demo.file(demo.person("lan"))
    stop, filed = threading.Event(), [0]

    def move() -> None:
        while not stop.is_set():
            demo.file(demo.person("lan"))
            filed[0] += 1

    mover = threading.Thread(target=move)
    mover.start()
    try:
        while filed[0] < 2:
            stop.wait(0.01)
        taken = take(_stock(either_product), tmp_path / "backups", either_product.clock.now())
    finally:
        stop.set()
        mover.join()
    restored = restore(empty(), taken.folder, say=_quiet)
    assert restored.findings == ()
    assert restored.dossiers == taken.dossiers >= 3


def test_secrets_are_copied_only_when_asked_for(product: Product, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "pki" / "keys").mkdir(parents=True)
    (home / "pki" / "keys" / "seal_H56.p12").write_bytes(b"key")
    (home / "secrets.json").write_text("{}")
    stock = Stock(database=product.database, files=product.ports.files, home=home)
    now = product.clock.now()
    without = take(stock, tmp_path / "backups", now)
    assert not (without.folder / "secrets").exists()
    whole = take(stock, tmp_path / "backups", now.replace(minute=58), secrets=True)
    assert (whole.folder.stat().st_mode & 0o777) == 0o700
    restore_secrets(tmp_path / "new", whole.folder)
    assert (tmp_path / "new" / "pki" / "keys" / "seal_H56.p12").read_bytes() == b"key"
    with pytest.raises(NotEmpty):
        require_empty_home(tmp_path / "new")


@pytest.mark.postgresql
def test_missing_tool_is_said_and_nothing_is_left(
    product: Product, postgresql_url: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgresql_url("tool"))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    stock = Stock(database=database, files=product.ports.files, home=tmp_path)
    with pytest.raises(ToolFailed, match="postgresql-client"):
        take(stock, tmp_path / "backups", product.clock.now())
    assert [path.name for path in (tmp_path / "backups").iterdir()] == ["files"]
    database.close()


def test_person_of_the_demo_is_in_the_copy(either_product: Product, empty: Callable[[], Stock], tmp_path: Path) -> None:
    taken = take(_stock(either_product), tmp_path / "backups", either_product.clock.now())
    new = empty()
    assert restore(new, taken.folder, say=_quiet).dossiers == 0
    with new.database.begin() as uow:
        actor = uow.organisation.actor("binh", either_product.clock.now())
    assert actor == person(either_product, "binh")
