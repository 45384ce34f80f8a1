"""What a page costs: requests through the whole application on a database with dossiers, and over HTTP with threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any

import httpx
import waitress
from flask import Flask

from webapp.app import create_app
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun


def _quiet(line: str) -> None:
    """Say nothing."""


def page_times(product: Product, *, dossiers: int = 20, rounds: int = 40) -> dict[str, Any]:
    """Milliseconds per page (median, 95th percentile) in this process, without a network."""
    demo = DemoRun(product, say=_quiet)
    number = demo.play().number
    for _ in range(dossiers):
        demo.pay(demo.person("lan"), demo.file(demo.person("lan")))
    demo.worker.drain()
    app = create_app(product)
    app.config["WTF_CSRF_ENABLED"] = False
    pages = {
        "procedures": ("lan", "/procedures"),
        "procedure": ("lan", "/procedures/2.000815"),
        "my_dossiers": ("lan", "/my"),
        "inbox": ("binh", "/inbox"),
        "dossier": ("hoa", f"/dossiers/{number}"),
        "history": ("minh", f"/dossiers/{number}/history"),
    }
    return {name: _times(app, login, path, rounds) for name, (login, path) in pages.items()}


def _times(app: Flask, login: str, path: str, rounds: int) -> dict[str, float]:
    client = app.test_client()
    with client.session_transaction() as session:
        session["login"] = login
    taken = []
    for _ in range(rounds + 2):
        begun = perf_counter()
        response = client.get(path)
        taken.append((perf_counter() - begun) * 1000)
        assert response.status_code == httpx.codes.OK, (path, response.status_code)
    return _summary(taken[2:])


def _summary(taken: list[float]) -> dict[str, float]:
    cuts = quantiles(taken, n=20)
    return {"p50_ms": round(cuts[9], 1), "p95_ms": round(cuts[18], 1)}


def inbox_over_http(product: Product, *, clients: int = 4, seconds: float = 5.0) -> dict[str, float]:
    """Requests a second for the inbox with a few clients on loopback; the server's CPU is in this process."""
    app = create_app(product)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=clients)
    threading.Thread(target=server.run, daemon=True).start()
    session = cookie(app, "binh")
    taken: list[float] = []
    stop = perf_counter() + seconds

    def ask() -> None:
        with httpx.Client(cookies={"motcua": session}) as client:
            while perf_counter() < stop:
                begun = perf_counter()
                client.get(f"http://127.0.0.1:{server.effective_port}/inbox").raise_for_status()
                taken.append((perf_counter() - begun) * 1000)

    begun, cpu = perf_counter(), process_time()
    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed, used = perf_counter() - begun, process_time() - cpu
    server.close()
    rate = {"requests_per_s": round(len(taken) / elapsed, 1), "requests_per_cpu_s": round(len(taken) / used, 1)}
    return rate | _summary(taken)


def cookie(app: Flask, login: str) -> str:
    """The session of somebody who has signed in."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["login"] = login
    found = client.get_cookie("motcua")
    assert found is not None
    return str(found.value)


def timed(action: Callable[[], object], rounds: int) -> dict[str, float]:
    """Milliseconds of an action: median and 95th percentile."""
    taken = []
    for _ in range(rounds):
        begun = perf_counter()
        action()
        taken.append((perf_counter() - begun) * 1000)
    return _summary(taken)
