"""Verbs that run the product: init, serve, worker, settings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import click
import waitress

from engine.model.queue import QUEUES, chosen
from engine.store.guards import grant
from webapp import memory
from webapp.app import create_app
from webapp.bootstrap import Product, assemble, open_database
from webapp.cli.group import show
from webapp.demo.seed import seed
from webapp.logs import configure_logging
from webapp.ports import require_free
from webapp.settings import described, read_settings


@click.command()
@click.option("--grant-to", "role", help="PostgreSQL role that the application works as: it gets what work needs.")
@click.option("--take-over", is_flag=True, help="Demo: let its people sign with the certificates of this home.")
def init(role: str | None, take_over: bool) -> None:
    """Create or migrate the database and, in the demo, its certificates, people and procedures.

    With --grant-to run it as the owner of the tables; the served process and the workers then connect as ROLE, which
    can neither change nor remove what is append-only.
    """
    settings = read_settings()
    configure_logging("WARNING")
    if settings.production:
        open_database(settings).close()
    else:
        with assemble(settings) as product:
            seed(product, take_over=take_over)
    if role is not None:
        database = open_database(settings)
        grant(database, role)
        database.close()
    click.echo(f"ready: {settings.home.resolve()}")


@click.command()
@click.option("--host", help="Address to serve on.")
@click.option("--port", type=int, help="Port to serve on.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the product; in the demo with its sandboxes and people."""
    settings = read_settings(given={"host": host, "port": port})
    configure_logging(settings.log_level)
    require_free(settings.host, settings.port, "MOTCUA_PORT")
    with assemble(settings) as product:
        if not settings.production:
            seed(product)
        running = product.start(product.worker()) if settings.worker else None
        try:
            click.echo(f"Motcua: {settings.address}", err=True)
            signal.signal(signal.SIGTERM, _finish)
            if settings.processes > 1:
                _serve_together(product)
            else:
                _serve_alone(product)
        finally:
            if running is not None:
                running.stop(patience=settings.stop_seconds)


def _serve_alone(product: Product) -> None:
    """Threads of this process: enough for a commune."""
    settings, app = product.settings, create_app(product)
    memory.settle()
    waitress.serve(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        max_request_body_size=(settings.upload_mb + 1) * 1024 * 1024,
        ident="motcua",
    )


def _serve_together(product: Product) -> None:
    """Several processes under gunicorn; this one keeps the sandboxes and the worker, and waits for them."""
    settings = product.settings
    assert product.secrets["session"], "made once, before several processes could each make their own"
    environment = os.environ | {"MOTCUA_HOST": settings.host, "MOTCUA_PORT": str(settings.port)}
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:webapp.gunicorn_settings"], env=environment
    )
    try:
        raise SystemExit(server.wait())
    finally:
        server.terminate()
        server.wait(timeout=settings.stop_seconds + 5)


def _finish(number: int, frame: object) -> None:
    """A polite end: requests in hand are answered, the worker finishes what it holds."""
    raise SystemExit(0)


@click.command()
@click.option("--queues", default="", help=f"Queues to work for, by comma: {', '.join(QUEUES)} (all unless given).")
@click.option("--concurrency", type=click.IntRange(1, 64), help="Rows in hand at once (MOTCUA_CONCURRENCY).")
def worker(queues: str, concurrency: int | None) -> None:
    """Deliver outbox and timers in a process of its own until it is told to stop."""
    settings = read_settings()
    configure_logging(settings.log_level)
    with assemble(settings, sandboxes=False) as product:
        working = product.worker(queues=chosen(queues), concurrency=concurrency or 0)
        done = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: done.set())
        memory.settle()
        running = product.start(working)
        click.echo(f"worker {working.name}: {', '.join(working.queues)}", err=True)
        done.wait()
        running.stop(patience=settings.stop_seconds)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def settings(as_json: bool) -> None:
    """Print every setting with its default and meaning."""
    rows = described()
    if as_json:
        show([{"name": name, "default": default, "meaning": meaning} for name, default, meaning in rows])
        return
    for name, default, meaning in rows:
        click.echo(f"{name:<28} {default:<12} {meaning}")
