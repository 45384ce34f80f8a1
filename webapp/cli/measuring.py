"""The verb that measures: every figure comes from a run on this machine, made now."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import click

from connectors.ocr.tesseract import TesseractReader
from connectors.signing.measure import measure as measure_signing
from connectors.signing.signers import connect
from connectors.signing.signing_settings import SigningSettings
from engine.bpmn.bench import bench as bench_engine
from engine.clock import SystemClock
from engine.decisions.pace import figures as decision_figures
from engine.decisions.tck import run_tck
from engine.model.clock_bench import bench_clock
from engine.model.schedule import WorkSchedule
from engine.store.database import Database
from engine.store.migration import migrate
from webapp.bench.desk_pages import desk_times
from webapp.bench.jobs import pick_up
from webapp.bench.pages import inbox_over_http, page_times
from webapp.bench.studio import studio_figures
from webapp.bench.temporary_postgresql import PostgresqlMissing, PostgresqlServer
from webapp.bench.transactions import FullTransactions, naive_blob_sqlite, rates, sqlite_database
from webapp.bootstrap import Product, assemble
from webapp.calendar_files import read_calendar, read_hours
from webapp.cli.group import show
from webapp.demo.run import sample_paper
from webapp.demo.seed import seed
from webapp.logs import configure_logging
from webapp.ports import free_ports
from webapp.settings import Settings

#: Cases per round of the transaction benches.
_CASES = 25


@click.command()
@click.argument(
    "areas",
    nargs=-1,
    type=click.Choice(["engine", "store", "decisions", "tck", "clock", "ocr", "sign", "http", "studio", "jobs"]),
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--tck-folder", type=click.Path(path_type=Path), default=Path("../shared/tck"), help="Where the kit lies."
)
@click.option("--tasks", default=20_000, show_default=True, help="http: open tasks; jobs: pending timers.")
@click.option(
    "--server", type=click.Choice(["sqlite", "postgresql"]), default="postgresql", show_default=True,
    help="http: which database.",
)  # fmt: skip
@click.option("--keep", type=click.Path(path_type=Path), help="http: fill this folder once and use it again next time.")
def bench(areas: tuple[str, ...], as_json: bool, tck_folder: Path, tasks: int, server: str, keep: Path | None) -> None:
    """Measure AREAS (all when none is named)."""
    configure_logging("CRITICAL")
    wanted = areas or tuple(name for name in _AREAS if name not in {"store", "jobs"})
    figures: dict[str, Any] = {}
    for area in wanted:
        if not as_json:
            click.echo(f"{area} …", err=True)
        if area == "tck":
            found = _tck(tck_folder)
        elif area == "http":
            found = _http(tasks, server, keep)
        elif area == "jobs":
            found = _jobs(tasks)
        else:
            found = _AREAS[area]()
        figures |= found if area in ("engine", "store") else {area: found}
    if as_json:
        show(figures)
        return
    for name, value in figures.items():
        click.echo(f"{name:<32} {value if not isinstance(value, dict) else json.dumps(value, ensure_ascii=False)}")


def _engine() -> dict[str, Any]:
    return bench_engine() | _store()


def _store() -> dict[str, Any]:
    """Transactions on both databases; the PostgreSQL figure is the CPU of this process alone."""
    with tempfile.TemporaryDirectory() as folder, naive_blob_sqlite() as naive:
        database = sqlite_database(Path(folder))
        full = FullTransactions(database)
        [naive_rates, full_rates] = rates(naive, full.case, size=_CASES)
        figures: dict[str, Any] = {
            "naive_blob_sqlite_per_cpu_s": round(median(naive_rates), 1),
            "full_sqlite_per_cpu_s": round(median(full_rates), 1),
            "full_over_naive": round(
                median(ours / theirs for ours, theirs in zip(full_rates, naive_rates, strict=True)), 2
            ),
        }
        figures |= full.verified_events_per_cpu_s(_CASES)
        database.close()
    with tempfile.TemporaryDirectory() as folder:
        try:
            server = PostgresqlServer(Path(folder), free_ports())
            server.start()
        except PostgresqlMissing as missing:
            return figures | {"full_postgresql_per_cpu_s": None, "postgresql": missing.message("en")}
        try:
            database = Database(server.url("postgres"))
            [speeds] = rates(FullTransactions(database).case, size=_CASES)
            figures["full_postgresql_per_cpu_s"] = round(median(speeds), 1)
            database.close()
        finally:
            server.stop()
    return figures


def _tck(folder: Path) -> dict[str, Any]:
    levels: dict[str, Any] = {}
    for level in ("compliance-level-2", "compliance-level-3"):
        if not (folder / level).is_dir():
            levels[level] = f"not measured: {folder / level} is missing"
            continue
        rows = list(run_tck([folder / level]))
        levels[level] = f"{sum(row.success for row in rows)} of {len(rows)}"
    return levels


def _clock() -> dict[str, Any]:
    found = bench_clock(read_calendar(), WorkSchedule.from_json(read_hours()), perf_counter)
    return {"deadlines_per_minute": found.deadlines_per_minute}


def _ocr() -> dict[str, Any]:
    times = TesseractReader().measure(sample_paper(SystemClock().now()), "image/png")
    return {f"page_{place}": {"prepare_ms": round(page.prepare), "recognise_ms": round(page.recognise)}
            for place, page in enumerate(times, start=1)}  # fmt: skip


def _sign() -> dict[str, Any]:
    with _product() as product:
        keys, roots = product.settings.signing_keys, product.settings.signing_roots
        assert keys is not None
        assert roots is not None
        connector = connect(
            SigningSettings(keys=keys, roots=roots, time_stamp_url=product.settings.time_stamp_url), product.clock
        )
        data = json.loads((Path(__file__).resolve().parents[2] / _SAMPLE).read_text(encoding="utf-8"))
        pdf = product.ports.letters.render("certified-copy", data)
        timings = measure_signing(connector, pdf, official="officer:toan", seal="seal:H56.12", other="specimen:p256")
    return {timing.name: {"wall_ms": round(timing.wall_ms), "cpu_ms": round(timing.cpu_ms)} for timing in timings}


def _http(tasks: int, server: str, keep: Path | None) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    if keep is None:
        with _product() as product:
            figures = page_times(product) | {"inbox_4_clients": inbox_over_http(product)}
    with tempfile.TemporaryDirectory() as temporary:
        figures[f"desk_{tasks}_{server}"] = _desk(tasks, server, keep or Path(temporary))
    return figures


def _desk(tasks: int, server: str, folder: Path) -> dict[str, Any]:
    """The pages of the desk with many open tasks, served by a process of its own."""
    home = folder / "home"
    settings = Settings(home=home, port=free_ports(), sandbox_port=free_ports(4), worker=False)
    if server == "sqlite":
        return desk_times(settings, tasks)
    cluster = PostgresqlServer(folder / "postgresql", free_ports(), options=_LARGE)
    cluster.start()
    try:
        return desk_times(replace(settings, database_url=cluster.url("postgres")), tasks)
    finally:
        cluster.stop()


#: A server of a province's size; the defaults of PostgreSQL are for a small one.
_LARGE = (
    "shared_buffers=2GB", "effective_cache_size=6GB", "work_mem=32MB", "max_wal_size=8GB", "random_page_cost=1.1",
    "jit=off",
)  # fmt: skip


def _studio() -> dict[str, Any]:
    with _product() as product:
        return studio_figures(product)


def _jobs(timers: int) -> dict[str, Any]:
    """Pick-up of 50 jobs a second under each dispatcher, on a PostgreSQL server of its own."""
    with _product(seeded=False) as product, tempfile.TemporaryDirectory() as folder:
        try:
            server = PostgresqlServer(Path(folder), free_ports())
            server.start()
        except PostgresqlMissing as missing:
            return {"postgresql": missing.message("en")}
        try:
            database = Database(server.url("postgres"))
            migrate(database)
            figures = {"timers_pending": timers} | dict(pick_up(product, database, timers=timers))
            database.close()
            return figures
        finally:
            server.stop()


@contextmanager
def _product(*, seeded: bool = True) -> Iterator[Product]:
    with tempfile.TemporaryDirectory() as folder:
        port = free_ports()
        with assemble(Settings(home=Path(folder), port=port, sandbox_port=free_ports(4))) as product:
            if seeded:
                seed(product)
            yield product


_SAMPLE = "processes/_shared/letters/certified-copy.sample.json"
_AREAS: dict[str, Callable[[], dict[str, Any]]] = {
    "engine": _engine,
    "store": _store,
    "decisions": lambda: dict(decision_figures()),
    "tck": dict,
    "clock": _clock,
    "ocr": _ocr,
    "sign": _sign,
    "http": dict,
    "studio": _studio,
    "jobs": dict,
}
