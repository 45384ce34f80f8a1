"""Incidents, refunds, and the browser assets that the replay needs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.commands.inbound import RecordRefusal
from engine.commands.intake import FileDossier
from engine.model.permission import SYSTEM
from engine.worker import Worker
from tests.webapp.conftest import SignIn
from tests.webapp.office import Office
from tools import assets


def failed_slip(office: Office) -> str:
    """Let the making of a letter fail for good; the row's id."""
    from webapp.demo.run import DemoRun

    demo = DemoRun(office.product, say=lambda line: None)
    demo.pay(demo.person("lan"), office.unpaid)
    with office.product.database.begin() as uow:
        row = next(found for found in uow.outbox.of(office.unpaid) if found.state == "waiting")
    refusal = RecordRefusal(row=row.id, error="letter", message="Mẫu giấy tiếp nhận thiếu phông chữ.")
    office.product.bus.execute(refusal, SYSTEM)
    return row.id


def test_incident_is_shown_and_retried_with_a_note(office: Office, client: SignIn, worker: Worker) -> None:
    row = failed_slip(office)
    page = client("tam").get("/operations").text
    assert "Mẫu giấy tiếp nhận thiếu phông chữ." in page
    assert "Kiểm tra mẫu văn bản" in page
    refused = client("tam").post(f"/operations/deliveries/{row}/retry", data={"note": "  "})
    assert refused.status_code == 422
    assert client("tam").post(f"/operations/deliveries/{row}/retry", data={"note": "Đã cài phông"}).status_code == 302
    worker.drain()
    assert office.unpaid in client("binh").get("/inbox").text
    with office.product.database.begin() as uow:
        told = [event for event in uow.journal.of(office.unpaid) if event.kind == "DeliveryRetried"]
    assert told[0].content()["note"] == "Đã cài phông"


def test_incidents_are_filtered_noted_and_retried_many_at_once(office: Office, client: SignIn, worker: Worker) -> None:
    row, tam = failed_slip(office), client("tam")
    for asked, shown in (
        ("kind=delivery&connector=letters&text=phong chu", True),
        ("connector=signing", False),
        ("kind=timer", False),
        ("unit=H56.12", True),
        ("unit=H56.99", False),
        ("hours=24", False),
    ):
        assert ("Mẫu giấy tiếp nhận thiếu phông chữ." in tam.get(f"/operations?{asked}").text) is shown, asked
    assert tam.post(f"/operations/deliveries/{row}/note", data={"text": "Đang cài phông"}).status_code == 302
    assert "Đang cài phông" in tam.get(f"/operations/incidents/{row}").text
    begun = tam.post("/operations/retry", data={"incident": [row, "unknown"], "note": "Đã cài phông"})
    assert begun.status_code == 302
    worker.drain()
    progress = tam.get(begun.headers["Location"]).text
    assert "2 / 2 hồ sơ" in progress
    assert "1 không qua" in progress  # the one that there is not is named; the other went on
    assert tam.get(f"/operations/incidents/{row}").status_code == 404
    with office.product.database.begin() as uow:
        told = [event for event in uow.journal.of(office.unpaid) if event.kind in {"DeliveryRetried", "IncidentNoted"}]
        verdict = office.product.verification(uow).verify(office.unpaid)
    assert [(event.kind, event.actor) for event in told] == [("IncidentNoted", "tam"), ("DeliveryRetried", "tam")]
    assert verdict.holds, verdict.findings


def test_delivery_that_a_step_needs_cannot_be_given_up(office: Office, client: SignIn) -> None:
    row = failed_slip(office)
    refused = client("tam").post(f"/operations/deliveries/{row}/abandon", data={"reason": "Không cần"})
    assert refused.status_code in {409, 422}
    assert "không thể bỏ qua" in refused.text


