"""What bad input gets at the portal: a clear sentence, nothing half-done, nothing lost."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pytest

from engine.store.unit_of_work import UnitOfWork
from tests.webapp.citizen import UNIT, Citizen, answers, paper
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product


def pdf(pages: int = 1, password: str = "") -> bytes:
    """An empty PDF, encrypted with a password if one is given."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page()
        protection = pikepdf.Encryption(owner=password, user=password) if password else False
        made.save(out, encryption=protection)
    return out.getvalue()


UPLOADS = [
    ("mistyped", "bang.png", pdf(), "không thuộc loại được nhận"),
    ("program", "bang.exe", b"MZ" + b"\0" * 200, "không thuộc loại được nhận"),
    ("truncated", "bang.png", paper()[:900], "bị hỏng hoặc thiếu dữ liệu"),
    ("encrypted", "bang.pdf", pdf(password="x"), "có mật khẩu mở"),
    ("empty", "bang.png", b"", "không có nội dung"),
    ("too many pages", "bang.pdf", pdf(201), "vượt mức tối đa 200 trang"),
]


@pytest.mark.parametrize(("name", "content", "sentence"), [row[1:] for row in UPLOADS], ids=[row[0] for row in UPLOADS])
def test_upload_wrong_is_refused_at_its_field(
    client: SignIn, product: Product, name: str, content: bytes, sentence: str
) -> None:
    citizen = Citizen(client("lan"), product)
    draft = citizen.start()
    answer = citizen.post(draft, answers(), (content, name))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'href="#f-giay_to-0-tep_quet"' in answer.text
    assert answer.text.count('href="#f-giay_to-0-tep_quet"') == 1
    assert "<title>Lỗi:" in answer.text
    with product.database.read() as connection:
        uow = UnitOfWork(connection)
        assert uow.documents.of_draft(draft) == ()
        assert uow.drafts.get(draft).data["giay_to"][0]["ten"] == "Bằng tốt nghiệp đại học"  # nothing typed is lost


