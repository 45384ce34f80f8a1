"""From the signed result to its download, and the public check of it."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient

from engine.commands.tasks import ClaimTask, CompleteTask
from engine.model.check_code import check_code
from engine.store.records import Result
from engine.store.unit_of_work import UnitOfWork
from engine.values import Digest
from tests.webapp.citizen import Citizen
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product

CHECKS = ["ban_chinh", "so_trang", "chu_ky_dau", "noi_dung"]


def complete(product: Product, login: str, number: str, node: str, data: dict[str, Any]) -> None:
    """An official does a step of a dossier; the worker does what follows."""
    with product.database.begin() as uow:
        actor = uow.organisation.actor(login, product.clock.now())
        task = next(task for task in uow.tasks.of(number) if task.node == node and task.state == "open")
    assert actor is not None
    claimed = product.bus.execute(ClaimTask(task=task.id, revision=task.revision), actor)
    product.bus.execute(CompleteTask(task=task.id, data=data, revision=claimed["revision"]), actor)
    product.worker().drain()


def settle(product: Product, number: str) -> None:
    """Desk, judicial officer and leader do their part."""
    complete(product, "binh", number, "desk", {"da_doi_chieu": True, "quyet_dinh": "accept"})
    prepared = {"ket_luan": "certify", "kiem_tra": CHECKS, "loi_chung": "giay_va_dien_tu"}
    complete(product, "hoa", number, "prepare", prepared)
    complete(product, "toan", number, "sign", {"quyet_dinh": "approve", "da_xem": True})


def stored(product: Product, number: str) -> Result:
    """The result of a dossier."""
    with product.database.read() as connection:
        result = UnitOfWork(connection).results.of(number)
    assert result is not None
    return result


def upload(client: FlaskClient, content: bytes, name: str = "ket-qua.pdf") -> str:
    """What the public check says of a file."""
    data = {"file": (io.BytesIO(content), name)}
    return client.post("/verify", data=data, content_type="multipart/form-data").text


def test_result_signed_is_downloaded_and_checked_by_anybody(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    number = citizen.paid()
    settle(product, number)
    assert "Tải kết quả (PDF)" in citizen.client.get(f"/my/{number}").text
    got = citizen.client.post(f"/my/{number}/result")
    result = stored(product, number)
    assert got.status_code == 200
    assert Digest.of(got.data) == result.digest
    assert "Đã trả kết quả" in citizen.client.get(f"/my/{number}").text

    stranger = client("")
    said = upload(stranger, got.data)
    assert "do hệ thống này ban hành" in said
    assert "Trần Quốc Toàn" in said
    assert "B-LTA" in said
    assert "Nguyễn Thị Lan" not in said

    with product.database.read() as connection:
        tracking = UnitOfWork(connection).dossiers.get(number).tracking
    pages = pypdfium2.PdfDocument(got.data)
    codes = [code.text for code in zxingcpp.read_barcodes(pages[len(pages) - 1].render(scale=3).to_pil())]
    address = f"{product.settings.address}/verify/{check_code(tracking)}"
    assert codes == [address]
    shown = stranger.get(address.removeprefix(product.settings.address))
    assert shown.status_code == 200
    assert result.number in shown.text
    assert "Nguyễn Thị Lan" not in shown.text

    tampered = bytearray(got.data)
    at = len(tampered) // 4
    tampered[at] ^= 1
    said = upload(stranger, bytes(tampered))
    assert "Tệp không hợp lệ" in said or "không có chữ ký" in said
    assert "do hệ thống này ban hành" not in said


def test_result_not_issued_is_given_to_nobody(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    number = citizen.paid()
    complete(product, "binh", number, "desk", {"da_doi_chieu": True, "quyet_dinh": "accept"})
    assert citizen.client.post(f"/my/{number}/result").status_code == 422
    prepared = {"ket_luan": "certify", "kiem_tra": CHECKS, "loi_chung": "giay"}
    complete(product, "hoa", number, "prepare", prepared)
    with product.database.read() as connection:
        drafts = [found for found in UnitOfWork(connection).documents.of(number) if found.kind == "draft-result"]
    assert len(drafts) == 1
    assert citizen.client.get(f"/documents/{drafts[0].id}").status_code == 403
    assert client("hung").post(f"/my/{number}/result").status_code == 403


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"", 422, "Chọn tệp PDF"),
        (b"\x89PNG\r\n\x1a\n", 422, "không phải PDF"),
        (b"%PDF-1.7\nnothing", 200, "không hợp lệ"),
    ],
)
def test_verify_wrong_file_is_named(client: SignIn, content: bytes, status: int, sentence: str) -> None:
    data = {"file": (io.BytesIO(content), "x.pdf")}
    answer = client("").post("/verify", data=data, content_type="multipart/form-data")
    assert answer.status_code == status
    assert sentence in answer.text


def test_verify_unknown_code_is_not_found(client: SignIn) -> None:
    assert client("").get("/verify/AAAAAAAAAAAAAAAA").status_code == 404


def test_tracking_shows_nothing_personal(client: SignIn, product: Product) -> None:
    number = Citizen(client("lan"), product).paid()
    with product.database.read() as connection:
        tracking = UnitOfWork(connection).dossiers.get(number).tracking
    page = client("").get(f"/t/{tracking}")
    assert page.status_code == 200
    assert number in page.text
    assert "Chờ tiếp nhận" in page.text
    assert "17:00 ngày 10/11/2026" in page.text
    for private in ("Nguyễn Thị Lan", "038190001234", "Bằng tốt nghiệp", "0912000111"):
        assert private not in page.text
    assert client("").get(f"/t/{number}").status_code == 404
    moved = client("").get("/t/", query_string={"code": f"{product.settings.address}/t/{tracking}"})
    assert moved.location == f"/t/{tracking}"


def test_mail_shows_own_mails_only(client: SignIn, product: Product) -> None:
    number = Citizen(client("lan"), product).paid()
    assert f"Hồ sơ {number}: đã nộp" in client("lan").get("/mail").text
    assert number not in client("hung").get("/mail").text
