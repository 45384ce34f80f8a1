"""Two web processes on one database are one service: sessions, and versions put in force."""

from __future__ import annotations

import dataclasses

import pytest
from flask.testing import FlaskClient

from engine.bus import Bus
from engine.commands.definitions import DeployProcedure
from engine.definitions.package import Package, read_folder
from engine.model.permission import SYSTEM
from engine.procedures import Library
from engine.store.database import Database
from webapp.app import create_app
from webapp.bootstrap import PROCESSES, Product
from webapp.demo.people import PASSWORD


@pytest.fixture
def pair(either_product: Product) -> tuple[Product, Product]:
    """Two processes' products: each has its own connections and its own memory."""
    database = Database(either_product.database.url)
    library = Library(functions=either_product.bus.library.functions)
    bus = Bus(database, either_product.clock, library, either_product.bus.rules)
    return either_product, dataclasses.replace(either_product, database=database, bus=bus)


def _client(product: Product) -> FlaskClient:
    app = create_app(product)
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def _sign_in(client: FlaskClient, password: str, address: str = "192.0.2.7") -> int:
    data = {"login": "binh", "password": password}
    return client.post("/sign-in", data=data, environ_base={"REMOTE_ADDR": address}).status_code


def test_session_of_one_process_holds_in_the_other(pair: tuple[Product, Product]) -> None:
    first, second = map(_client, pair)
    assert _sign_in(first, PASSWORD) == 302
    cookie = first.get_cookie("motcua")
    assert cookie is not None
    assert second.get("/inbox").status_code == 302
    second.set_cookie("motcua", cookie.value)
    assert second.get("/inbox").status_code == 200
    pair[1].database.close()


def test_version_put_in_force_by_one_is_used_by_the_other_at_once(pair: tuple[Product, Product]) -> None:
    first, second = pair
    asked = _client(second)
    package = read_folder(next(PROCESSES.glob("*/procedure.json")).parent)
    code = package.manifest.code
    before = asked.get(f"/api/v1/procedure/{code}").json
    manifest = package.files["procedure.json"].replace(b'"version": "', b'"version": "9', 1)
    newer = Package({**package.files, "procedure.json": manifest})
    first.bus.execute(DeployProcedure(package=newer), SYSTEM)
    after = asked.get(f"/api/v1/procedure/{code}").json
    assert before != after
    assert newer.digest in str(after)
    second.database.close()
