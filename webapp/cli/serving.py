"""Verbs that run the product: init, serve, worker, settings."""

from __future__ import annotations

import signal
import threading

import click
from gunicorn.app.base import BaseApplication

from webapp.app import create_app
from webapp.bootstrap import Product, assemble, configure_logging, open_database
from webapp.cli.group import show
from webapp.demo.seed import seed
from webapp.settings import Settings, described, read_settings


@click.command()
def init() -> None:
    """Create or migrate the database and, in the demo, its certificates, people and procedures."""
    settings = read_settings()
    configure_logging("WARNING")
    if settings.production:
        open_database(settings).close()
    else:
        with assemble(settings) as product:
            seed(product)
    click.echo(f"ready: {settings.home.resolve()}")


@click.command()
@click.option("--host", help="Address to serve on.")
@click.option("--port", type=int, help="Port to serve on.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the product; in the demo with its sandboxes and people."""
    settings = read_settings(given={"host": host, "port": port})
    configure_logging(settings.log_level)
    with assemble(settings) as product:
        if not settings.production:
            seed(product)
        worker = product.worker() if settings.worker else None
        if worker is not None:
            worker.start()
        try:
            click.echo(f"Motcua: {settings.address}", err=True)
            Server(product, settings).run()
        finally:
            if worker is not None:
                worker.stop()


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with threads in one process, so that the demo's worker and sandboxes live beside it."""

    def __init__(self, product: Product, settings: Settings) -> None:
        self._product, self._settings = product, settings
        super().__init__()

    def load_config(self) -> None:
        """Bind and threads from the settings."""
        self.cfg.set("bind", f"{self._settings.host}:{self._settings.port}")
        self.cfg.set("threads", self._settings.threads)
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("loglevel", "warning")

    def load(self) -> object:
        """The application."""
        return create_app(self._product)


@click.command()
def worker() -> None:
    """Deliver outbox and timers in a process of its own until it is told to stop."""
    settings = read_settings()
    configure_logging(settings.log_level)
    with assemble(settings, sandboxes=False) as product:
        working = product.worker()
        done = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: done.set())
        working.start()
        click.echo(f"worker {working.name}", err=True)
        done.wait()
        working.stop()


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
