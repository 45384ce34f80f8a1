"""The studio's pages and addresses without a browser: what is kept, what is refused, who may do what."""

from __future__ import annotations

import gzip
import html
import io
import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from engine.definitions.package import Package, unpack
from engine.model.duration import Limit
from engine.procedures import compile_package
from engine.queries import history
from tests.conftest import LiveClock, person
from webapp.bootstrap import Product

SignIn = Callable[..., FlaskClient]
TEMPLATE = {
    "way": "template", "code": "9.000001", "name": "Thủ tục thử", "template": "fee", "amount": "10000", "days": "5",
    "unit": "WORKING_DAY",
}  # fmt: skip


def begin(client: FlaskClient, **changes: str) -> str:
    """A draft from the template with a fee; its id."""
    answer = client.post("/studio/new", data=TEMPLATE | changes)
    assert answer.status_code == 302, answer.text
    return answer.location.rpartition("/")[2]


def source(client: FlaskClient, draft: str, name: str = "process.bpmn") -> tuple[str, str]:
    """A file's text and ETag."""
    answer = client.get(f"/studio/{draft}/source/{name}")
    return answer.text, answer.headers["ETag"]


def put(client: FlaskClient, draft: str, content: str, tag: str | None, name: str = "process.bpmn") -> Any:
    """Save a file as the modeller does."""
    headers = {"If-Match": tag} if tag else {}
    return client.put(f"/studio/{draft}/source/{name}", data=content.encode(), headers=headers)


def submit(client: FlaskClient, draft: str, decision: str = "1/QĐ ngày 10/11/2026") -> Any:
    return client.post(f"/studio/{draft}/submit", data={"decision": decision})


def digest_of(client: FlaskClient, draft: str) -> str:
    """The digest that an approver is shown."""
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', client.get(f"/studio/{draft}/approval").text)
    assert found is not None
    return found[1]


def publish(client: SignIn, draft: str) -> None:
    """Submitted by one, approved by the other."""
    assert submit(client("phuc"), draft).status_code == 302
    approver = client("giang")
    answer = approver.post(f"/studio/{draft}/approve", data={"digest": digest_of(approver, draft)})
    assert answer.status_code == 302, answer.text


@pytest.mark.parametrize("login", ["lan", "binh", "toan", "minh", "tam"])
def test_studio_is_for_analysts_alone(client: SignIn, login: str) -> None:
    draft = begin(client("phuc"))
    for path in (
        "/studio/",
        "/studio/new",
        f"/studio/{draft}",
        f"/studio/{draft}/source/process.bpmn",
        f"/studio/{draft}/export",
    ):
        assert client(login).get(path).status_code == 403, path
    assert put(client(login), draft, "<x/>", '"x"').status_code == 403
    assert client().get("/studio/").status_code == 302


