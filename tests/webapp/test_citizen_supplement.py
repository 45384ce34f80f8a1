"""What an office asks of an applicant, and what an applicant sees while something else is waited for."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from engine.store.records import Task
from engine.store.unit_of_work import UnitOfWork
from tests.conftest import LiveClock
from tests.webapp.citizen import Citizen, paper
from tests.webapp.conftest import SignIn
from tests.webapp.test_citizen_result import CHECKS, complete
from webapp.bootstrap import Product

REASON = "Bản quét mờ, không đọc được số hiệu"
ASK: dict[str, Any] = {
    "da_doi_chieu": True,
    "quyet_dinh": "supplement",
    "ly_do": REASON,
    "can_cu": "Nghị định 23/2015/NĐ-CP, Điều 20",
    "giay_to": [{"ma": "ban_chinh", "yeu_cau": "Quét lại đủ bốn góc"}],
}


@pytest.fixture
def asked(client: SignIn, product: Product) -> tuple[Citizen, str, Task]:
    """A dossier whose desk asks for a better scan."""
    citizen = Citizen(client("lan"), product)
    number = citizen.paid()
    complete(product, "binh", number, "desk", ASK)
    with product.database.read() as connection:
        task = next(task for task in UnitOfWork(connection).tasks.of(number) if task.node == "supplement")
    return citizen, number, task


def test_supplement_is_asked_for_and_sent(asked: tuple[Citizen, str, Task], product: Product) -> None:
    citizen, number, task = asked
    listed = citizen.client.get("/my").text
    assert "Cần bổ sung" in listed
    assert f"/my/tasks/{task.id}" in listed
    page = citizen.client.get(f"/my/{number}").text
    assert "Thời hạn giải quyết tạm dừng" in page
    assert "Phiếu yêu cầu bổ sung" in page
    form = citizen.client.get(f"/my/tasks/{task.id}").text
    assert REASON in form
    assert "Quét lại đủ bốn góc" in form
    assert 'name="yeu_cau.ly_do"' not in form

    missing = citizen.client.post(f"/my/tasks/{task.id}", data={"act": "submit"})
    assert missing.status_code == 422
    assert "Tải lên tệp bổ sung" in missing.text

    post = {"yeu_cau.ly_do": "forged", "giai_trinh": "Đã quét lại", "act": "submit"}
    sent = citizen.client.post(
        f"/my/tasks/{task.id}",
        data=post | {"giay_to.0.tep": (io.BytesIO(paper(700)), "quet-lai.png")},
        content_type="multipart/form-data",
    )
    assert sent.location == f"/my/{number}", sent.text
    product.worker().drain()
    page = citizen.client.get(f"/my/{number}").text
    assert "Chờ tiếp nhận" in page
    assert "quet-lai.png" in page
    with product.database.read() as connection:
        done = next(
            event
            for event in UnitOfWork(connection).journal.of(number)
            if event.kind == "TaskCompleted" and event.node == "supplement"
        )
    assert done.content()["data"]["yeu_cau"]["ly_do"] == REASON
    again = citizen.client.post(f"/my/tasks/{task.id}", data=post)
    assert again.status_code == 409
    assert "hoàn thành lúc" in again.text


def test_supplement_wrong_file_is_named(asked: tuple[Citizen, str, Task]) -> None:
    citizen, _, task = asked
    sent = citizen.client.post(
        f"/my/tasks/{task.id}",
        data={"act": "submit", "giay_to.0.tep": (io.BytesIO(paper()[:500]), "quet-lai.png")},
        content_type="multipart/form-data",
    )
    assert sent.status_code == 422
    assert "bị hỏng hoặc thiếu dữ liệu" in sent.text


def test_task_of_another_person_is_refused(asked: tuple[Citizen, str, Task], client: SignIn) -> None:
    _, _, task = asked
    assert client("hung").get(f"/my/tasks/{task.id}").status_code == 403
    assert client("hung").post(f"/my/tasks/{task.id}", data={"act": "submit"}).status_code == 403
    assert client("lan").get("/my/tasks/nothing").status_code == 404


def test_declined_dossier_says_so_and_refunds(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    number = citizen.paid()
    decision = {"da_doi_chieu": True, "quyet_dinh": "decline", "ly_do": REASON, "can_cu": "Điều 22"}
    complete(product, "binh", number, "desk", decision)
    page = citizen.client.get(f"/my/{number}").text
    assert "Không được tiếp nhận" in page
    assert "Sẽ hoàn lại 10.000 đồng" in page
    assert "Phiếu từ chối tiếp nhận" in page


def test_time_stamps_down_waits_in_sight(client: SignIn, product: Product, clock: LiveClock) -> None:
    citizen = Citizen(client("lan"), product)
    number = citizen.paid()
    complete(product, "binh", number, "desk", {"da_doi_chieu": True, "quyet_dinh": "accept"})
    prepared = {"ket_luan": "certify", "kiem_tra": CHECKS, "loi_chung": "giay"}
    complete(product, "hoa", number, "prepare", prepared)
    assert product.sandboxes is not None
    signing = product.sandboxes.signing
    signing.stop()
    try:
        complete(product, "toan", number, "sign", {"quyet_dinh": "approve", "da_xem": True})
        page = citizen.client.get(f"/my/{number}").text
        assert "Chưa kết nối được" in page
        assert "vẫn nguyên vẹn" in page
        assert "Tải kết quả" not in page
    finally:
        signing.start(product.settings.sandbox_port)
    clock.set(clock.now() + timedelta(minutes=10))
    product.worker().drain()
    page = citizen.client.get(f"/my/{number}").text
    assert "Tải kết quả" in page
    assert "vẫn nguyên vẹn" not in page
