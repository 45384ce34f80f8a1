"""Searching: everybody finds what the person may see, filters mean what they say, pages add up to the whole."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import LiveClock
from tests.webapp.api_caller import Caller
from tests.webapp.api_dossier import filed
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product


@pytest.fixture
def numbers(product: Product, clock: LiveClock) -> list[str]:
    """Five dossiers of two people at two units, filed an hour apart, the oldest first."""
    found = []
    people = (("lan", "H56.12"), ("hung", "H56.12"), ("lan", "H56.40"), ("hung", "H56.40"), ("lan", "H56.12"))
    for login, unit in people:
        found.append(filed(product, login, unit=unit))
        clock.set(clock.now().replace(hour=clock.now().hour + 1))
    return found


def _found(caller: Caller, body: dict[str, Any]) -> list[str]:
    return [row["number"] for row in caller.post("/dossier/search", body).json["items"]]


def test_search_finds_what_each_person_may_see(client: SignIn, numbers: list[str]) -> None:
    seen = {
        "lan": [numbers[0], numbers[2], numbers[4]],
        "hung": [numbers[1], numbers[3]],
        "binh": [numbers[0], numbers[1], numbers[4]],
        "cuong": [numbers[2], numbers[3]],
        "minh": numbers,
        "phuc": [],
        "tam": [],
    }
    for login, expected in seen.items():
        caller = Caller(client(login))
        assert _found(caller, {}) == expected[::-1], login
        for number in numbers:
            status = caller.get(f"/dossier/{number}").status_code
            assert status == (200 if number in expected else 404), (login, number)
    assert Caller(client()).post("/dossier/search", {}).status_code == 401


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"competent_unit": "H56.40"}, [2, 3]),
        ({"competent_unit": {"$neq": "H56.40"}}, [0, 1, 4]),
        ({"applicant": {"$in": ["hung", "khong-co"]}}, [1, 3]),
        ({"applicant_name": {"$like": "Nguyễn*"}}, [0, 2, 4]),
        ({"search": {"$like": "quang hung"}}, [1, 3]),
        ({"search": {"$like": "QUANG HÙNG"}}, [1, 3]),
        ({"number": {"$like": "h56.12-*-000?"}}, [0, 1, 4]),
        ({"number": {"$like": "%"}}, []),
        ({"due_at": {"$exists": True}}, []),
        ({"waiting_for": {"$exists": False}, "closed_at": {"$exists": False}}, None),
        ({"filed_at": {"$gte": "2026-11-10T10:30:00+07:00", "$lt": "2026-11-10T12:30:00+07:00"}}, [2, 3]),
        ({"filed_at": "2026-11-10T01:30:00Z"}, [0]),
        ({"filed_at": {"$in": ["2026-11-10T08:30:00+07:00"]}}, [0]),
        ({"finance": "NONE", "business": {"$in": ["SUBMITTED"]}, "lateness": ""}, None),
    ],
)
def test_search_condition_finds_exactly(
    client: SignIn, numbers: list[str], condition: dict[str, Any], expected: list[int] | None
) -> None:
    found = _found(Caller(client("minh")), {"filter": condition, "sort": [{"field": "filed_at"}]})
    if expected is not None:
        assert found == [numbers[n] for n in expected]
    else:
        assert set(found) <= set(numbers)


@pytest.mark.parametrize(
    "sort",
    [
        [],
        [{"field": "competent_unit", "order": "DESC"}, {"field": "filed_at"}],
        [{"field": "due_at", "order": "ASC"}],
        [{"field": "due_at", "order": "DESC"}, {"field": "applicant_name"}, {"field": "number", "order": "DESC"}],
    ],
)
def test_search_pages_add_up_to_the_whole(client: SignIn, numbers: list[str], sort: list[dict[str, str]]) -> None:
    minh = Caller(client("minh"))
    whole = _found(minh, {"sort": sort})
    paged: list[str] = []
    body: dict[str, Any] = {"sort": sort, "page": {"limit": 2}}
    for _ in range(4):
        answer = minh.post("/dossier/search", body).json
        paged += [row["number"] for row in answer["items"]]
        if answer["page"]["after"] is None:
            break
        body = {"sort": sort, "page": {"limit": 2, "after": answer["page"]["after"]}}
    assert paged == whole
    assert sorted(whole) == sorted(numbers)


def test_search_cursor_of_another_query_is_refused(client: SignIn, numbers: list[str]) -> None:
    minh = Caller(client("minh"))
    cursor = minh.post("/dossier/search", {"page": {"limit": 1}}).json["page"]["after"]
    for body in (
        {"sort": [{"field": "number"}], "page": {"after": cursor}},
        {"filter": {"channel": "desk"}, "page": {"after": cursor}},
        {"page": {"after": cursor[:-3]}},
        {"page": {"after": "%%%"}},
        {"page": {"after": "W10"}},
    ):
        refused = minh.post("/dossier/search", body)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/page/after")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"filter": {"la": 1}}, "/filter/la", "unknown"),
        ({"filter": {"state_": {}}}, "/filter/state_", "unknown"),
        ({"filter": {"number": {"$regex": "x"}}}, "/filter/number/$regex", "unknown"),
        ({"filter": {"number": {}}}, "/filter/number", "length"),
        ({"filter": {"number": {"$in": []}}}, "/filter/number/$in", "length"),
        ({"filter": {"business": "DONE"}}, "/filter/business", "type"),
        ({"filter": {"filed_at": "hôm qua"}}, "/filter/filed_at", "format"),
        ({"filter": {"filed_at": {"$lt": "2026-11-10T08:00:00"}}}, "/filter/filed_at/$lt", "format"),
        ({"filter": {"number": {"$like": "*****"}}}, "/filter/number/$like", "format"),
        ({"sort": [{"field": "state"}]}, "/sort/0/field", "choice"),
        ({"sort": [{"field": "number"}, {"field": "number"}]}, "/sort/1/field", "choice"),
        ({"page": {"limit": 101}}, "/page/limit", "range"),
        ({"page": {"limit": True}}, "/page/limit", "type"),
        ({"tim": 1}, "/tim", "unknown"),
    ],
)
def test_search_mistake_is_named(client: SignIn, body: dict[str, Any], pointer: str, code: str) -> None:
    refused = Caller(client("minh")).post("/dossier/search", body)
    assert refused.status_code == 422
    assert (refused.json["errors"][0]["pointer"], refused.json["errors"][0]["code"]) == (pointer, code)


def test_search_means_the_same_on_both_databases(either_product: Product) -> None:
    from engine.queries.api_search import Condition, Order, Search, find_dossiers
    from tests.conftest import person

    numbers = [filed(either_product, login) for login in ("lan", "hung", "lan")]
    search = Search(
        conditions=(Condition(field="applicant_name", operator="$like", value="*LAN"),),
        order=(Order(field="due_at", descending=True), Order(field="filed_at")),
        limit=1,
    )
    with either_product.database.read() as connection:
        first = find_dossiers(connection, person(either_product, "minh"), search)
        rest = find_dossiers(
            connection,
            person(either_product, "minh"),
            Search(conditions=search.conditions, order=search.order, after=first.after, limit=5),
        )
    assert [row.number for row in (*first.rows, *rest.rows)] == [numbers[0], numbers[2]]


def test_dossier_internals_are_for_officials_and_auditors(client: SignIn, numbers: list[str]) -> None:
    number = numbers[0]
    statuses = {
        login: [
            Caller(client(login)).get(f"/dossier/{number}/history").status_code,
            Caller(client(login)).post(f"/dossier/{number}/verify").status_code,
            Caller(client(login)).get(f"/dossier/{number}/deadline").status_code,
        ]
        for login in ("lan", "hung", "binh", "cuong", "minh")
    }
    assert statuses == {
        "lan": [403, 403, 200],
        "hung": [404, 404, 404],
        "binh": [200, 403, 200],
        "cuong": [404, 404, 404],
        "minh": [200, 200, 200],
    }
    before = Caller(client("lan")).get(f"/dossier/{number}/deadline").json["deadline"]
    assert before is None, "nothing counts before the filing is complete"


def test_dossier_document_of_another_is_not_found(client: SignIn, numbers: list[str]) -> None:
    lan, hung = Caller(client("lan")), Caller(client("hung"))
    own = lan.get(f"/dossier/{numbers[0]}").json["documents"][0]
    assert lan.get(f"/dossier/{numbers[0]}/document/{own['id']}").data.startswith(b"\x89PNG")
    assert lan.get(f"/dossier/{numbers[2]}/document/{own['id']}").status_code == 404
    assert hung.get(f"/dossier/{numbers[1]}/document/{own['id']}").status_code == 404
    assert hung.get(f"/dossier/{numbers[0]}/document/{own['id']}").status_code == 404


def test_charge_of_somebody_else_is_not_found(product: Product, client: SignIn, numbers: list[str]) -> None:
    product.worker().drain()
    charge = Caller(client("lan")).get(f"/dossier/{numbers[0]}").json["charges"][0]["id"]
    for login in ("hung", "binh"):
        assert Caller(client(login)).post(f"/charge/{charge}/pay").status_code == 404
    assert Caller(client("lan")).post("/charge/khong-co/pay").status_code == 404
