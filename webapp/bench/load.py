"""Completions a second through the whole product over HTTP: web processes, worker and PostgreSQL on this machine.

Locust drives the officials; see ``tools/load_users.py`` for what one does and ``load_stock`` for what they work on.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from engine.errors import MotcuaError
from engine.store.database import Database
from engine.store.statement import Statement
from webapp.app import create_app
from webapp.bench.load_stock import Citizens, Official, add_communes, officials
from webapp.bench.pages import cookie
from webapp.bench.processes import Processes
from webapp.bench.temporary_postgresql import PostgresqlServer
from webapp.bootstrap import Product, assemble
from webapp.demo.seed import seed
from webapp.ports import free_ports
from webapp.settings import Settings

#: Completions a second of the three officials of one commune, at their pace in ``tools/load_users.py``.
_PER_COMMUNE = 0.625
_COMPLETED = Statement("SELECT count(*) FROM event WHERE kind = 'TaskCompleted'")
_WAITING = Statement("SELECT count(*), coalesce(min(created_at), 0) FROM outbox WHERE state = 'waiting'")
_SAMPLE = Statement("SELECT number FROM dossier ORDER BY head LIMIT 25")
_ROOT = Path(__file__).resolve().parents[2]


class LoadToolMissing(MotcuaError):
    """Locust is not installed; run: make setup, or pip install locust."""

    code = "load-tool-missing"
    vi = "Chưa cài Locust; hãy chạy: make setup, hoặc pip install locust."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked for."""

    rate: float = 25.0  #: completions a second
    minutes: float = 1.0
    processes: int = 2  #: of the web server
    workers: int = 1


def load_test(plan: Plan) -> dict[str, Any]:
    """Figures of one run; it takes the time of the run and about as long again to make the dossiers."""
    if importlib.util.find_spec("locust") is None:
        raise LoadToolMissing()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="motcua-load-")))
        cluster = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="motcua-load-postgresql-")))
        server = PostgresqlServer(cluster, free_ports())
        server.start()
        stack.callback(server.stop)
        settings = Settings(
            home=folder, database_url=server.url("postgres"), port=free_ports(), sandbox_port=free_ports(4),
            processes=plan.processes, worker=False, log_level="WARNING",
        )  # fmt: skip
        product = stack.enter_context(assemble(settings))
        seed(product)
        staff = officials(math.ceil(plan.rate / _PER_COMMUNE))
        made = _stock(product, staff, plan)
        server.sql("VACUUM ANALYZE")  # as a server that has run for a while has done by itself
        people = _people(product, staff, folder)
        processes = Processes(postgresql=server.pid)
        with _running(settings, plan, processes):
            speed = core_speed()
            figures = _drive(product, plan, len(staff), people, processes)
        return {"plan": f"{plan.rate}/s for {plan.minutes} min, {plan.processes} web, {plan.workers} worker",
                "dossiers": made, "core_ms": [speed, core_speed()], **figures}  # fmt: skip


def core_speed() -> float:
    """Milliseconds of CPU that a million turns of a Python loop take: how fast this machine's cores are just now.

    Figures of runs on machines whose cores are shared with strangers are compared by it.
    """
    begun, total = time.process_time(), 0
    for turn in range(10_000_000):
        total += turn * turn
    return round((time.process_time() - begun) * 100, 1)


def _stock(product: Product, staff: list[Official], plan: Plan) -> int:
    add_communes(product, staff)
    units = sorted({official.unit for official in staff})
    each = math.ceil(plan.minutes * 60 / 8) + 3  # the desk takes one in eight seconds
    return len(list(Citizens(product).fill(units, each)))


def _people(product: Product, staff: list[Official], folder: Path) -> Path:
    """The officials' sessions: signing in is slow by intention and measured by nobody."""
    app = create_app(product)
    people = [{"login": one.login, "role": one.role, "session": cookie(app, one.login)} for one in staff]
    path = folder / "people.json"
    path.write_text(json.dumps(people))
    return path


