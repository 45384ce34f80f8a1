"""The verb that puts the whole product under load, as many officials would."""

from __future__ import annotations

import json

import click

from webapp.bench.load import Plan, load_test
from webapp.cli.group import show
from webapp.logs import configure_logging


@click.command()
@click.option("--rate", type=click.FloatRange(min=0.1), default=25.0, show_default=True, help="Completions a second.")
@click.option("--minutes", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help="How long.")
@click.option("--processes", type=click.IntRange(1, 32), default=2, show_default=True, help="Web processes.")
@click.option("--workers", type=click.IntRange(1, 32), default=1, show_default=True, help="Worker processes.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def load(rate: float, minutes: float, processes: int, workers: int, as_json: bool) -> None:
    """Let officials work through web, worker and a PostgreSQL of its own on this machine, driven by Locust."""
    configure_logging("ERROR")
    figures = load_test(Plan(rate=rate, minutes=minutes, processes=processes, workers=workers))
    if as_json:
        show(figures)
        return
    for name, value in figures.items():
        click.echo(f"{name:<20} {value if not isinstance(value, dict) else json.dumps(value, ensure_ascii=False)}")
