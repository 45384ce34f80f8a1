"""Random input: whatever is sent, the answer is one that the document promises, and never a fault of ours."""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.webapp.api_caller import DOCUMENT, Caller
from tests.webapp.api_dossier import filed
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product
from webapp.screens.api.routes import ROUTES

_EXAMPLES = int(os.environ.get("MOTCUA_FUZZ", "150"))
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
_NAMES = st.sampled_from(
    ["data", "unit", "procedure", "filter", "sort", "page", "limit", "after", "field", "order", "login", "password",
     "$eq", "$in", "$like", "$lt", "$exists", "number", "filed_at", "due_at", "state", "search", "nyc", "giay_to",
     "ho_ten", "tep_quet", "la", "", "/", "~"]
)  # fmt: skip
_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4), max_leaves=15
)
_BODIES = st.dictionaries(_NAMES, _JSON, max_size=5) | _JSON


def _near(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that nearly fit a schema: right members, with values of any kind now and then."""
    if "$ref" in schema:
        return _near(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return st.one_of(*(_near(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        return st.fixed_dictionaries({}, optional={name: _near(one) for name, one in schema["properties"].items()})
    if kind == "array":
        return st.lists(_near(schema.get("items", {})), max_size=3)
    if schema.get("format") == "date-time":
        return st.sampled_from(["2026-11-10T08:30:00+07:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "x"])
    simple = {"string": st.text(max_size=20), "integer": st.integers(), "boolean": st.booleans(), "object": _JSON}
    return simple.get(str(kind), _JSON)


@settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_body_gets_a_promised_answer(product: Product, client: SignIn, data: st.DataObject) -> None:
    if not hasattr(product.database, "fuzzed"):
        product.database.fuzzed = _prepared(product, client)  # type: ignore[attr-defined]
    callers, names = product.database.fuzzed  # type: ignore[attr-defined]
    route = data.draw(st.sampled_from([route for route in ROUTES if route.body and "json" in route.body.media[0]]))
    if route.path == "/token":
        return  # checking a password takes its time; its bodies are tested one by one
    path = route.path
    for variable in route.variables:
        path = path.replace(f"{{{variable}}}", data.draw(st.sampled_from([names.get(variable, "x"), "x", "%20", "."])))
    body = data.draw(_BODIES | _near({"$ref": f"#/components/schemas/{route.body.schema}"}))
    headers = {"If-Match": data.draw(st.sampled_from(['"1"', "*", "", '"x', '"1", "2"']))}
    caller = callers[data.draw(st.sampled_from(sorted(callers)))]
    answer = caller(route.method, path, data=json.dumps(body), content_type="application/json", headers=headers)
    assert answer.status_code < 500, answer.text


@settings(max_examples=_EXAMPLES // 5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_draft_that_is_taken_can_be_shown(product: Product, client: SignIn, data: st.DataObject) -> None:
    lan = Caller(client("lan"))
    schema = lan.get("/procedure/2.000815").json["application_form"]["schema"]
    draft = lan.post("/dossier", {"procedure": "2.000815", "unit": "H56.12"}).json["id"]
    try:
        _change_and_show(lan, draft, json.dumps({"data": data.draw(_near(schema))}))
    finally:
        lan("DELETE", f"/draft/{draft}")


def _change_and_show(lan: Caller, draft: str, body: str) -> None:
    changed = lan(
        "PATCH", f"/draft/{draft}", data=body, content_type="application/merge-patch+json", headers={"If-Match": "*"}
    )
    assert changed.status_code in {200, 400, 422}
    shown = [lan.get(f"/draft/{draft}"), lan.get(f"/draft/{draft}/fee"), lan.post(f"/draft/{draft}/submit")]
    assert {answer.status_code for answer in shown} <= {200, 422}, [answer.text[:300] for answer in shown]
    assert lan.client.get(f"/drafts/{draft}?errors=1").status_code == 200, "the portal's page shows it too"


def _prepared(product: Product, client: SignIn) -> tuple[dict[str, Caller], dict[str, str]]:
    number = filed(product)
    product.worker().drain()
    callers = {login: Caller(client(login)) for login in ("lan", "binh", "minh")}
    lan = callers["lan"]
    draft = lan.post("/dossier", {"procedure": "2.000815", "unit": "H56.12"}).json["id"]
    charge = lan.get(f"/dossier/{number}").json["charges"][0]["id"]
    return callers, {"number": number, "draft": draft, "charge": charge, "task": "x"}
