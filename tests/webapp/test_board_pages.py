"""The leader's board, the register, leave, targets, bulk actions and the counter, as people use them."""

from __future__ import annotations

import re
from datetime import datetime

from engine.clock import ZONE
from engine.commands.quotas import SetQuota
from engine.commands.withdrawal import StopDossier
from engine.model.status import Business
from tests.commands.desk import APPROVE, Desk
from tests.conftest import LiveClock
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product


def test_board_pages_open_for_those_who_may(product: Product, client: SignIn) -> None:
    desk = Desk(product)
    desk.prepared()
    for login in ("toan", "dung", "minh", "tam"):
        for path in (
            "/board",
            "/board?period=day",
            "/board.csv",
            "/board/early-warning",
            "/board/dossiers?figure=open",
        ):
            answer = client(login).get(path)
            assert answer.status_code == 200, (login, path, answer.text[:300])
    for login in ("lan", "binh", "hoa"):
        assert client(login).get("/board").status_code == 403


def test_board_of_other_unit_is_forbidden_but_province_sees_all(product: Product, client: SignIn) -> None:
    Desk(product).received()
    assert client("toan").get("/board?unit=H56.40").status_code == 403
    assert client("son").get("/board/dossiers?figure=open&unit=H56.12").status_code == 403
    page = client("dung").get("/board?unit=H56.12")
    assert page.status_code == 200
    assert "H56.12" in page.text


def test_board_figure_links_to_its_dossiers(product: Product, client: SignIn, clock: LiveClock) -> None:
    desk = Desk(product)
    number = desk.received()
    clock.set(datetime(2026, 11, 11, 9, 0, tzinfo=ZONE))
    desk.worker.drain()
    page = client("toan").get("/board").text
    assert re.search(r'tile--overdue".*?<strong>1</strong>', page, re.DOTALL)
    assert number in client("toan").get("/board/dossiers?figure=late").text
    assert number in client("toan").get("/board/early-warning").text


def test_quota_missed_raises_alert(product: Product, client: SignIn) -> None:
    desk = Desk(product)
    desk.do("tam", SetQuota(measure="fully_online", percent=90, ground="1565/QĐ-TTg"))
    number = desk.prepared()
    desk.approve(number)
    assert "Chưa đạt chỉ tiêu ngày" not in client("toan").get("/board").text
    client("binh").post(f"/dossiers/{number}/hand-over", data={"way": "desk", "evidence": "Nguyễn Thị Lan"})
    assert desk.dossier(number).delivery.value == "DELIVERED"
    assert "Chưa đạt chỉ tiêu ngày" in client("toan").get("/board").text


def test_register_pages_and_exports_hold_dossier(product: Product, client: SignIn) -> None:
    number = Desk(product).received()
    visitor = client("binh")
    assert number in visitor.get("/register").text
    assert number in visitor.get("/register.csv").get_data(as_text=True)
    assert visitor.get("/register.pdf").data.startswith(b"%PDF")
    assert client("cuong").get("/register?unit=H56.12").status_code == 403


def test_slips_on_demand_come_as_pdf_and_html(product: Product, client: SignIn) -> None:
    desk = Desk(product)
    number = desk.received()
    assert client("binh").get(f"/dossiers/{number}/slips/06.pdf").data.startswith(b"%PDF")
    assert client("binh").get(f"/dossiers/{number}/slips/05.pdf").status_code == 404
    desk.do("toan", StopDossier(dossier=number, decision="12/QĐ-UBND", reason="Giấy tờ giả"))
    desk.worker.drain()
    assert client("lan").get(f"/dossiers/{number}/slips/05.pdf").data.startswith(b"%PDF")
    page = client("lan").get(f"/dossiers/{number}/slips/05.html").get_data(as_text=True)
    assert "12/QĐ-UBND" in page
    for login, path in (("hung", "05.pdf"), ("lan", "06.pdf"), ("cuong", "06.pdf")):
        assert client(login).get(f"/dossiers/{number}/slips/{path}").status_code == 403, login


