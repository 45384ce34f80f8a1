"""Dossiers of a commune at several steps, made once for the run and copied into a test's own database."""

from __future__ import annotations

import dataclasses
import re
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from engine.bus import Bus
from engine.clock import SteppingClock
from engine.store.database import Database, sqlite_url
from engine.store.records import Task
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun

ACCEPT = {"da_doi_chieu": "true", "quyet_dinh": "accept", "act": "submit"}
CHECKS = ["ban_chinh", "so_trang", "chu_ky_dau", "noi_dung"]
PREPARE = {"ket_luan": "certify", "kiem_tra": CHECKS, "loi_chung": "giay_va_dien_tu", "act": "submit"}
SIGN = {"quyet_dinh": "approve", "da_xem": "true", "act": "submit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The numbers of the dossiers."""

    product: Product
    unpaid: str  #: waits for the fee
    desk: str  #: waits at the one-stop desk, claimed by nobody
    sign: str  #: waits for the leader, prepared by hoa

    def task(self, number: str, node: str) -> Task:
        """The newest task of a step."""
        with self.product.database.begin() as uow:
            return [task for task in uow.tasks.of(number) if task.node == node][-1]

    def post_url(self, page: str) -> str:
        """Where the form of the task on a page posts to."""
        found = re.search(r'action="(/dossiers/[^"]+/tasks/[^"]+)"', page)
        assert found, "there is no task form on the page"
        return found[1].replace("&amp;", "&")


def build(installation: Product, folder: Path) -> tuple[Path, dict[str, str]]:
    """The template: its database file, and the numbers by name."""
    file = folder / "office.db"
    shutil.copyfile(installation.settings.home / "motcua.db", file)
    database = Database(sqlite_url(file))
    bus = Bus(database, installation.clock, installation.bus.library, installation.bus.rules)
    demo = DemoRun(dataclasses.replace(installation, database=database, bus=bus), say=lambda line: None)
    lan = demo.person("lan")
    numbers = {"unpaid": demo.file(lan)}
    for name in ("desk", "sign"):
        numbers[name] = demo.file(lan)
        demo.pay(lan, numbers[name])
        demo.worker.drain()
    demo.complete("binh", numbers["sign"], "desk", {"da_doi_chieu": True, "quyet_dinh": "accept"})
    prepare = {name: value for name, value in PREPARE.items() if name != "act"}
    demo.complete("hoa", numbers["sign"], "prepare", prepare)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file, numbers


def fill(product: Product, template: Path) -> None:
    """Replace the content of a product's own database by the template's."""
    source = sqlite3.connect(template)
    target = product.database.engine.raw_connection()
    source.backup(target.driver_connection)  # type: ignore[arg-type]
    target.close()
    source.close()


def still(installation: Product, clock: SteppingClock) -> None:
    """Let the installation's clock stand where the template was made."""
    installation.clock.stepping = clock  # type: ignore[attr-defined]
