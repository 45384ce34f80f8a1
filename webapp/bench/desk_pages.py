"""What the pages of the desk cost over HTTP when a province's open tasks stand in the database.

The product is served by a process of its own, as an installation serves it; the client asks one page after the other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from re import search
from statistics import quantiles
from time import perf_counter
from typing import Any

import httpx

from engine.commands.organisation import AddAccount
from engine.commands.tasks import ClaimTask
from engine.errors import MotcuaError
from engine.model import permission as role
from engine.model.permission import SYSTEM
from engine.store import bench_load
from engine.store.moments import stored
from engine.store.records import Account
from webapp.app import create_app
from webapp.bench.pages import cookie
from webapp.bootstrap import Product, assemble
from webapp.demo.run import UNIT, DemoRun
from webapp.demo.seed import seed
from webapp.settings import Settings

#: An official with the three biggest groups, one of whose tasks is to be searched and paged through.
_OFFICIAL = "bench"
_PAGES: Mapping[str, tuple[str, str]] = {
    "inbox": (_OFFICIAL, "/inbox"),
    "inbox_group": (_OFFICIAL, "/inbox?tab=group"),
    "inbox_mine": ("bench-3", "/inbox?tab=mine"),
    "inbox_waiting": (_OFFICIAL, "/inbox?tab=waiting"),
    "inbox_done": (_OFFICIAL, "/inbox?tab=done"),
    "inbox_overdue": (_OFFICIAL, "/inbox?state=overdue"),
    "inbox_due_soon": (_OFFICIAL, "/inbox?state=due_soon"),
    "inbox_in_time": (_OFFICIAL, "/inbox?state=in_time"),
    "inbox_paused": (_OFFICIAL, "/inbox?state=paused"),
    "inbox_procedure": (_OFFICIAL, "/inbox?procedure=3.000007"),
    "inbox_procedure_late": (_OFFICIAL, "/inbox?procedure=3.000007&state=overdue"),
    "inbox_counts": (_OFFICIAL, "/inbox/counts"),
    "search_number": (_OFFICIAL, f"/inbox?q={UNIT}-260105-0000004"),
    "search_number_part": (_OFFICIAL, "/inbox?q=260105-00012"),
    "search_full_name": (_OFFICIAL, "/inbox?q=Đặng+Hữu+Đông"),
    "search_common_name": (_OFFICIAL, "/inbox?q=nguyen+thi+lan"),
    "search_given_name": (_OFFICIAL, "/inbox?q=phuong"),
    "search_common_word": (_OFFICIAL, "/inbox?q=nguyen"),
    "search_procedure": (_OFFICIAL, "/inbox?q=mau+so+7"),
    "search_name_and_procedure": (_OFFICIAL, "/inbox?q=lan+mau+so"),
    "search_nothing": (_OFFICIAL, "/inbox?q=khong+co+ai"),
    "search_nothing_common": (_OFFICIAL, "/inbox?q=nguyen+tran"),
    "early_warning": (_OFFICIAL, "/board/early-warning"),
    "board_unit": ("toan", "/board"),
}


class PageRefused(MotcuaError):
    """The bench asked for {path} and was answered {status}."""

    code = "page-refused"
    vi = "Phép đo xin {path} và nhận {status}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A database that is ready: its dossiers with a real path, and a signed-in session for each person."""

    numbers: tuple[str, ...]
    cookies: dict[str, str]


