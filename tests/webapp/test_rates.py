"""Too many requests: counted for all processes together, by address and by name, and without keeping either."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.conftest import MORNING, LiveClock
from tests.webapp.conftest import SignIn
from webapp.app import create_app
from webapp.bootstrap import Product


def _process(product: Product) -> Flask:
    """One more process of the installation: it has its own memory, and the same database and secret."""
    app = create_app(product)
    app.config.update(WTF_CSRF_ENABLED=False)
    return app


def _try(app: Flask, login: str = "lan", password: str = "sai", address: str = "192.0.2.1") -> Any:
    return app.test_client().post(
        "/sign-in", data={"login": login, "password": password}, environ_base={"REMOTE_ADDR": address}
    )


@pytest.fixture
def first(product: Product) -> Flask:
    return _process(product)


@pytest.fixture
def second(product: Product) -> Flask:
    return _process(product)


def test_tries_of_one_address_are_counted_over_all_processes(first: Flask, second: Flask) -> None:
    found = [_try((first, second)[place % 2], login=f"nobody-{place}").status_code for place in range(22)]
    assert found == [422] * 20 + [429] * 2
    assert _try(second, login="lan", password="motcua-demo").status_code == 429, "the right password too"
    assert _try(second, login="lan", password="motcua-demo", address="192.0.2.2").status_code == 302


def test_tries_with_one_name_are_counted_over_all_addresses(first: Flask, second: Flask) -> None:
    found = [_try((first, second)[place % 2], address=f"198.51.100.{place}") for place in range(11)]
    assert [answer.status_code for answer in found] == [422] * 10 + [429]
    assert 0 < int(found[-1].headers["Retry-After"]) <= 600


def test_unknown_name_is_limited_like_a_known_one(first: Flask) -> None:
    found = [_try(first, login="khong-co", address=f"198.51.100.{place}").status_code for place in range(11)]
    assert found == [422] * 10 + [429]


def test_right_password_begins_anew(product: Product, first: Flask, second: Flask) -> None:
    for round_ in range(3):
        for place in range(9):
            assert _try(first, address=f"198.51.100.{place}").status_code == 422, round_
        assert _try(second, password="motcua-demo").status_code == 302


def test_whoever_waits_as_told_comes_in(product: Product, clock: LiveClock) -> None:
    for place in range(10):
        _try(_process(product), address=f"198.51.100.{place}")
    wait = int(_try(_process(product)).headers["Retry-After"])
    clock.set(MORNING + timedelta(seconds=wait + 1))
    assert _try(_process(product), password="motcua-demo").status_code == 302


def test_refused_is_told_on_the_form_for_how_long(first: Flask) -> None:
    for place in range(20):
        _try(first, login=f"nobody-{place}")
    page = _try(first, login="lan").get_data(as_text=True)
    assert "Quá nhiều yêu cầu loại này; hãy chờ 63 giây." in page
    assert 'value="lan"' in page, "what was typed is still there"
    for place in range(10):
        _try(first, address=f"198.51.100.{place}", login="hoa")
    visitor = first.test_client()
    visitor.get("/sign-in?lang=en")
    english = visitor.post("/sign-in", data={"login": "hoa", "password": "sai"})
    assert re.search("Too many requests of this kind; wait [2-9] minutes", english.get_data(as_text=True))


def test_token_and_form_count_together(first: Flask, second: Flask) -> None:
    for place in range(10):
        _try(first, address=f"198.51.100.{place}")
    refused = second.test_client().post("/api/v1/token", json={"login": "lan", "password": "motcua-demo"})
    assert (refused.status_code, refused.json["code"]) == (429, "too-often")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
    ],
    ids=["one-network", "two-networks", "an-address-in-two-spellings"],
)
def test_addresses_of_one_network_count_together(first: Flask, one: str, other: str, same: bool) -> None:
    for place in range(20):
        _try(first, login=f"nobody-{place}", address=one)
    assert _try(first, login="nobody", address=other).status_code == (429 if same else 422)


def test_neither_address_nor_name_is_kept(product: Product, first: Flask) -> None:
    _try(first, login="nguoi-nao-do", address="203.0.113.77")
    with product.database.begin() as uow:
        rows = uow.connection.driver.execute("SELECT name, caller, hits FROM rate_count").fetchall()
    assert sorted(row[0] for row in rows) == ["sign-in", "sign-in-as"]
    assert "203.0.113.77" not in str(rows)
    assert "nguoi-nao-do" not in str(rows)


def test_database_that_cannot_write_lets_people_in_and_each_process_counts_alone(
    product: Product, first: Flask
) -> None:
    """On a full disk an operator must be able to sign in and read what to do; guessing stays slow."""
    with product.database.begin() as uow:
        uow.connection.driver.execute("PRAGMA query_only = ON")  # SQLite's refusal of a full or read-only disk
    assert _try(first, password="motcua-demo").status_code == 302
    found = [_try(first, address=f"198.51.100.{place}").status_code for place in range(11)]
    assert found == [422] * 10 + [429]


def test_checks_of_files_are_limited_by_page_and_interface_together(first: Flask, second: Flask) -> None:
    for _ in range(30):
        first.test_client().post("/verify", data={})
    assert first.test_client().post("/verify", data={}).status_code == 429
    refused = second.test_client().post(
        "/api/v1/signature/verify", data=b"%PDF-", headers={"Content-Type": "application/pdf"}
    )
    assert refused.status_code == 429


def test_questions_of_an_official_to_the_register_are_limited(client: SignIn) -> None:
    desk = client("binh")
    found = [desk.post("/counter/visitor", data={"id": "038088005678"}).status_code for _ in range(31)]
    assert found == [302] * 30 + [429]
    assert client("cuong").post("/counter/visitor", data={"id": "038088005678"}).status_code == 302
