"""Backups: the database at one moment, every file it names, and a manifest by which both are checked."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.files.store import FileStore
from engine.errors import IntegrityBroken, InvalidInput, NotFound, Text
from engine.model import merkle
from engine.model.chain import canonical
from engine.ports import ObjectStore
from engine.queries.checkpoints import flaws
from engine.queries.verification import Verification
from engine.store.connection import Connection
from engine.store.copying import NotEmpty, copied_out, copy_in
from engine.store.database import Database
from engine.store.migration import expected_revision, migrate
from engine.store.statement import Statement
from engine.values import Digest
from webapp.calendar_files import read_calendar, read_office

FORMAT = "motcua-backup-1"
MANIFEST = "manifest.json"
_HEADS = Statement("SELECT number, seq, head FROM dossier ORDER BY number")
_FILES = Statement(
    "SELECT digest FROM document UNION SELECT view FROM document WHERE view <> '' UNION SELECT digest FROM result "
    "ORDER BY 1"
)
#: Signed records of publication lie in the history of procedures.
_RECORDS = Statement("SELECT body FROM procedure_event ORDER BY id")
_RECORD = re.compile(r'"pdf":\s*"([0-9a-f]{64})"')
#: What opens everything else; copied only when asked for.
_SECRETS = ("secrets.json", "pki")


class BackupBroken(IntegrityBroken):
    """The backup does not hold: {what}: {why}"""

    code = "backup-broken"
    vi = "Bản sao lưu không nguyên vẹn: {what}: {why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What an installation keeps."""

    database: Database
    files: ObjectStore
    home: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a backup came to."""

    folder: Path
    dossiers: int
    files: int
    new_files: int  #: those that no earlier backup in the same place had


def take(stock: Stock, destination: Path, now: datetime, *, secrets: bool = False) -> Taken:
    """A new backup below ``destination``; dossiers may move meanwhile. Nothing is left of one that fails.

    Files are shared by all backups of a destination and copied once, by their digest. Secrets and keys are left out
    unless asked for: keep them apart from the data they protect.
    """
    folder = destination / f"{now:%Y%m%dT%H%M%S}"
    part = folder.with_suffix(".part")
    part.mkdir(parents=True, mode=0o700)
    store = FileStore(destination / "files")
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, part)
        with copied_out(stock.database, part) as (connection, place):
            heads = _heads(connection)
            digests = _digests(connection)
        new = [digest for digest in digests if not store.exists(digest)]
        for digest in new:
            store.put(stock.files.get(digest))
        manifest = {
            "format": FORMAT, "at": now.isoformat(), "revision": expected_revision(),
            "database": {"file": place.name, "sha256": _sha256(place)},
            "files": {"count": len(digests), "sha256": hashlib.sha256("\n".join(digests).encode()).hexdigest()},
            "dossiers": len(heads), "heads": _root(heads),
            "secrets": _copy_secrets(stock.home, part) if secrets else [],
        }  # fmt: skip
        (part / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        _sync(part)
        part.rename(folder)
        undo.pop_all()
    return Taken(folder=folder, dossiers=len(heads), files=len(digests), new_files=len(new))


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restored installation came to; it holds when nothing was found."""

    dossiers: int
    files: int
    findings: tuple[str, ...]


def restore(stock: Stock, source: Path, *, say: Callable[[str], None]) -> Restored:
    """Fill an empty installation from a backup, then verify it whole; ``BackupBroken`` before anything is written."""
    manifest = _read(source)
    place = source / str(manifest["database"]["file"])
    if _sha256(place) != manifest["database"]["sha256"]:
        raise BackupBroken(what=place.name, why=Text(vi="đã bị sửa", en="it was changed"))
    copy_in(stock.database, place)
    migrate(stock.database)
    with stock.database.read() as connection:
        digests, heads = _digests(connection), _heads(connection)
    say(f"{len(heads)} dossiers, {len(digests)} files")
    findings = list(_bring_files(FileStore(source.parent / "files"), stock.files, digests))
    if _root(heads) != manifest["heads"]:
        findings.append("the heads of the chains are not those of the manifest")
    findings += verify_whole(stock)
    return Restored(dossiers=len(heads), files=len(digests), findings=tuple(findings))


def require_empty_home(home: Path) -> None:
    """``NotEmpty`` when files or secrets lie there."""
    for name in ("files", *_SECRETS):
        if any(path.is_file() for path in (home / name).rglob("*")) or (home / name).is_file():
            raise NotEmpty(what=str(home / name))


def restore_secrets(home: Path, source: Path) -> None:
    """Bring back secrets and keys of a backup that has them; before the installation is opened."""
    for name in _read(source)["secrets"]:
        path = source / "secrets" / name
        if path.is_dir():
            shutil.copytree(path, home / name, dirs_exist_ok=True)
        else:
            home.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, home / name)


def verify_whole(stock: Stock) -> list[str]:
    """Every finding about every dossier and checkpoint, in words."""
    with stock.database.begin() as uow:
        verification = Verification(uow, stock.files, calendar=read_calendar(), office=read_office())
        verdicts = [verification.verify(number) for number in uow.dossiers.numbers()]
        found = [f"{one.dossier}: {one.place}: {one.what}" for verdict in verdicts for one in verdict.findings]
        return found + [f"{one.dossier or '-'}: {one.place}: {one.what}" for one in flaws(uow, None)]


def _bring_files(backup: FileStore, files: ObjectStore, digests: Iterable[Digest]) -> Iterable[str]:
    for digest in digests:
        try:
            files.put(backup.get(digest))
        except (IntegrityBroken, NotFound) as error:
            yield error.message("en")


def _read(source: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise InvalidInput(what=MANIFEST, why=f"format {manifest['format']}")
    except (OSError, ValueError, KeyError) as error:
        why = Text(vi=f"không có {MANIFEST} đọc được", en=f"there is no readable {MANIFEST}")
        raise InvalidInput(what=str(source), why=why) from error
    return manifest


def _heads(connection: Connection) -> list[bytes]:
    return [canonical(list(row)).encode() for row in _HEADS.run(connection).fetchall()]


def _digests(connection: Connection) -> list[Digest]:
    named = {row[0] for row in _FILES.run(connection).fetchall()}
    for row in _RECORDS.run(connection).fetchall():
        named.update(_RECORD.findall(row[0]))
    return [Digest(name) for name in sorted(named)]


def _root(heads: list[bytes]) -> str:
    return merkle.root(heads).hex()


def _copy_secrets(home: Path, part: Path) -> list[str]:
    copied = []
    for name in _SECRETS:
        source, target = home / name, part / "secrets" / name
        target.parent.mkdir(exist_ok=True, mode=0o700)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.is_file():
            shutil.copy2(source, target)
        else:
            continue
        copied.append(name)
    return copied


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BackupBroken(what=path.name, why=error.strerror or "unreadable") from error


def _sync(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
