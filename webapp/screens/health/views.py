"""``/healthz``, ``/readyz`` and ``/metrics``."""

from __future__ import annotations

import hmac
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from flask import Blueprint, Response, current_app, g, jsonify, request
from flask.blueprints import BlueprintSetupState
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from engine.errors import ConnectorUnavailable, Forbidden
from engine.queries.health import database_problem
from engine.values import Digest
from webapp import web
from webapp.screens.health.measuring import Meter

screen = Blueprint("health", __name__)
_METER = "motcua-meter"
#: An embedded worker that has not finished a round for so long is taken for dead; a round may read many papers.
_WORKER_SILENT = timedelta(seconds=120)
_LEAST_DISK = 100 * 1024 * 1024


class MetricsClosed(Forbidden):
    """Metrics are read on this machine, or with the bearer token of MOTCUA_METRICS_TOKEN."""

    code = "metrics-closed"
    vi = "Số đo chỉ đọc được từ chính máy chủ, hoặc bằng mã truy cập MOTCUA_METRICS_TOKEN."


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One condition of being ready; ``why`` is stable and empty when it holds."""

    name: str
    why: str


@screen.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions[_METER] = Meter(state.app.extensions["motcua"])


@screen.after_app_request
def _observe(response: Response) -> Response:
    begun = g.get("begun")
    if begun is not None:
        labels = (request.endpoint or "none", request.method if request.url_rule else "any", f"{response.status_code}")
        meter: Meter = current_app.extensions[_METER]
        meter.requests.labels(*labels).observe(time.perf_counter() - begun)
    return response


@screen.get("/healthz")
def alive() -> Response:
    """The process answers; nothing else is asked."""
    return jsonify({"status": "ok"})


@screen.get("/readyz")
def ready() -> tuple[Response, int]:
    """Whether requests may be sent here: 200, or 503 with what is missing."""
    checks = [_database(), _files(), *_worker()]
    holds = not any(check.why for check in checks)
    body = {"ready": holds, "checks": {check.name: check.why or "ok" for check in checks}}
    return jsonify(body), 200 if holds else 503


def _database() -> Check:
    return Check(name="database", why=database_problem(web.product().database))


def _files() -> Check:
    settings = web.product().settings
    if settings.s3_endpoint:
        return Check(name="files", why=_bucket_problem())
    home: Path = settings.home
    try:
        with tempfile.NamedTemporaryFile(dir=home / "files", prefix=".probe-"):
            free = shutil.disk_usage(home).free
    except OSError:
        return Check(name="files", why="not-writable")
    return Check(name="files", why="" if free >= _LEAST_DISK else "disk-full")


def _bucket_problem() -> str:
    try:
        web.product().ports.files.exists(Digest.of(b""))
    except ConnectorUnavailable:
        return "unreachable"
    return ""


def _worker() -> list[Check]:
    """Only where the worker belongs to the served process; one of its own is watched by itself."""
    product = web.product()
    if not product.settings.worker:
        return []
    last = product.heartbeat.last()
    if last is None:
        return [Check(name="worker", why="never-ran")]
    silent = product.clock.now() - last > _WORKER_SILENT
    return [Check(name="worker", why="silent" if silent else "")]


@screen.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus: with the token where one is set, else on this machine alone."""
    if not _may_measure():
        raise MetricsClosed()
    meter: Meter = current_app.extensions[_METER]
    return Response(generate_latest(meter.registry), content_type=CONTENT_TYPE_LATEST)


def _may_measure() -> bool:
    token = web.product().settings.metrics_token
    if token:
        given = request.authorization
        text = given.token if given is not None and given.type == "bearer" and given.token else ""
        return hmac.compare_digest(text.encode(), token.encode())
    # Behind a proxy on this machine everybody seems to be here; a proxy leaves these headers.
    passed_on = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"))
    return not passed_on and ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104 - an address asked about
