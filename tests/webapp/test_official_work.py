"""The official's path: inbox, claim, compare, accept, prepare, sign; who may not, and who was too late."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

from engine.commands.inbound import DeferDelivery, RecordRefusal
from engine.commands.tasks import ClaimTask
from engine.model.permission import SYSTEM
from engine.worker import Worker
from tests.conftest import LiveClock, person
from tests.webapp.conftest import SignIn
from tests.webapp.office import ACCEPT, PREPARE, SIGN, Office


def claim(client: SignIn, office: Office, login: str, number: str, node: str) -> str:
    """Claim the task as somebody and give the address of its form."""
    visitor = client(login)
    answer = visitor.post(f"/tasks/{office.task(number, node).id}/claim", data={}, follow_redirects=True)
    assert answer.status_code == 200
    return office.post_url(answer.text)


def test_inbox_open_task_is_listed_with_remaining_words(office: Office, client: SignIn) -> None:
    page = client("binh").get("/inbox").text
    assert office.desk in page
    assert office.sign not in page
    assert re.search(r'tag--in-time">Còn \d+ giờ', page)
    assert "Nhận việc" in page


def test_inbox_other_unit_sees_nothing(office: Office, client: SignIn) -> None:
    page = client("cuong").get("/inbox").text
    assert office.desk not in page


def test_inbox_citizen_is_refused(office: Office, client: SignIn) -> None:
    assert client("lan").get("/inbox").status_code == 403


def test_inbox_stranger_is_sent_to_sign_in(office: Office, client: SignIn) -> None:
    answer = client().get("/inbox")
    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]


def test_inbox_waiting_tab_says_what_for(office: Office, client: SignIn) -> None:
    page = client("binh").get("/inbox?tab=waiting").text
    assert office.unpaid in page
    assert "Chờ người nộp thanh toán phí" in page


def test_inbox_search_folds_tones_and_takes_wildcards_literally(office: Office, client: SignIn) -> None:
    visitor = client("binh")
    row = f">{office.desk}</a>"
    for typed in ("NGUYEN+thi+lan+chung+thuc", "nguyễn+lan", "nguy", office.desk, office.desk[-4:], "261110"):
        assert row in visitor.get(f"/inbox?q={typed}").text, typed
    for typed in ("%25", "_", "guyen", "lan+hung", "!"):
        assert row not in visitor.get(f"/inbox?q={typed}").text, typed
    assert row not in visitor.get(f"/inbox?q={office.desk[-4:]}&procedure=1.001193").text
    assert f">{office.unpaid}</a>" in visitor.get(f"/inbox?tab=waiting&q={office.unpaid}").text


def test_inbox_claim_from_list_returns_to_list(office: Office, client: SignIn) -> None:
    visitor = client("binh")
    task = office.task(office.desk, "desk")
    answer = visitor.post(f"/tasks/{task.id}/claim", data={"next": "/inbox?tab=all"})
    assert answer.headers["Location"] == "/inbox?tab=all"
    assert "Tôi" in visitor.get("/inbox").text
    assert visitor.get("/inbox/counts").json["mine"] == "1"  # type: ignore[index]


def test_claim_next_elsewhere_stays_here(office: Office, client: SignIn) -> None:
    task = office.task(office.desk, "desk")
    answer = client("binh").post(f"/tasks/{task.id}/claim", data={"next": "//evil.example/"})
    assert answer.headers["Location"].startswith("/dossiers/")


def test_inbox_warned_then_overdue_is_counted_and_tagged(
    office: Office, client: SignIn, clock: LiveClock, worker: Worker
) -> None:
    visitor, morning = client("binh"), clock.now()
    clock.set(morning + timedelta(hours=7, minutes=30))
    worker.drain()
    counts = visitor.get("/inbox/counts").json
    assert counts is not None
    assert (counts["due_soon"], counts["overdue"]) == ("1", "0")
    assert office.desk in visitor.get("/inbox?state=due_soon").text
    clock.set(morning + timedelta(days=1))
    worker.drain()
    counts = visitor.get("/inbox/counts").json
    assert counts is not None
    assert (counts["due_soon"], counts["overdue"], counts["in_time"]) == ("0", "1", "0")
    page = visitor.get("/inbox?state=overdue").text
    assert office.desk in page
    assert re.search(r'tag--overdue">Quá ', page)


def test_dossier_differences_are_marked(office: Office, client: SignIn) -> None:
    with office.product.database.engine.begin() as connection:
        fields = connection.exec_driver_sql("SELECT fields FROM extraction WHERE dossier = ?", (office.desk,)).scalar()
        changed = str(fields).replace('"value":"QH-2012/0456"', '"value":"QH-2012/0458"')
        assert changed != fields
        connection.exec_driver_sql("UPDATE extraction SET fields = ? WHERE dossier = ?", (changed, office.desk))
    page = client("binh").get(f"/dossiers/{office.desk}").text
    assert re.search(r'class="differ">QH-2012/0458', page)
    assert re.search(r'class="agree">30/06/2012', page)
    assert "1 chỗ lệch" in page
    assert "không tìm thấy" in page


def test_dossier_shows_fee_slip_notice_and_explanation(office: Office, client: SignIn) -> None:
    page = client("binh").get(f"/dossiers/{office.desk}").text
    for expected in (
        "6.000 đồng",
        "Đã nộp",
        "BL26",
        "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
        "đã nộp",
        "Vì sao có hạn này",
        "Điều 7",
    ):
        assert expected in page


def test_dossier_other_unit_and_citizen_are_refused(office: Office, client: SignIn) -> None:
    for login in ("cuong", "thuy", "lan", "phuc"):
        assert client(login).get(f"/dossiers/{office.desk}").status_code == 403
    assert client("minh").get(f"/dossiers/{office.desk}").status_code == 200


def test_file_other_unit_is_refused_and_page_is_a_picture(office: Office, client: SignIn) -> None:
    with office.product.database.begin() as uow:
        paper = next(found for found in uow.documents.of(office.desk) if found.kind == "paper")
    url = f"/dossiers/{office.desk}/documents/{paper.id}"
    picture = client("binh").get(f"{url}/pages/1")
    assert picture.data.startswith(b"\x89PNG")
    again = client("binh").get(f"{url}/pages/1", headers={"If-None-Match": picture.headers["ETag"]})
    assert again.status_code == 304
    assert client("binh").get(f"{url}/pages/2").status_code == 404
    for address in (url, f"{url}/pages/1"):
        assert client("cuong").get(address).status_code == 403
    assert client("binh").get(f"/dossiers/{office.sign}/documents/{paper.id}").status_code == 404


def test_panel_says_who_can_claim_and_who_holds(office: Office, client: SignIn) -> None:
    page = client("hoa").get(f"/dossiers/{office.desk}").text
    assert "Chưa ai nhận. Người có thể nhận: Lê Văn Bình." in page
    claim(client, office, "binh", office.desk, "desk")
    page = client("hoa").get(f"/dossiers/{office.desk}").text
    assert "Lê Văn Bình đang giữ việc này" in page
    assert "Hoàn thành bước này" not in page


def test_task_form_mistakes_are_named(office: Office, client: SignIn) -> None:
    url = claim(client, office, "binh", office.desk, "desk")
    answer = client("binh").post(url, data={"act": "submit"})
    assert answer.status_code == 422
    assert "Có 2 chỗ cần sửa" in answer.text
    assert "<title>Lỗi:" in answer.text
    assert office.task(office.desk, "desk").state == "open"


def test_task_accept_moves_on_to_specialist(office: Office, client: SignIn, worker: Worker) -> None:
    url = claim(client, office, "binh", office.desk, "desk")
    answer = client("binh").post(url, data=ACCEPT)
    assert answer.headers["Location"] == "/inbox"
    worker.drain()
    assert office.desk in client("hoa").get("/inbox").text
    assert office.desk in client("binh").get("/inbox?tab=done").text


def test_task_sent_twice_is_done_once(office: Office, client: SignIn) -> None:
    url = claim(client, office, "binh", office.desk, "desk")
    assert client("binh").post(url, data=ACCEPT).status_code == 302
    assert client("binh").post(url, data=ACCEPT).status_code == 302
    with office.product.database.begin() as uow:
        done = [event for event in uow.journal.of(office.desk) if event.kind == "TaskCompleted"]
    assert len(done) == 1


def test_task_second_official_learns_who_and_when(office: Office, client: SignIn) -> None:
    second = dataclasses.replace(person(office.product, "binh"), login="binh2", name="Trịnh Thị Mai")
    _colleague(office)
    task = office.task(office.desk, "desk")
    url = claim(client, office, "binh", office.desk, "desk")
    assert second.login == "binh2"
    taken = client("binh2").post(f"/tasks/{task.id}/claim", data={})
    assert taken.status_code == 409
    assert "Lê Văn Bình đang giữ việc này" in taken.text
    client("binh").post(url, data=ACCEPT)
    late = client("binh2").post(url, data=ACCEPT)
    assert late.status_code == 409
    assert "Việc này đã được Lê Văn Bình hoàn thành lúc 08:30 10/11/2026." in late.text
    assert "Bạn vừa nhập" in late.text


def _colleague(office: Office) -> None:
    """A second person at the same desk."""
    with office.product.database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO account (login, name, password) VALUES ('binh2', 'Trịnh Thị Mai', '')")
        connection.exec_driver_sql(
            "INSERT INTO assignment (id, login, unit, role, valid_from) VALUES ('x2', 'binh2', 'H56.12', 'desk', 0)"
        )


def test_task_released_is_free_again(office: Office, client: SignIn) -> None:
    claim(client, office, "binh", office.desk, "desk")
    task = office.task(office.desk, "desk")
    client("binh").post(f"/tasks/{task.id}/release", data={"revision": task.revision})
    assert office.task(office.desk, "desk").assignee == ""
    assert client("hoa").post(f"/tasks/{task.id}/claim", data={}).status_code == 403


def test_sign_by_who_prepared_is_refused(office: Office, client: SignIn) -> None:
    with office.product.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO assignment (id, login, unit, role, valid_from) VALUES ('x1', 'hoa', 'H56.12', 'leader', 0)"
        )
    page = client("hoa").get(f"/dossiers/{office.sign}").text
    assert "người soạn và người ký phải là hai người" in page
    assert "Nhận việc này" not in page
    task = office.task(office.sign, "sign")
    office.product.bus.execute(ClaimTask(task=task.id), person(office.product, "hoa"))
    refused = client("hoa").post(f"/dossiers/{office.sign}/tasks/{task.id}", data=SIGN)
    assert refused.status_code == 422
    assert "Người soạn không được ký" in refused.text
    assert office.task(office.sign, "sign").state == "open"


def test_leader_reads_draft_then_signs_and_sees_reports(office: Office, client: SignIn, worker: Worker) -> None:
    url = claim(client, office, "toan", office.sign, "sign")
    page = client("toan").get(f"/dossiers/{office.sign}").text
    assert "Dự thảo kết quả, chưa ký" in page
    answer = client("toan").post(url, data=SIGN)
    assert answer.headers["Location"] == f"/dossiers/{office.sign}"
    busy = client("toan").get(f"/dossiers/{office.sign}").text
    assert "Đang ký số, đóng dấu" in busy
    assert 'http-equiv="refresh"' in busy
    worker.drain()
    page = client("toan").get(f"/dossiers/{office.sign}").text
    assert page.count("B-LTA") == 2
    assert "Trần Quốc Toàn" in page
    assert "Hợp lệ" in page
    assert 'http-equiv="refresh"' not in page


def test_signature_waiting_for_time_stamp_is_visible(office: Office, client: SignIn) -> None:
    url = claim(client, office, "toan", office.sign, "sign")
    client("toan").post(url, data=SIGN)
    with office.product.database.begin() as uow:
        row = next(found for found in uow.outbox.of(office.sign) if found.topic == "result.sign")
    later = office.product.clock.now() + timedelta(minutes=1)
    message = "Chưa kết nối được dịch vụ dấu thời gian; hồ sơ chờ và sẽ được thử lại."
    office.product.bus.execute(DeferDelivery(row=row.id, message=message, retry_at=later), SYSTEM)
    assert message in client("toan").get(f"/dossiers/{office.sign}").text
    assert office.sign in client("binh").get("/inbox?tab=waiting").text
    assert message in client("tam").get("/operations").text


def test_signature_refused_reopens_task_with_reason(office: Office, client: SignIn) -> None:
    url = claim(client, office, "toan", office.sign, "sign")
    client("toan").post(url, data=SIGN)
    with office.product.database.begin() as uow:
        row = next(found for found in uow.outbox.of(office.sign) if found.topic == "result.sign")
    refusal = RecordRefusal(row=row.id, error="signature-refused", message="Chứng thư của người ký đã hết hạn.")
    office.product.bus.execute(refusal, SYSTEM)
    page = client("toan").get(f"/dossiers/{office.sign}").text
    assert "Vì sao việc này quay lại" in page
    assert "Chứng thư của người ký đã hết hạn." in page
    assert office.task(office.sign, "sign").state == "open"


def test_result_handed_over_at_desk_needs_evidence(office: Office, client: SignIn, worker: Worker) -> None:
    client("toan").post(claim(client, office, "toan", office.sign, "sign"), data=SIGN)
    worker.drain()
    assert "Ghi nhận đã trả" in client("binh").get(f"/dossiers/{office.sign}").text
    url = f"/dossiers/{office.sign}/hand-over"
    assert client("binh").post(url, data={"way": "desk"}).status_code == 422
    assert client("hoa").post(url, data={"way": "desk", "evidence": "Lan"}).status_code == 403
    assert client("binh").post(url, data={"way": "desk", "evidence": "Nguyễn Thị Lan"}).status_code == 302
    assert "Đã trả kết quả" in client("binh").get(f"/dossiers/{office.sign}").text


def test_no_form_lets_anybody_write_the_deadline(office: Office, client: SignIn) -> None:
    url = claim(client, office, "binh", office.desk, "desk")
    page = client("binh").get(f"/dossiers/{office.desk}").text
    assert not re.search(r'name="[^"]*(due|deadline|han_tra|thoi_han)', page)
    before = office.task(office.desk, "desk").due_at
    client("binh").post(url, data=ACCEPT | {"due_at": "2030-01-01", "deadline": "2030-01-01"})
    with office.product.database.begin() as uow:
        assert uow.dossiers.get(office.desk).due_at == before


def test_prepare_takes_number_from_book(office: Office, client: SignIn, worker: Worker) -> None:
    client("binh").post(claim(client, office, "binh", office.desk, "desk"), data=ACCEPT)
    worker.drain()
    client("hoa").post(claim(client, office, "hoa", office.desk, "prepare"), data=PREPARE)
    with office.product.database.begin() as uow:
        taken = [event for event in uow.journal.of(office.desk) if event.kind == "BookNumberTaken"]
    assert taken[0].content()["entries"][0]["text"] == "000002/2026"
