"""Figures for Prometheus, in a registry of the application's own; nothing in them is about a person."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from engine.queries.health import Measures, Queue, Totals, measures, totals
from engine.store.workers import Workers
from webapp.bootstrap import Product

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
#: Totals are counted anew at most so often, however often a monitor asks.
TOTALS_EVERY = timedelta(minutes=5)


class Figures(Collector):
    """Reads the database when it is asked: what is cheap each time, what is not every few minutes."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._counting = threading.Lock()
        self._counted: tuple[datetime, Totals] | None = None

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        product = self._product
        now = product.clock.now()
        with product.database.read() as connection:
            found = measures(connection, now)
            at_odds = len(Workers(connection).at_odds(product.settings.dispatcher, now))
        counted, whole = self._totals(now)
        age = max(0.0, (now - counted).total_seconds())
        yield from _moving(found, whole.failed)
        yield _gauge("workers_at_odds", "Living workers with another MOTCUA_DISPATCHER than this server.", at_odds)
        yield from _counted(whole, age)
        beat = product.heartbeat.last()
        if beat is not None:
            silent = max(0.0, (now - beat).total_seconds())
            yield _gauge(
                "worker_last_round_age_seconds", "Since the worker beside this server finished a round.", silent
            )
        yield _gauge("disk_free_bytes", "Room on the disk of the home folder.", _room(product))

    def _totals(self, now: datetime) -> tuple[datetime, Totals]:
        with self._counting:
            known = self._counted
            if known is None or not timedelta(0) <= now - known[0] < TOTALS_EVERY:
                with self._product.database.read() as connection:
                    known = self._counted = (now, totals(connection, now))
            return known


def _moving(found: Measures, failed: tuple[Queue, ...]) -> Iterator[Metric]:
    queue = GaugeMetricFamily(
        "motcua_outbox_rows", "Work for connectors, by topic and state.", labels=["topic", "state"]
    )
    for part in (*found.queues, *failed):
        queue.add_metric([part.topic, part.state], part.rows)
    yield queue
    yield _gauge("outbox_oldest_waiting_age_seconds", "Since the oldest waiting row was due.", found.oldest_waiting)
    yield _gauge("timers_due", "Timers whose moment has come and that have not fired.", found.timers_due)
    yield _gauge("timers_oldest_due_age_seconds", "Since the oldest of them should have fired.", found.oldest_timer)
    yield _gauge("workers", "Workers that did not say good-bye.", found.workers)
    yield _gauge("workers_last_beat_age_seconds", "Since any worker last showed that it lives.", found.worker_beat)


def _counted(whole: Totals, age: float) -> Iterator[Metric]:
    yield _gauge("incidents", "Failed outbox rows and failing timers.", whole.incidents)
    yield _gauge("tasks_open", "Open user tasks.", whole.tasks_open)
    yield _gauge("dossiers_overdue", "Open dossiers past their due moment.", whole.dossiers_overdue)
    yield _gauge("journal_events", "Events of all journals.", whole.events)
    yield _gauge("journal_newest_event_age_seconds", "Since the newest event was chained.", whole.newest_event + age)
    yield _gauge("totals_age_seconds", "Since incidents, tasks, overdue dossiers and events were counted.", age)


def _room(product: Product) -> float:
    try:
        return float(shutil.disk_usage(product.settings.home).free)
    except OSError:
        return 0.0


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"motcua_{name}", text, value=value)


class Meter:
    """The registry of one application, with the time its requests take.

    Under gunicorn the processes put their times into files, and whoever is asked adds them up.
    """

    def __init__(self, product: Product) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(Figures(product))
        together = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        if together:
            MultiProcessCollector(self.registry)  # type: ignore[no-untyped-call]
        self.requests = Histogram(
            "motcua_request_duration_seconds",
            "Time to answer a request, by endpoint.",
            ("endpoint", "method", "status"),
            registry=None if together else self.registry,
            buckets=_BUCKETS,
        )
