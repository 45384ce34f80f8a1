"""Figures for Prometheus, in a registry of the application's own; nothing in them is about a person."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from engine.queries.health import Measures, measures
from webapp.bootstrap import Product

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)


class Figures(Collector):
    """Reads the database each time it is asked."""

    def __init__(self, product: Product) -> None:
        self._product = product

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        product = self._product
        now = product.clock.now()
        with product.database.read() as connection:
            found = measures(connection, now)
        yield from _families(found)
        beat = product.heartbeat.last()
        if beat is not None:
            age = max(0.0, (now - beat).total_seconds())
            yield _gauge("worker_last_round_age_seconds", "Since the worker last finished a round.", age)


def _families(found: Measures) -> Iterator[Metric]:
    queue = GaugeMetricFamily(
        "motcua_outbox_rows", "Work for connectors, by topic and state.", labels=["topic", "state"]
    )
    for part in found.queues:
        queue.add_metric([part.topic, part.state], part.rows)
    yield queue
    yield _gauge("outbox_oldest_waiting_age_seconds", "Age of the oldest waiting outbox row.", found.oldest_waiting)
    yield _gauge("timers_due", "Timers whose moment has come and that have not fired.", found.timers_due)
    yield _gauge("incidents", "Failed outbox rows and failing timers.", found.incidents)
    yield _gauge("tasks_open", "Open user tasks.", found.tasks_open)
    yield _gauge("dossiers_overdue", "Open dossiers past their due moment.", found.dossiers_overdue)
    yield _gauge("journal_events", "Events of all journals.", found.events)
    yield _gauge("journal_newest_event_age_seconds", "Since the newest event was chained.", found.newest_event)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"motcua_{name}", text, value=value)


class Meter:
    """The registry of one application, with the time its requests take."""

    def __init__(self, product: Product) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(Figures(product))
        self.requests = Histogram(
            "motcua_request_duration_seconds",
            "Time to answer a request, by endpoint.",
            ("endpoint", "method", "status"),
            registry=self.registry,
            buckets=_BUCKETS,
        )