@contextmanager
def _running(settings: Settings, plan: Plan, processes: Processes) -> Iterator[None]:
    """Web and workers as processes of their own."""
    environment = os.environ | {
        "MOTCUA_HOME": str(settings.home), "MOTCUA_DATABASE_URL": settings.database_url,
        "MOTCUA_PORT": str(settings.port), "MOTCUA_SANDBOX_PORT": str(settings.sandbox_port),
        "MOTCUA_PROCESSES": str(plan.processes), "MOTCUA_WORKER": "0", "MOTCUA_LOG_LEVEL": "WARNING",
    }  # fmt: skip
    web = [sys.executable, "-m", "gunicorn", "-c", "python:webapp.gunicorn_settings"]
    worker = [sys.executable, "-m", "webapp.bench.load_worker"]
    with ExitStack() as stack:
        for name, command in [("web", web), *[("worker", worker)] * plan.workers]:
            process = subprocess.Popen(command, env=environment, cwd=_ROOT)
            stack.callback(_stop, process)
            processes.add(name, process.pid)
        _await(f"http://127.0.0.1:{settings.port}/healthz")
        yield


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _await(address: str) -> None:
    for _ in range(300):
        try:
            if httpx.get(address, timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise LoadToolMissing()


def _drive(product: Product, plan: Plan, users: int, people: Path, processes: Processes) -> dict[str, Any]:
    """Run Locust; its figures, the processes' and the database's."""
    arguments = [
        sys.executable, "-m", "locust", "-f", "tools/load_users.py", "--headless", "--json", "--only-summary",
        "--reset-stats", "--host", product.settings.address, "-u", str(users), "-r", str(max(10, users // 5)),
        "-t", f"{round(plan.minutes * 60)}s", "--loglevel", "ERROR",
    ]  # fmt: skip
    environment = os.environ | {"MOTCUA_LOAD_PEOPLE": str(people)}
    before, begun = _completed(product.database), time.monotonic()
    driver = subprocess.Popen(arguments, env=environment, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    processes.add("locust", driver.pid)
    with processes.sampled(every=5.0):
        out, _ = driver.communicate()
    taken, done = time.monotonic() - begun, _completed(product.database) - before
    with product.database.begin() as uow:
        waiting, oldest = _WAITING.run(uow.connection).fetchone()
        now = product.clock.now().timestamp()
        numbers = [str(row[0]) for row in _SAMPLE.run(uow.connection).fetchall()]
        check = product.verification(uow)
        broken = [number for number in numbers if not check.verify(number).holds]
    return {
        "completions_per_s": round(done / taken, 2),
        "requests": summary(json.loads(out)),
        "outbox_waiting": waiting,
        "outbox_oldest_s": round(now - oldest / 1_000_000) if oldest else 0,
        "verified": f"{len(numbers) - len(broken)} of {len(numbers)}",
        **processes.figures(taken),
    }


def _completed(database: Database) -> int:
    with database.begin() as uow:
        return int(_COMPLETED.run(uow.connection).scalar_one())


def summary(stats: list[dict[str, Any]]) -> dict[str, Any]:
    """Per request and in all: how many, how many failed, median and 95th percentile in milliseconds."""
    found = {entry["name"]: _entry([entry]) for entry in sorted(stats, key=lambda entry: entry["name"])}
    return found | {"all": _entry(stats)}


def _entry(entries: list[dict[str, Any]]) -> dict[str, Any]:
    times: dict[float, int] = {}
    for entry in entries:
        for milliseconds, count in entry["response_times"].items():
            times[float(milliseconds)] = times.get(float(milliseconds), 0) + count
    return {
        "requests": sum(entry["num_requests"] for entry in entries),
        "failed": sum(entry["num_failures"] for entry in entries),
        "p50_ms": _percentile(times, 0.5),
        "p95_ms": _percentile(times, 0.95),
        "p99_ms": _percentile(times, 0.99),
    }


def _percentile(times: dict[float, int], part: float) -> float:
    left = part * sum(times.values())
    for milliseconds in sorted(times):
        left -= times[milliseconds]
        if left <= 0:
            return milliseconds
    return 0.0