def test_leave_entered_by_form_shows_both_names(product: Product, client: SignIn) -> None:
    visitor = client("toan")
    form = {
        "absent": "toan", "substitute": "hai", "unit": "H56.12", "role": "leader",
        "from": "10/11/2026", "to": "12/11/2026", "reason": "Đi họp tỉnh",
    }  # fmt: skip
    assert visitor.post("/leave", data=form).status_code == 302
    page = visitor.get("/leave").text
    assert "Nguyễn Minh Hải" in page
    assert "đang thay" in page
    assert client("lan").get("/leave").status_code == 403
    assert visitor.post("/leave", data=form | {"from": "hôm nay"}).status_code == 422


def test_settings_set_target_and_recompute(product: Product, client: SignIn) -> None:
    visitor = client("tam")
    form = {"measure": "received_online", "percent": "70", "ground": "1565/QĐ-TTg", "unit": ""}
    assert visitor.post("/settings/quotas", data=form).status_code == 302
    assert "1565/QĐ-TTg" in visitor.get("/settings").text
    assert visitor.post("/settings/calendar").status_code == 302
    assert client("binh").get("/settings").status_code == 403


def test_bulk_decision_by_form_shows_each_result(product: Product, client: SignIn) -> None:
    desk = Desk(product)
    numbers = [desk.prepared(), desk.prepared()]
    visitor = client("toan")
    page = visitor.get("/bulk?procedure=2.000815&node=sign").text
    tasks = re.findall(r'name="task" value="([^"]+)"', page)
    assert len(tasks) == 2
    form = {"procedure": "2.000815", "node": "sign", "act": "complete", "task": tasks}
    wrong = visitor.post("/bulk", data=form)
    assert wrong.status_code == 422
    begun = visitor.post("/bulk", data=form | {"quyet_dinh": APPROVE["quyet_dinh"], "da_xem": "true"})
    assert begun.status_code == 302, begun.text[:2000]
    assert "0 / 2" in visitor.get(begun.location).text
    desk.worker.drain()
    assert "2 / 2" in visitor.get(begun.location).text
    assert all(desk.dossier(number).business is Business.RESULT_ISSUED for number in numbers)
    assert client("hoa").get(begun.location).status_code == 403


def test_counter_files_for_citizen_and_takes_cash(product: Product, client: SignIn) -> None:
    visitor = client("binh")
    assert visitor.get("/counter").status_code == 200
    assert visitor.post("/counter/visitor", data={"id": "abc"}).status_code == 422
    scanned = "038088005678||Lê Quang Hùng|20111988|Nam|phường Hạc Thành|01012022"
    assert visitor.post("/counter/visitor", data={"id": scanned}).status_code == 302
    assert "Lê Quang Hùng" in visitor.get("/counter").text
    begun = visitor.post("/counter/applications", data={"procedure": "2.000815"})
    assert begun.status_code == 302, begun.text[:500]
    page = visitor.get(begun.location)
    assert page.status_code == 200
    assert "Lê Quang Hùng" in page.text
    assert visitor.post("/counter/leave").status_code == 302
    assert "Lê Quang Hùng" not in visitor.get("/counter").text
    assert client("lan").get("/counter").status_code == 403


def test_dossier_page_offers_acts_by_right(product: Product, client: SignIn) -> None:
    number = Desk(product).received()
    leader, desk = client("toan").get(f"/dossiers/{number}").text, client("binh").get(f"/dossiers/{number}").text
    assert f"/dossiers/{number}/stop" in leader
    assert f"/dossiers/{number}/withdraw" in desk
    assert f"/dossiers/{number}/stop" not in desk
    answer = client("hoa").post(f"/dossiers/{number}/comments", data={"text": "Bản chính mờ dấu"})
    assert answer.status_code == 302
    assert "Bản chính mờ dấu" in client("toan").get(f"/dossiers/{number}").text


def test_citizen_withdraws_on_own_page(product: Product, client: SignIn) -> None:
    desk = Desk(product)
    number = desk.paid()
    visitor = client("lan")
    assert f"/dossiers/{number}/withdraw" in visitor.get(f"/my/{number}").text
    assert client("hung").post(f"/dossiers/{number}/withdraw", data={"reason": "x"}).status_code == 403
    answer = visitor.post(f"/dossiers/{number}/withdraw", data={"reason": "Không cần nữa"})
    assert answer.status_code == 302
    assert desk.dossier(number).business is Business.WITHDRAWN
    page = visitor.get(f"/my/{number}").text
    assert f"/dossiers/{number}/withdraw" not in page
    assert "Ý kiến" not in page