def test_upload_too_large_is_refused_before_it_is_read(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    draft = citizen.start()
    answer = citizen.post(draft, answers(), (b"\x89PNG\r\n\x1a\n" + b"\0" * (22 * 1024 * 1024), "to.png"))
    assert answer.status_code == 413
    assert "quá lớn" in answer.text


def test_form_incomplete_lists_every_mistake(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    draft = citizen.start()
    answer = citizen.post(draft, answers(giay_to__0__ten=None, cam_doan=None))
    assert answer.status_code == 422
    for sentence in ("Nhập tên giấy tờ", "Tải lên bản quét bản chính", "Bạn cần xác nhận cam đoan"):
        assert sentence in answer.text
    assert citizen.client.get(f"/drafts/{draft}/check").location.endswith("errors=1")
    assert citizen.client.post(f"/drafts/{draft}/file").location.endswith("errors=1")
    with product.database.read() as connection:
        assert UnitOfWork(connection).dossiers.numbers() == ()


def test_locked_field_forged_is_never_read(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    draft = citizen.start()
    forged = {"nyc.ho_ten": "Người Khác", "nyc.so_dinh_danh": "001088000000", "nyc.la_gi": "x"}
    assert citizen.post(draft, answers() | forged, (paper(), "bang.png")).status_code == 302
    number = citizen.file(draft)
    with product.database.read() as connection:
        data = UnitOfWork(connection).dossiers.get(number).data
    assert data["nyc"]["ho_ten"] == "Nguyễn Thị Lan"
    assert data["nyc"]["so_dinh_danh"] == "038190001234"
    assert "la_gi" not in data["nyc"]


def test_file_of_another_draft_cannot_be_claimed(client: SignIn, product: Product) -> None:
    hers, his = Citizen(client("lan"), product), Citizen(client("hung"), product)
    hers.filled()
    with product.database.read() as connection:
        row = connection.driver.execute("SELECT id FROM document").fetchone()
    assert row is not None
    draft = his.start()
    answer = his.post(draft, answers() | {"giay_to.0.tep_quet": row[0]})
    assert answer.status_code == 422
    assert "Tải lên bản quét bản chính" in answer.text


def test_filed_twice_shows_the_first_dossier(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    draft = citizen.filled()
    first, second = citizen.file(draft), citizen.file(draft)
    assert first == second
    replayed = citizen.post(draft, answers(), (paper(), "bang.png"))
    assert replayed.location == f"/my/{first}"
    assert citizen.client.post(f"/drafts/{draft}/autosave", data=answers()).status_code == 409
    assert citizen.client.get(f"/drafts/{draft}").location == f"/my/{first}"
    with product.database.read() as connection:
        assert UnitOfWork(connection).dossiers.numbers() == (first,)


def test_other_persons_things_are_refused(client: SignIn, product: Product) -> None:
    citizen, other, stranger = Citizen(client("lan"), product), client("hung"), client("")
    draft = citizen.filled()
    number = citizen.filed()
    with product.database.read() as connection:
        uow = UnitOfWork(connection)
        document = uow.documents.of(number)[0].id
        waiting = uow.documents.of_draft(draft)[0].id
    charge = citizen.charge(number)
    pages = [
        f"/drafts/{draft}", f"/drafts/{draft}/check", f"/my/{number}", f"/documents/{document}",
        f"/documents/{waiting}", f"/payments/{charge}", f"/payments/{charge}/receipt.pdf", f"/payments/{charge}/state",
    ]  # fmt: skip
    for page in pages:
        assert other.get(page).status_code == 403, page
        assert stranger.get(page).location.startswith("/sign-in"), page
        assert "Lan" not in other.get(page).text
    posts = [
        f"/drafts/{draft}", f"/drafts/{draft}/file", f"/drafts/{draft}/autosave", f"/drafts/{draft}/discard",
        f"/payments/{charge}/begin", f"/my/{number}/result",
    ]  # fmt: skip
    for page in posts:
        assert other.post(page).status_code == 403, page
    for page in ("/drafts/nothing", "/my/H56.12-000000-0000", "/documents/nothing", "/payments/nothing"):
        assert other.get(page).status_code == 404, page


def test_post_without_token_is_refused(product: Product, app: Any, client: SignIn) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client("lan").post("/drafts", data={"procedure": "2.000815", "unit": UNIT})
    assert answer.status_code == 400
    assert "tải lại trang" in answer.text


def test_start_with_wrong_procedure_or_unit_is_refused(client: SignIn, product: Product) -> None:
    visitor = client("lan")
    assert visitor.post("/drafts", data={"procedure": "9.999999", "unit": UNIT}).status_code == 404
    unchosen = visitor.post("/drafts", data={"procedure": "2.000815", "unit": ""})
    assert unchosen.status_code == 422
    assert "Chọn nơi nộp hồ sơ" in unchosen.text
    official = client("binh").post("/drafts", data={"procedure": "2.000815", "unit": UNIT})
    assert official.status_code == 403


def test_register_down_begins_nothing(client: SignIn, product: Product) -> None:
    assert product.sandboxes is not None
    registry = product.sandboxes.registry
    port = int(product.sandboxes.registry_url.rpartition(":")[2])
    registry.stop()
    try:
        answer = client("lan").post("/drafts", data={"procedure": "2.000815", "unit": UNIT})
    finally:
        registry.start(port)
    assert answer.status_code == 503
    assert "Chưa bắt đầu được tờ khai" in answer.text
    with product.database.read() as connection:
        assert UnitOfWork(connection).drafts.open_of("lan") == ()
    assert Citizen(client("lan"), product).start()


def test_autosave_keeps_text_and_upload(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    draft = citizen.filled()
    with product.database.read() as connection:
        kept = UnitOfWork(connection).drafts.get(draft).data["giay_to"][0]["tep_quet"]
    typed = answers(giay_to__0__ten="Bằng cử nhân", act=None) | {"giay_to.0.tep_quet": kept}
    saved = citizen.client.post(f"/drafts/{draft}/autosave", data=typed)
    assert saved.status_code == 200
    assert saved.json is not None
    assert saved.json["revision"] > 1
    with product.database.read() as connection:
        item = UnitOfWork(connection).drafts.get(draft).data["giay_to"][0]
    assert (item["ten"], item["tep_quet"]) == ("Bằng cử nhân", kept)


def test_items_added_and_removed_without_script(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    draft = citizen.start()
    added = citizen.post(draft, answers(act="add:giay_to"))
    assert added.location.endswith("#f-giay_to-1")
    assert 'name="giay_to.1.ten"' in citizen.client.get(f"/drafts/{draft}").text
    citizen.post(draft, answers(act="del:giay_to:1", giay_to__count="2"))
    assert 'name="giay_to.1.ten"' not in citizen.client.get(f"/drafts/{draft}").text


def test_draft_discarded_is_gone(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    draft = citizen.filled()
    with product.database.read() as connection:
        document = UnitOfWork(connection).documents.of_draft(draft)[0].id
    assert citizen.client.post(f"/drafts/{draft}/discard").status_code == 302
    assert citizen.client.get(f"/drafts/{draft}").status_code == 404
    assert citizen.client.get(f"/documents/{document}").status_code == 404