def desk_times(settings: Settings, tasks: int, *, rounds: int = 60) -> dict[str, Any]:
    """Milliseconds per page (median, 95th percentile, most) with ``tasks`` open tasks."""
    prepared = _prepare(settings, tasks)
    with _served(settings) as address:
        figures: dict[str, Any] = {}
        for name, (login, path) in _PAGES.items():
            figures[name] = _ask(address, prepared.cookies[login], [path] * rounds)
        deeper = _following(address, prepared.cookies[_OFFICIAL], "/inbox?tab=group", rounds)
        figures["inbox_deep_pages"] = _ask(address, prepared.cookies[_OFFICIAL], deeper)
        dossiers = [f"/dossiers/{number}" for number in prepared.numbers]
        figures["dossier"] = _ask(address, prepared.cookies["hoa"], dossiers * max(1, rounds // len(dossiers)))
        return figures


def _prepare(settings: Settings, tasks: int) -> Prepared:
    """Fill the database, unless an earlier run did."""
    note = settings.home / "bench.json"
    if note.exists():
        return Prepared(**json.loads(note.read_text()))
    with assemble(settings) as product:
        seed(product)
        numbers = _real_dossiers(product)
        for login in (_OFFICIAL, "bench-3"):
            posts = tuple((UNIT, held) for held in (role.DESK, role.SPECIALIST, role.CLERK))
            name = login if login == _OFFICIAL else f"{login}{UNIT}"
            product.bus.execute(AddAccount(account=_account(name), posts=posts), SYSTEM)
        bench_load.load(product.database, numbers[1], tasks, (UNIT,), now=int(stored(product.clock.now()) or 0))
        bench_load.settle(product.database)
        app = create_app(product)
        logins = {_OFFICIAL: _OFFICIAL, "bench-3": f"bench-3{UNIT}", "hoa": "hoa", "toan": "toan"}
        prepared = Prepared(
            numbers=tuple(numbers), cookies={name: cookie(app, login) for name, login in logins.items()}
        )
    note.write_text(json.dumps({"numbers": list(prepared.numbers), "cookies": prepared.cookies}))
    return prepared


def _account(login: str) -> Account:
    return Account(
        login=login,
        name="Cán bộ đo",
        person_id="",
        email="bench@example.vn",
        phone="",
        password="!",  # noqa: S106 - nobody signs in with it
        certificate="",
        active=True,
    )


def _real_dossiers(product: Product, count: int = 12) -> list[str]:
    """Numbers of dossiers with papers, readings, money and slips; one is finished, the others wait for the desk."""
    demo = DemoRun(product, say=lambda _line: None)
    numbers = []
    for _ in range(count):
        number = demo.file(demo.person("lan"))
        demo.pay(demo.person("lan"), number)
        numbers.append(number)
    demo.worker.drain()
    for number in numbers[1 : count // 2]:
        demo.complete("binh", number, "desk", {"da_doi_chieu": True, "quyet_dinh": "accept"})
        product.bus.execute(ClaimTask(task=demo.task(number, "prepare").id), demo.person("hoa"))
    demo.worker.drain()
    return numbers


@contextmanager
def _served(settings: Settings) -> Iterator[str]:
    """The address of the product in a process of its own."""
    environment = os.environ | {
        "MOTCUA_HOME": str(settings.home),
        "MOTCUA_DATABASE_URL": settings.database_url,
        "MOTCUA_PORT": str(settings.port),
        "MOTCUA_SANDBOX_PORT": str(settings.sandbox_port),
        "MOTCUA_WORKER": "0",  # where there is so much to do, workers are processes of their own
        "MOTCUA_LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen([str(Path(sys.executable).parent / "motcua"), "serve"], env=environment)
    try:
        for _ in range(600):
            try:
                httpx.get(f"{settings.address}/healthz", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield settings.address
    finally:
        process.terminate()
        process.wait(timeout=30)


def _ask(address: str, session: str, paths: list[str]) -> dict[str, float]:
    taken = []
    with httpx.Client(base_url=address, cookies={"motcua": session}, timeout=120) as client:
        client.get(paths[0])
        for path in paths:
            begun = perf_counter()
            response = client.get(path)
            taken.append((perf_counter() - begun) * 1000)
            if response.status_code != httpx.codes.OK:
                raise PageRefused(path=path, status=response.status_code)
    cuts = quantiles(taken, n=20)
    return {"p50_ms": round(cuts[9], 1), "p95_ms": round(cuts[18], 1), "most_ms": round(max(taken), 1)}


def _following(address: str, session: str, path: str, count: int) -> list[str]:
    """The addresses of the pages after the first, as its links lead on."""
    found = []
    with httpx.Client(base_url=address, cookies={"motcua": session}, timeout=120) as client:
        for _ in range(count):
            link = search(r'rel="next" href="([^"]+)"', client.get(path).text)
            if link is None:
                break
            path = unescape(link.group(1))
            found.append(path)
    return found
