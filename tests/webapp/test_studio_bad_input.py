"""Bad input on the studio's screens: refused with the place and the remedy, in both languages, and nothing is lost."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from engine.commands.draft_problems import problems_of, unreadable
from engine.values import Digest
from tests.webapp.test_studio_pages import begin, put, source, submit
from webapp.bootstrap import Product

SignIn = Callable[..., FlaskClient]
#: Every page of a draft.
PAGES = (
    "", "/diagram", "/tables", "/manifest", "/forms", "/forms/application", "/forms/sign", "/forms/sign/preview",
    "/scenarios", "/scenarios/granted", "/compare", "/approval", "/file/process.bpmn", "/file/decisions.dmn",
    "/file/forms/sign.json", "/file/procedure.json", "/file/scenarios/granted.json", "/drawn/process.bpmn",
)  # fmt: skip


def save(analyst: FlaskClient, draft: str, name: str, text: str) -> Any:
    """Save a file by the text page."""
    seen = source(analyst, draft, name)[1].strip('"')
    return analyst.post(f"/studio/{draft}/file/{name}", data={"content": text, "seen": seen})


UNREADABLE = [
    ("process.bpmn", "<broken", "bpmn-not-xml", ("dòng 1", "line 1")),
    ("process.bpmn", '<!DOCTYPE a [<!ENTITY x "y">]><a/>', "bpmn-doctype", ("DOCTYPE", "DOCTYPE")),
    ("process.bpmn", "<a/>", "bpmn-not-bpmn", ("a (", "a (")),
    ("process.bpmn", "<a>" * 200 + "</a>" * 200, "bpmn-too-deep", ("", "")),
    ("decisions.dmn", "<broken", "dmn-xml", ("", "")),
    ("decisions.dmn", '<!DOCTYPE a [<!ENTITY x "y">]><a/>', "dmn-doctype", ("", "")),
    ("forms/sign.json", "{", "form-json", ("", "")),
    ("forms/sign.json", '{"a": 1, "a": 2}', "form-duplicate-key", ("", "")),
    ("forms/sign.json", '{"a":' * 100 + "1" + "}" * 100, "form-too-deep", ("", "")),
]


@pytest.mark.parametrize(
    ("name", "text", "code", "place"), UNREADABLE, ids=[f"{one[0]}-{one[2]}" for one in UNREADABLE]
)
def test_unreadable_file_is_refused_with_place_and_remedy(
    client: SignIn, name: str, text: str, code: str, place: tuple[str, str]
) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    before = source(analyst, draft, name)
    for language, where in zip(("vi", "en"), place, strict=True):
        analyst.get(f"/studio/?lang={language}")
        answer = save(analyst, draft, name, text)
        assert answer.status_code == 422
        page = html.unescape(answer.text)
        assert code in page
        assert name in page
        assert where in page
        assert text in page  # what was typed is not lost
        told = unreadable(name, text.encode())[0]
        assert told.message.in_(language) in page
        assert told.remedy.in_(language) in page
    assert source(analyst, draft, name) == before


def test_huge_file_is_refused_by_every_way(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    before = source(analyst, draft)
    assert save(analyst, draft, "process.bpmn", "x" * (5 * 1024 * 1024 + 1)).status_code in {413, 422}
    assert put(analyst, draft, "x" * (5 * 1024 * 1024 + 1), before[1]).status_code in {413, 422}
    many = f"<definitions>{'<a/>' * 60_001}</definitions>"
    refused = put(analyst, draft, many, before[1])
    assert {one["code"] for one in refused.json["problems"]} == {"bpmn-too-many-elements"}
    assert refused.json["problems"][0]["remedy"]
    assert source(analyst, draft) == before


KEPT = [
    ("process.bpmn", ('id="appraise"', 'id="take_in"'), "bpmn-id", "take_in"),
    ("process.bpmn", ('motcua:form="appraise"', 'motcua:form="nowhere"'), "task-form", "appraise"),
    ("forms/sign.json", ('"type": "object",', '"type": "object", "patternProperties": {},'), "form-keyword-unknown",
     "/patternProperties"),
    ("decisions.dmn", ("<text>10000</text>", "<text>10000 +</text>"), "dmn-feel", "fee_rule"),
    ("scenarios/granted.json", ('"steps"', '"stepz"'), "scenario-invalid", ""),
    ("procedure.json", ('"limits"', '"limitz"'), "manifest-invalid", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "code", "place"), KEPT, ids=[one[2] for one in KEPT])
def test_file_that_cannot_run_is_kept_and_told_with_its_place(
    client: SignIn, name: str, change: tuple[str, str], code: str, place: str
) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    text, tag = source(analyst, draft, name)
    assert change[0] in text
    answer = put(analyst, draft, text.replace(*change), tag, name)
    assert answer.status_code == 200
    told = [one for one in answer.json["problems"] if one["code"].startswith(code)]
    assert told, answer.json["problems"]
    assert place in told[0]["element"]
    assert told[0]["message"]
    assert told[0]["remedy"]
    for language in ("vi", "en"):
        page = analyst.get(f"/studio/{draft}?lang={language}", follow_redirects=True).text
        assert told[0]["code"] in page
    assert submit(analyst, draft).status_code == 422


OLDER = [
    ("process.bpmn", b"<broken"),
    ("process.bpmn", b'<!DOCTYPE a [<!ENTITY x "y">]><a/>'),
    ("process.bpmn", b""),
    ("process.bpmn", b"<a>" * 200 + b"</a>" * 200),
    ("decisions.dmn", b"<broken"),
    ("decisions.dmn", b"<definitions/>"),
    ("forms/sign.json", b"{"),
    ("forms/sign.json", b"[]"),
    ("forms/sign.json", b'{"type": "object", "x-script": "alert(1)"}'),
    ("forms/application.json", b"{}"),
    ("procedure.json", b"{}"),
    ("procedure.json", b'{"withdrawal": 3, "papers": {}, "name": [], "limits": "x"}'),
    ("procedure.json", b"{"),
    ("scenarios/granted.json", b"[]"),
    ("scenarios/granted.json", b'{"steps": [3, {"file": 1}, {"advance": "x"}], "title": 3}'),
    ("texts/en.json", b"{"),
]


@pytest.mark.parametrize(("name", "content"), OLDER, ids=[f"{one[0]}-{number}" for number, one in enumerate(OLDER)])
def test_draft_that_an_older_rule_allowed_opens_and_can_be_mended(
    client: SignIn, product: Product, name: str, content: bytes
) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    good, _tag = source(analyst, draft, name)
    with product.database.begin() as uow:  # as a version before the rule stored it
        state = uow.procedure_drafts.file(draft, name)
        assert state is not None
        kept = uow.procedure_drafts.save(uow.procedure_drafts.get(draft))
        uow.procedure_drafts.add_state(dataclasses.replace(state, revision=kept.revision, content=content))
    assert source(analyst, draft, name)[0].encode() == content
    assert any(problem.severity == "error" for problem in problems_of(draft_files(product, draft)))
    for page in PAGES:
        answer = analyst.get(f"/studio/{draft}{page}")
        refusable = page.startswith("/drawn") or page.endswith("/preview")  # show one file alone
        assert answer.status_code in ({200, 422} if refusable else {200}), (page, answer.status_code)
    assert analyst.post(f"/studio/{draft}/scenarios").status_code in {200, 422}
    assert analyst.get(f"/studio/{draft}/scenarios/granted/record").status_code in {200, 422}
    assert submit(analyst, draft).status_code == 422
    seen = str(Digest.of(content))
    mended = analyst.post(f"/studio/{draft}/file/{name}", data={"content": good, "seen": seen})
    assert mended.status_code == 302, mended.text
    assert not any(problem.severity == "error" for problem in problems_of(draft_files(product, draft)))


def draft_files(product: Product, draft: str) -> dict[str, bytes]:
    with product.database.begin() as uow:
        return uow.procedure_drafts.files(draft)


def test_older_draft_can_be_changed_elsewhere_while_one_file_is_wrong(client: SignIn, product: Product) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    text, tag = source(analyst, draft, "forms/sign.json")
    wrong = orjson.dumps(orjson.loads(text) | {"x-script": "alert(1)"}).decode()
    assert put(analyst, draft, wrong, tag, "forms/sign.json").status_code == 200
    diagram, tag = source(analyst, draft)
    answer = put(analyst, draft, diagram.replace("Thẩm định hồ sơ", "Thẩm định"), tag)
    assert answer.status_code == 200
    assert answer.json["changed"] is True
    assert submit(analyst, draft).status_code == 422
