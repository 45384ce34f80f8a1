"""Drafts through the interface: what is taken, and what is refused by name."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.conftest import MORNING
from tests.webapp.api_caller import Caller
from tests.webapp.conftest import SignIn
from webapp.demo.run import sample_paper

NEW = {"procedure": "2.000815", "unit": "H56.12"}


def _begun(lan: Caller) -> dict[str, Any]:
    answer = lan.post("/dossier", NEW)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/draft/{answer.json['id']}"
    return dict(answer.json)


def test_draft_locked_field_forged_is_named(client: SignIn) -> None:
    lan = Caller(client("lan"))
    draft = _begun(lan)
    forged = {"data": {"nyc": {"ho_ten": "Người Khác"}, "cam_doan": True}}
    refused = lan.patch(f"/draft/{draft['id']}", forged, headers={"If-Match": '"1"'})
    assert refused.status_code == 422
    assert [(one["pointer"], one["code"]) for one in refused.json["errors"]] == [("/data/nyc/ho_ten", "locked")]
    kept = lan.get(f"/draft/{draft['id']}")
    assert kept.json["data"] == draft["data"], "nothing of a refused change is kept"
    assert kept.headers["ETag"] == '"1"'


def test_draft_unknown_and_mistyped_fields_are_named(client: SignIn) -> None:
    lan = Caller(client("lan"))
    draft = _begun(lan)
    data = {"data": {"la": 1, "giay_to": "không phải danh sách", "nhan": {"them": None, "nua": 2}}}
    refused = lan.patch(f"/draft/{draft['id']}", data, headers={"If-Match": '"1"', "Accept-Language": "en"})
    found = {(one["pointer"], one["code"]) for one in refused.json["errors"]}
    assert found == {("/data/la", "unknown"), ("/data/giay_to", "type"), ("/data/nhan/nua", "unknown")}
    assert refused.json["detail"] != refused.json["title"]


def test_draft_null_takes_a_member_away(client: SignIn) -> None:
    lan = Caller(client("lan"))
    draft = _begun(lan)
    taken = lan.patch(f"/draft/{draft['id']}", {"data": {"lien_he": {"email": None}}}, headers={"If-Match": "*"})
    assert "email" not in taken.json["data"]["lien_he"]
    locked = lan.patch(f"/draft/{draft['id']}", {"data": {"nyc": None}}, headers={"If-Match": "*"})
    assert locked.json["data"]["nyc"] == draft["data"]["nyc"], "what a register gave comes back"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 428, "revision-needed"),
        ({"If-Match": '"2"'}, 412, "revision-stale"),
        ({"If-Match": 'W/"1"'}, 412, "revision-stale"),
        ({"If-Match": '"hỏng"'.encode().decode("latin-1")}, 412, "revision-stale"),
    ],
)
def test_draft_change_without_its_revision_is_refused(
    client: SignIn, headers: dict[str, str], status: int, code: str
) -> None:
    lan = Caller(client("lan"))
    refused = lan.patch(f"/draft/{_begun(lan)['id']}", {"data": {"cam_doan": True}}, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (status, code)


def test_draft_of_somebody_else_is_not_found(client: SignIn) -> None:
    draft = _begun(Caller(client("lan")))["id"]
    hung = Caller(client("hung"))
    tried = [
        hung.get(f"/draft/{draft}"),
        hung.patch(f"/draft/{draft}", {"data": {}}, headers={"If-Match": '"1"'}),
        hung("DELETE", f"/draft/{draft}"),
        hung.get(f"/draft/{draft}/fee"),
        hung.post(f"/draft/{draft}/submit"),
        hung.post(f"/draft/{draft}/document", data={"file": (io.BytesIO(b"x"), "a.png")}),
    ]
    assert {answer.status_code for answer in tried} == {404}


def test_draft_key_for_another_start_is_refused(client: SignIn) -> None:
    lan, key = Caller(client("lan")), {"Idempotency-Key": "k1"}
    assert lan.post("/dossier", NEW, headers=key).status_code == 201
    other = lan.post("/dossier", NEW | {"unit": "H56.40"}, headers=key)
    assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")
    hung = Caller(client("hung"))
    assert hung.post("/dossier", NEW, headers=key).status_code == 201, "keys are each person's own"


def test_draft_unfinished_fee_and_filing_name_mistakes(client: SignIn) -> None:
    lan = Caller(client("lan"))
    draft = _begun(lan)
    for answer in (lan.get(f"/draft/{draft['id']}/fee"), lan.post(f"/draft/{draft['id']}/submit")):
        assert (answer.status_code, answer.json["code"]) == (422, "application-invalid")
        assert {"pointer", "code", "message"} == set(answer.json["errors"][0])
        assert "/data/giay_to/0/tep_quet" in [one["pointer"] for one in answer.json["errors"]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"procedure": "9.999999", "unit": "H56.12"}, 404),
        ({"procedure": "2.000815", "unit": "H99"}, 404),
        ({"procedure": "2.000815"}, 422),
        ({"procedure": "2.000815", "unit": "H56.12", "extra": 1}, 422),
        ({"procedure": 2.000815, "unit": "H56.12"}, 422),
        ([], 422),
    ],
)
def test_draft_start_with_a_wrong_body_is_refused(client: SignIn, body: Any, status: int) -> None:
    assert Caller(client("lan")).post("/dossier", body).status_code == status


def test_draft_start_by_an_official_without_identity_is_refused(client: SignIn) -> None:
    assert Caller(client("binh")).post("/dossier", NEW).status_code == 403


def test_draft_discarded_is_gone(client: SignIn) -> None:
    lan = Caller(client("lan"))
    draft = _begun(lan)["id"]
    assert lan("DELETE", f"/draft/{draft}", headers={"If-Match": '"9"'}).status_code == 412
    assert lan("DELETE", f"/draft/{draft}", headers={"If-Match": '"1"'}).status_code == 204
    assert lan.get(f"/draft/{draft}").status_code == 404


def test_upload_bad_files_are_refused(client: SignIn) -> None:
    lan = Caller(client("lan"))
    address = f"/draft/{_begun(lan)['id']}/document"
    picture = sample_paper(MORNING)
    assert lan.post(address, data={"file": (io.BytesIO(b"MZ\x90"), "a.exe")}).status_code == 422
    assert lan.post(address, data={"file": (io.BytesIO(picture[:2000]), "a.png")}).status_code == 422
    assert lan.post(address, data={"file": (io.BytesIO(picture), "a.pdf")}).status_code == 422
    unknown = lan.post(address, data={"file": (io.BytesIO(picture), "a.png"), "la": "x"})
    assert unknown.json["errors"][0]["pointer"] == "/la"
    two = lan.post(address, data={"file": [(io.BytesIO(picture), "a.png"), (io.BytesIO(picture), "b.png")]})
    assert two.json["errors"][0]["code"] == "required"
    kind = lan.post(address, data={"file": (io.BytesIO(picture), "a.png"), "paper": "khong_co"})
    assert kind.json["errors"][0] == kind.json["errors"][0] | {"pointer": "/paper", "code": "choice"}
    assert lan.post(address, {"file": "x"}).status_code == 415
    assert lan.get(address.removesuffix("/document")).json["documents"] == []
    taken = lan.post(address, data={"file": (io.BytesIO(picture), "../../a.png")}, headers={"Idempotency-Key": "u"})
    again = lan.post(address, data={"file": (io.BytesIO(picture), "../../a.png")}, headers={"Idempotency-Key": "u"})
    assert taken.json == again.json
    assert taken.json["name"] == "a.png"
    assert len(lan.get(address.removesuffix("/document")).json["documents"]) == 1
