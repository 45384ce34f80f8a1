"""Alive, ready and measured."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connectors.files.s3_sandbox import S3Sandbox
from tests.conftest import LiveClock
from tests.webapp.api_dossier import filed
from webapp.app import create_app
from webapp.bootstrap import Product, open_files


@pytest.fixture
def own(product: Product, tmp_path: Path) -> Product:
    """A product whose home folder is the test's own."""
    (tmp_path / "files").mkdir()
    return dataclasses.replace(product, settings=dataclasses.replace(product.settings, home=tmp_path))


def _client(product: Product) -> FlaskClient:
    return create_app(product).test_client()


def test_alive_asks_nothing(own: Product) -> None:
    own.database.close()
    assert _client(own).get("/healthz").json == {"status": "ok"}


def test_ready_follows_the_worker(own: Product, clock: LiveClock) -> None:
    client = _client(own)
    assert client.get("/readyz").json["checks"]["worker"] == "never-ran"
    own.worker().drain()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["ready"]) == (200, True)
    assert set(answer.json["checks"].values()) == {"ok"}
    clock.set(clock.now() + timedelta(minutes=3))
    silent = client.get("/readyz")
    assert (silent.status_code, silent.json["checks"]["worker"]) == (503, "silent")
    alone = dataclasses.replace(own, settings=dataclasses.replace(own.settings, worker=False))
    assert "worker" not in _client(alone).get("/readyz").json["checks"]


def test_ready_says_what_is_missing(own: Product) -> None:
    own.worker().drain()
    with own.database.begin() as uow:
        uow.connection.driver.execute("UPDATE alembic_version SET version_num = '0000'")
    (own.settings.home / "files").rmdir()
    answer = _client(own).get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": "not-migrated", "files": "not-writable", "worker": "ok"}
    with own.database.begin() as uow:
        uow.connection.driver.execute("DROP TABLE alembic_version")
    assert _client(own).get("/readyz").json["checks"]["database"] == "not-migrated"


def test_ready_asks_the_bucket_where_there_is_one(own: Product, tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    sandbox = S3Sandbox(tmp_path / "bucket", bucket="b", access_key="a", secret_key="s")
    settings = dataclasses.replace(
        own.settings, worker=False, s3_endpoint=sandbox.start(), s3_bucket="b", s3_access_key="a", s3_secret_key="s"
    )
    ports = dataclasses.replace(own.ports, files=open_files(settings))
    client = _client(dataclasses.replace(own, settings=settings, ports=ports))
    assert client.get("/readyz").json["checks"]["files"] == "ok"
    sandbox.stop()
    assert client.get("/readyz").json["checks"]["files"] == "unreachable"


def _figures(client: FlaskClient) -> dict[str, float]:
    lines = [line for line in client.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_metrics_tell_what_waits_and_is_late(own: Product, clock: LiveClock) -> None:
    filed(own)
    client = _client(own)
    clock.set(clock.now() + timedelta(seconds=90))
    before = _figures(client)
    waiting = [name for name in before if name.startswith("motcua_outbox_rows") and 'state="waiting"' in name]
    assert waiting
    assert before["motcua_outbox_oldest_waiting_age_seconds"] == 90
    assert before["motcua_journal_newest_event_age_seconds"] == 90
    assert before["motcua_journal_events"] > 0
    assert before["motcua_incidents"] == 0
    with own.database.begin() as uow:
        uow.connection.driver.execute("UPDATE outbox SET state = 'failed'")
        uow.connection.driver.execute("UPDATE dossier SET due_at = 1")
    kept = _figures(client)
    assert (kept["motcua_dossiers_overdue"], kept["motcua_outbox_oldest_waiting_age_seconds"]) == (0, 0)
    clock.set(clock.now() + timedelta(minutes=5))
    after = _figures(client)
    assert after["motcua_incidents"] == sum(before[name] for name in waiting)
    assert after["motcua_dossiers_overdue"] == 1
    assert after["motcua_outbox_oldest_waiting_age_seconds"] == 0
    count = 'motcua_request_duration_seconds_count{endpoint="health.metrics",method="GET",status="200"}'
    assert after[count] == 2


def test_metrics_name_nobody(own: Product) -> None:
    number = filed(own)
    client = _client(own)
    client.get(f"/my/{number}")
    text = client.get("/metrics").text
    assert not any(word in text for word in (number, "Lan", 'lan"', "038190001234"))


@pytest.mark.parametrize(
    ("token", "headers", "address", "status"),
    [
        ("", {}, "127.0.0.1", 200),
        ("", {}, "::1", 200),
        ("", {}, "10.0.0.7", 403),
        ("", {"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1", 403),
        ("", {"Authorization": "Bearer x"}, "10.0.0.7", 403),
        ("bí mật", {}, "127.0.0.1", 403),
        ("s3cret", {"Authorization": "Bearer s3cret"}, "10.0.0.7", 200),
        ("s3cret", {"Authorization": "Bearer s3cre"}, "127.0.0.1", 403),
        ("s3cret", {"Authorization": "Basic czNjcmV0Og=="}, "127.0.0.1", 403),
    ],
)
def test_metrics_are_closed_to_strangers(
    own: Product, token: str, headers: dict[str, str], address: str, status: int
) -> None:
    settings = dataclasses.replace(own.settings, metrics_token=token)
    client = _client(dataclasses.replace(own, settings=settings))
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_figures_are_the_same_on_both_databases(either_product: Product) -> None:
    from engine.queries.health import database_problem, measures, totals

    filed(either_product)
    assert database_problem(either_product.database) == ""
    with either_product.database.read() as connection:
        found = measures(connection, either_product.clock.now())
        counted = totals(connection, either_product.clock.now())
        assert counted.events == connection.driver.execute("SELECT count(*) FROM event").fetchone()[0]
    assert found.queues
    assert counted.newest_event == 0


def test_unknown_address_makes_no_new_series(app: Flask) -> None:
    client = app.test_client()
    for n in range(3):
        client.open(f"/khong-co-{n}", method=f"VERB{n}")
    names = [name for name in _figures(client) if 'endpoint="none"' in name and "_count" in name]
    assert len(names) == 1