def test_papers_that_cannot_be_read_are_given_up_and_the_dossier_goes_on(
    office: Office, client: SignIn, worker: Worker
) -> None:
    from webapp.demo.run import DemoRun

    demo = DemoRun(office.product, say=lambda line: None)
    lan = demo.person("lan")
    number = str(office.product.bus.execute(FileDossier(draft=demo.prepare(lan)), lan)["number"])
    with office.product.database.begin() as uow:
        (row,) = [found for found in uow.outbox.of(number) if found.topic == "papers.read"]
    office.product.bus.execute(RecordRefusal(row=row.id, error="ocr", message="Tệp hỏng."), SYSTEM)
    given_up = client("tam").post(f"/operations/deliveries/{row.id}/abandon", data={"reason": "Đọc bằng mắt"})
    assert given_up.status_code == 302
    worker.drain()
    with office.product.database.begin() as uow:
        told = {event.kind: event for event in uow.journal.of(number)}
        verdict = office.product.verification(uow).verify(number)
    assert told["DeliveryAbandoned"].content()["reason"] == "Đọc bằng mắt"
    assert "ChargeDemanded" in told  # the process went on without the reading
    assert verdict.holds, verdict.findings


def test_status_shows_queues_workers_circuits_and_versions(office: Office, client: SignIn) -> None:
    page = client("tam").get("/operations/status").text
    assert "Không có tiến trình nào đang làm việc" in page
    running = office.product.start(office.product.worker())
    with office.product.database.begin() as uow:
        for _ in range(5):
            uow.circuits.failed("signing", office.product.clock.now(), "không trả lời")
    running.worker.keep()
    page = client("tam").get("/operations/status").text
    running.stop()
    assert running.worker.name in page
    assert "Tạm ngắt" in page
    assert "2.000815" in page


def test_operations_others_are_refused(office: Office, client: SignIn) -> None:
    for login in ("binh", "minh", "lan", "ngan"):
        assert client(login).get("/operations").status_code == 403
        assert client(login).get("/operations/status").status_code == 403
        assert client(login).post("/operations/retry", data={"incident": "x", "note": "x"}).status_code == 403
        assert client(login).post("/operations/deliveries/x/retry", data={"note": "x"}).status_code == 403


def test_refund_is_listed_and_finished_by_the_accountant(office: Office, client: SignIn, worker: Worker) -> None:
    task = office.task(office.desk, "desk")
    client("binh").post(f"/tasks/{task.id}/claim", data={})
    decline = {
        "act": "submit", "da_doi_chieu": "true", "quyet_dinh": "decline", "ly_do": "Không thuộc thẩm quyền",
        "can_cu": "Nghị định 23/2015/NĐ-CP, Điều 5",
    }  # fmt: skip
    answer = client("binh").post(f"/dossiers/{office.desk}/tasks/{task.id}", data=decline)
    assert answer.status_code == 302, answer.text
    worker.drain()
    page = client("ngan").get("/refunds").text
    assert "6.000 đồng" in page
    with office.product.database.begin() as uow:
        refund = uow.money.refunds(office.desk)[0]
    asked = {"dossier": office.desk, "refund": refund.id}
    assert client("ngan").post("/refunds/finish", data=asked).status_code == 403
    assert client("binh").post("/refunds/finish", data=asked | {"paid": "true"}).status_code == 403
    assert client("ngan").post("/refunds/finish", data=asked | {"paid": "true"}).status_code == 302
    assert "Không có khoản nào phải hoàn" in client("ngan").get("/refunds").text


def test_assets_are_as_listed_and_a_changed_byte_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not assets.VENDOR.is_dir():
        pytest.skip("the browser assets are not there: run npm ci and python tools/assets.py")
    assert assets.differences() == []
    folder = tmp_path / "vendor"
    shutil.copytree(assets.VENDOR, folder)
    monkeypatch.setattr(assets, "VENDOR", folder)
    (folder / "bpmn-js.css").write_text("changed")
    (folder / "dmn-js-drd.css").unlink()
    found = assets.differences()
    assert [line.partition(":")[0] for line in found] == ["dmn-js-drd.css", "bpmn-js.css"]