def test_every_page_of_a_fresh_draft_opens(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    for path in (
        "", "/diagram", "/tables", "/manifest", "/forms", "/forms/application", "/forms/application?field=giay_to",
        "/forms/application/preview", "/scenarios", "/scenarios/granted", "/scenarios/granted/record", "/compare",
        "/approval", "/file/texts/en.json", "/file/process.bpmn",
    ):  # fmt: skip
        answer = analyst.get(f"/studio/{draft}{path}")
        assert answer.status_code == 200, path
        assert ("unsafe-inline" in answer.headers["Content-Security-Policy"]) == (
            path in {"/diagram", "/tables", "/scenarios", "/compare"}
        )


def test_save_answers_with_new_tag_and_what_is_wrong(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    text, tag = source(analyst, draft)
    answer = put(analyst, draft, text.replace('motcua:role="specialist" ', ""), tag)
    assert answer.status_code == 200
    assert [(one["code"], one["element"]) for one in answer.json["problems"]] == [("task-role", "appraise")]
    assert answer.headers["ETag"] != tag
    assert source(analyst, draft)[1] == answer.headers["ETag"]


def test_stale_save_is_refused_and_loses_nothing(client: SignIn) -> None:
    one, two = client("phuc"), client("giang")
    draft = begin(one)
    text, tag = source(one, draft)
    assert put(one, draft, text.replace("Thẩm định hồ sơ", "Một"), tag).status_code == 200
    refused = put(two, draft, text.replace("Thẩm định hồ sơ", "Hai"), tag)
    assert refused.status_code == 412
    assert "Đinh Hồng Phúc" in refused.json["error"]
    assert "Một" in source(one, draft)[0]
    told = two.post(f"/studio/{draft}/differences/process.bpmn", data=text.replace("Thẩm định hồ sơ", "Hai").encode())
    assert told.json["changes"][0] | {"id": ""} == {"id": "", "name": "Hai", "theirs": "name: Một", "mine": "name: Hai"}


def test_save_without_if_match_is_428(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    assert put(analyst, draft, source(analyst, draft)[0], None).status_code == 428


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<broken", "bpmn-not-xml"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a/>', "bpmn-doctype"),
        ("<a/>", "bpmn-not-bpmn"),
        ("", "bpmn-file-empty"),
        ("<a>" * 200 + "</a>" * 200, "bpmn-too-deep"),
        ("x" * (5 * 1024 * 1024 + 1), "bpmn-file-too-large"),
    ],
)
def test_unreadable_diagram_is_refused_and_not_kept(client: SignIn, content: str, code: str) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    text, tag = source(analyst, draft)
    answer = put(analyst, draft, content, tag)
    assert answer.status_code in {413, 422}
    if answer.status_code == 422:
        assert code in {one["code"] for one in answer.json["problems"]}
    assert source(analyst, draft) == (text, tag)


def test_foreign_extensions_are_kept_byte_for_byte(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    text, tag = source(analyst, draft)
    foreign = text.replace("<bpmn:process ", '<bpmn:process xmlns:acme="urn:acme" acme:colour="red" ', 1).replace(
        "<bpmn:outgoing>flow_started_compute_fee</bpmn:outgoing>",
        "<bpmn:extensionElements><acme:x y='1'/></bpmn:extensionElements>"
        "<bpmn:outgoing>flow_started_compute_fee</bpmn:outgoing>",
    )
    assert put(analyst, draft, foreign, tag).status_code == 200
    assert source(analyst, draft)[0] == foreign


@pytest.mark.parametrize("name", ["../../etc/passwd", "run.py", "forms/x.exe", "procedure.json/../x.json"])
def test_file_of_a_foreign_name_is_never_kept(client: SignIn, name: str) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    assert put(analyst, draft, "{}", '""', name).status_code in {404, 405, 422, 428}


def test_form_with_unknown_keyword_is_shown_with_its_place(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    text, tag = source(analyst, draft, "forms/sign.json")
    wrong = orjson.loads(text) | {"x-script": "alert(1)"}
    answer = put(analyst, draft, orjson.dumps(wrong).decode(), tag, "forms/sign.json")
    assert answer.json["problems"][0]["code"] == "form-keyword-unknown"
    assert answer.json["problems"][0]["element"] == "/x-script"
    assert submit(analyst, draft).status_code == 422


def test_two_people_on_one_text_see_both_states(client: SignIn) -> None:
    one, two = client("phuc"), client("giang")
    draft = begin(one)
    seen = source(one, draft, "texts/en.json")[1].strip('"')
    for who, word in ((one, "mine"), (two, "yours")):
        answer = who.post(
            f"/studio/{draft}/file/texts/en.json", data={"content": f'{{"elements": {{"a": "{word}"}}}}', "seen": seen}
        )
    assert answer.status_code == 412
    assert "mine" in answer.text
    assert "yours" in answer.text
    assert "Đinh Hồng Phúc" in answer.text


def test_draft_is_not_published_by_who_wrote_it(client: SignIn) -> None:
    author = client("phuc")
    draft = begin(author)
    assert submit(author, draft).status_code == 302
    found = author.get(f"/studio/{draft}/approval").text
    assert "Duyệt và ban hành" not in found
    refused = author.post(f"/studio/{draft}/approve", data={"digest": "0" * 64})
    assert refused.status_code == 422
    assert "Phải do người khác duyệt" in refused.text


def test_helper_who_saved_a_file_cannot_approve_either(client: SignIn) -> None:
    author, helper = client("phuc"), client("giang")
    draft = begin(author)
    text, tag = source(helper, draft)
    assert put(helper, draft, text.replace("Thẩm định hồ sơ", "Thẩm định"), tag).status_code == 200
    assert submit(author, draft).status_code == 302
    assert helper.post(f"/studio/{draft}/approve", data={"digest": "0" * 64}).status_code == 422


def test_flow_that_no_scenario_takes_stops_the_submission(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    analyst.post(f"/studio/{draft}/drop", data={"name": "scenarios/declined.json"})
    refused = submit(analyst, draft)
    assert refused.status_code == 422
    assert "flow_taken_in_not_taken" in refused.text


def test_failing_scenario_stops_the_submission(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    text, tag = source(analyst, draft, "scenarios/granted.json")
    assert (
        put(analyst, draft, text.replace("RESULT_ISSUED", "REFUSED"), tag, "scenarios/granted.json").status_code == 200
    )
    refused = submit(analyst, draft)
    assert refused.status_code == 422
    assert "scenarios/granted.json" in refused.text


def test_submitted_draft_is_closed_until_it_is_returned(client: SignIn) -> None:
    author, approver = client("phuc"), client("giang")
    draft = begin(author)
    text, tag = source(author, draft)
    assert submit(author, draft).status_code == 302
    assert put(author, draft, text + "\n", tag).status_code == 409
    assert approver.post(f"/studio/{draft}/return", data={"reason": ""}).status_code == 422
    assert approver.post(f"/studio/{draft}/return", data={"reason": "Thiếu căn cứ"}).status_code == 302
    assert put(author, draft, text + "\n", tag).status_code == 200
    assert "Thiếu căn cứ" in author.get("/studio/procedure/9.000001").text


def test_published_procedure_is_offered_and_its_history_told(client: SignIn) -> None:
    draft = begin(client("phuc"))
    publish(client, draft)
    assert "Thủ tục thử" in client().get("/procedures/9.000001").text
    told = client("phuc").get("/studio/procedure/9.000001").text
    for word in ("Ban hành", "Trình duyệt", "Bắt đầu soạn", "Biên bản ban hành đã ký số", "giang"):
        assert word in told, re.findall(r"Không có chữ ký số[^<]*", told)


def test_copy_of_a_version_compares_to_nothing_but_what_changed(client: SignIn, product: Product) -> None:
    analyst = client("phuc")
    with product.database.begin() as uow:
        current = uow.definitions.in_force("2.000815", product.clock.now())
    assert current is not None
    draft = begin(analyst, way="copy", digest=current.digest)
    assert "Không khác gì" in analyst.get(f"/studio/{draft}/compare").text
    text, tag = source(analyst, draft)
    assert put(analyst, draft, text.replace("Lập bản sao chứng thực", "Soạn bản sao"), tag).status_code == 200
    page = analyst.get(f"/studio/{draft}/compare").text
    assert "<del>Lập bản sao chứng thực</del>" in page
    assert "<ins>Soạn bản sao</ins>" in page


def test_new_term_previews_whose_deadline_would_move(client: SignIn, product: Product) -> None:
    from webapp.demo.run import DemoRun

    run = DemoRun(product, say=lambda _text: None)
    number = run.file(person(product, "lan"))
    run.pay(person(product, "lan"), number)
    run.worker.drain()
    analyst = client("phuc")
    with product.database.begin() as uow:
        current = uow.definitions.in_force("2.000815", product.clock.now())
    assert current is not None
    draft = begin(analyst, way="copy", digest=current.digest)
    text, tag = source(analyst, draft, "procedure.json")
    longer = orjson.loads(text) | {"limits": [Limit.of(2).as_json()]}
    assert put(analyst, draft, orjson.dumps(longer).decode(), tag, "procedure.json").status_code == 200
    page = analyst.get(f"/studio/{draft}/compare").text
    assert number in page
    assert "chuyển được" in page


def test_archive_travels_to_another_installation(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    archive = analyst.get(f"/studio/{draft}/export").data
    answer = analyst.post("/studio/new", data={"way": "archive", "archive": (io.BytesIO(archive), "a.zip")})
    assert answer.status_code == 302
    other = answer.location.rpartition("/")[2]
    assert source(analyst, other) == source(analyst, draft)
    broken = analyst.post("/studio/new", data={"way": "archive", "archive": (io.BytesIO(archive[:-40]), "a.zip")})
    assert broken.status_code == 422


def test_retired_procedure_takes_no_more_dossiers(client: SignIn, product: Product, clock: LiveClock) -> None:
    publish(client, begin(client("phuc")))
    clock.set(clock.now().replace(hour=9))
    analyst = client("phuc")
    assert analyst.post("/studio/procedure/9.000001/retire", data={"decision": "2/QĐ", "reason": ""}).status_code == 422
    answer = analyst.post("/studio/procedure/9.000001/retire", data={"decision": "2/QĐ", "reason": "Thay thế"})
    assert answer.status_code == 302
    assert client().get("/procedures/9.000001").status_code == 404
    assert "Hết hiệu lực" in analyst.get("/studio/procedure/9.000001").text


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "abc"},
        {"name": ""},
        {"amount": "0"},
        {"days": "x"},
        {"template": "../x"},
        {"way": "none"},
        {"way": "archive"},
    ],
)
def test_wrong_beginning_is_refused_with_what_was_typed(client: SignIn, changes: dict[str, str]) -> None:
    answer = client("phuc").post("/studio/new", data=TEMPLATE | changes)
    assert answer.status_code in {404, 422}
    assert "Traceback" not in answer.text


def test_expression_is_tried_on_sample_data(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    tried = analyst.post(f"/studio/{draft}/feel", json={"expression": "a + 1", "data": {"a": 2}})
    assert tried.json == {"ok": True, "value": "3"}
    wrong = analyst.post(f"/studio/{draft}/feel", json={"expression": "a +", "data": {"a": 2}})
    assert wrong.json["ok"] is False
    assert analyst.post(f"/studio/{draft}/feel", data="[]", content_type="application/json").status_code == 200


def test_field_is_added_changed_moved_and_removed_without_script(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    page = f"/studio/{draft}/forms/sign"

    def act(**data: str) -> Any:
        seen = source(analyst, draft, "forms/sign.json")[1].strip('"')
        return analyst.post(page, data={"seen": seen} | data)

    assert act(act="add", kind="date", name="ngay", title="Ngày ký").status_code == 302
    assert (
        act(
            act="change",
            place="ngay",
            name="ngay_ky",
            title_vi="Ngày ký",
            title_en="Signed on",
            latest="today",
            required="yes",
        ).status_code
        == 302
    )
    assert act(act="up", place="ngay_ky").status_code == 302
    form = orjson.loads(source(analyst, draft, "forms/sign.json")[0])
    assert form["properties"]["ngay_ky"] == {
        "type": "string", "format": "date", "title": "Ngày ký", "x-max": "today",
        "x-i18n": {"en": {"title": "Signed on"}},
    }  # fmt: skip
    assert "ngay_ky" in form["required"]
    assert act(act="add", kind="text", name="not a name", title="x").status_code == 302
    assert "form-name" in analyst.get(f"/studio/{draft}").text
    assert act(act="remove", place="not a name").status_code == 302
    assert act(act="remove", place="ngay_ky").status_code == 302
    assert act(act="remove", place="ngay_ky").status_code == 422


def test_refund_on_withdrawal_is_edited_in_the_manifest_form(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)

    def rules() -> Any:
        return orjson.loads(source(analyst, draft, "procedure.json")[0]).get("withdrawal")

    def save(**fields: str) -> Any:
        page = analyst.get(f"/studio/{draft}/manifest").text
        shown = dict(re.findall(r'<(?:input|textarea)[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
        shown |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', page))
        shown = {name: html.unescape(value) for name, value in shown.items()} | {"channels": "online"}
        return analyst.post(f"/studio/{draft}/manifest", data=shown | fields)

    assert save().status_code == 302
    assert rules() is None
    told = {"refund_before_reception": "100", "ground_before_reception": "Chưa tiếp nhận"}
    later = {"refund_after_reception": "30 %", "ground_after_reception": "Đã bắt đầu"}
    assert save(**told, **later).status_code == 302
    wanted = [
        {"stage": "before_reception", "refund": 100, "ground": "Chưa tiếp nhận"},
        {"stage": "after_reception", "refund": 30, "ground": "Đã bắt đầu"},
    ]
    assert rules() == wanted
    assert save().status_code == 302  # what was not touched stays
    assert rules() == wanted
    assert "manifest-invalid" not in analyst.get(f"/studio/{draft}").text
    assert save(refund_after_reception="130").status_code == 302
    assert "130" in analyst.get(f"/studio/{draft}").text
    assert submit(analyst, draft).status_code == 422
    english = analyst.get(f"/studio/{draft}/manifest?lang=en", follow_redirects=True).text
    assert "Before reception: refund (%)" in english
    assert save(**dict.fromkeys((*told, *later), "")).status_code == 302
    assert rules() is None


def test_history_of_a_version_without_a_drawing_has_one(product: Product) -> None:
    with product.database.begin() as uow:
        current = uow.definitions.in_force("2.000815", product.clock.now())
        assert current is not None
        files = dict(unpack(uow.definitions.bundle(current.digest).files, digest=current.digest).files)
    content = files["process.bpmn"]
    begun = content.index(b"<bpmndi:BPMNDiagram")
    files["process.bpmn"] = content[:begun] + content[content.index(b"</bpmn:definitions>") :]
    procedure = compile_package(Package(files), functions=product.bus.library.functions)
    shown = history.diagrams(procedure)[0]
    assert shown.xml.count("BPMNShape id=") > 10
    assert procedure.package.files["process.bpmn"] == files["process.bpmn"]


def test_file_that_came_compressed_is_saved_by_its_tag(client: SignIn) -> None:
    analyst = client("phuc")
    draft = begin(analyst)
    address = f"/studio/{draft}/source/process.bpmn"
    plain = analyst.get(address)
    packed = analyst.get(address, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    text = plain.text.replace("Thẩm định hồ sơ", "Thẩm định")
    tag = packed.headers["ETag"]
    assert put(analyst, draft, text, tag).status_code == 200
    assert put(analyst, draft, plain.text, tag).status_code == 412
    drawn = f"/studio/{draft}/drawn/process.bpmn"
    for content in (text, plain.text):  # nothing of one answer is kept for the next
        answer = analyst.post(drawn, data=content.encode(), headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(answer.data).decode() == content
