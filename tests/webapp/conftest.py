"""The web application under test: a client per person, a live server and a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from engine.clock import SteppingClock
from engine.worker import Worker
from tests.conftest import MORNING
from tests.webapp.analyst import Person
from tests.webapp.office import Office, build, fill, still
from webapp.app import create_app
from webapp.bootstrap import Product

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

#: Signs somebody in: ``client("lan")``; no name = a stranger.
SignIn = Callable[..., FlaskClient]


@pytest.fixture
def app(product: Product) -> Flask:
    """The application on this test's product. CSRF is off here; ``server`` has it on."""
    app = create_app(product)
    app.config.update(TESTING=False, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def client(app: Flask) -> SignIn:
    """A client signed in as a demo person, without the password check."""

    def signed_in(login: str = "") -> FlaskClient:
        visitor = app.test_client()
        if login:
            with visitor.session_transaction() as session:
                session["login"] = login
        return visitor

    return signed_in


@pytest.fixture
def worker(product: Product) -> Worker:
    """A worker that acts when told: ``worker.drain()``."""
    return product.worker()


@pytest.fixture
def server(product: Product) -> Iterator[str]:
    """The product served on its port with CSRF on and a worker at work; the address."""
    app = create_app(product)
    live = make_server("127.0.0.1", product.settings.port, app, threaded=True)
    thread = threading.Thread(target=live.serve_forever, name="web", daemon=True)
    thread.start()
    running = product.start(product.worker())
    yield product.settings.address
    running.stop()
    live.shutdown()
    live.server_close()
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser, skipped with a reason where there is none.

    It ends with its module: while Playwright runs, its event loop occupies this thread, and nothing can be signed or
    verified here (the served product does that in threads of its own).
    """
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no chromium at /usr/bin/chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def people(server: str, chromium: Any) -> Iterator[Any]:
    """Browsers by login; closed at the end."""
    known: dict[str, Person] = {}

    def person(login: str) -> Person:
        if login not in known:
            known[login] = Person(chromium, server, login)
        return known[login]

    yield person
    for one in known.values():
        one.context.close()


@pytest.fixture(scope="session")
def office_template(installation: Product, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Dossiers at several steps, made once."""
    still(installation, SteppingClock(MORNING))
    return build(installation, tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(office_template: tuple[Path, dict[str, str]], product: Product) -> Office:
    """A commune with dossiers at several steps, in this test's own database."""
    if not product.database.sqlite:
        pytest.skip("the office's dossiers are a prepared SQLite file; the same queries run on PostgreSQL elsewhere")
    file, numbers = office_template
    fill(product, file)
    return Office(product=product, **numbers)
