"""Every end that a dossier may come to, each reached through the screens, and what is on record then."""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from engine.model.portal_status import portal_code
from engine.store.records import Dossier
from tests.conftest import MORNING, LiveClock
from tests.webapp.citizen import Citizen, paper
from tests.webapp.conftest import SignIn
from tests.webapp.office import ACCEPT, PREPARE, SIGN
from webapp.bootstrap import Product

#: Dossiers that the leader signs in one go; ``MOTCUA_BULK=50`` plays the whole of it (some minutes).
MANY = int(os.environ.get("MOTCUA_BULK", "4"))
CLAIM = re.compile(r'action="(/tasks/[^"/]+/claim)"')
DUE = MORNING.replace(hour=17, minute=0)
SUPPLEMENT = {
    "da_doi_chieu": "true", "quyet_dinh": "supplement", "ly_do": "Bản quét mờ", "can_cu": "Nghị định 23/2015/NĐ-CP",
    "giay_to.count": "1", "giay_to.0.ma": "ban_chinh", "giay_to.0.yeu_cau": "Quét lại đủ bốn góc", "act": "submit",
}  # fmt: skip
FORMS = {
    "intake-slip": "01", "supplement-request": "02", "decline-slip": "03", "apology": "04", "halt-notice": "05",
    "withdrawal-slip": "rút",
}  # fmt: skip
REFUSE = {"ket_luan": "refuse", "truong_hop": ["tay_xoa"], "ly_do": "Ngày cấp bị tẩy xóa", "act": "submit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """The citizen and the officials, each at their own screens."""

    product: Product
    client: SignIn

    def filed(self) -> str:
        """A dossier that the citizen has filed and paid."""
        return Citizen(self.client("lan"), self.product).paid()

    def posts(self, login: str, address: str, data: dict[str, Any]) -> str:
        """Post as somebody, let the worker do what follows; the page on which it ends."""
        answer = self.client(login).post(address, data=data, follow_redirects=True)
        assert answer.status_code == 200, re.sub(r"\s+", " ", answer.text)[:3000]
        self.product.worker().drain()
        return answer.text

    def claims(self, login: str, number: str) -> str:
        """Claim the task that the page offers; where its form posts to."""
        page = self.client(login).get(f"/dossiers/{number}").text
        (claim,) = CLAIM.findall(page)
        (form,) = re.findall(r'action="(/dossiers/[^"]+/tasks/[^"]+)"', self.posts(login, claim, {}))
        return str(form).replace("&amp;", "&")

    def does(self, login: str, number: str, data: dict[str, Any]) -> None:
        """Claim and complete the step that waits."""
        self.posts(login, self.claims(login, number), data)

    def prepared(self) -> str:
        """A dossier that waits for the leader."""
        number = self.filed()
        self.does("binh", number, ACCEPT)
        self.does("hoa", number, PREPARE)
        return number

    def dossier(self, number: str) -> Dossier:
        """The dossier as stored."""
        with self.product.database.begin() as uow:
            return uow.dossiers.get(number)

    def slips(self, number: str) -> str:
        """Which of the forms 01–06 the dossier's page offers, in order, each a PDF that can be got."""
        reader = self.client("toan")
        page = reader.get(f"/dossiers/{number}").text
        with self.product.database.begin() as uow:
            papers = [paper for paper in uow.documents.of(number) if paper.kind in {"slip", "letter"}]
        links = {paper.name.partition("-H56")[0]: f"/dossiers/{number}/documents/{paper.id}" for paper in papers}
        found = {FORMS[name]: link for name, link in links.items() if name in FORMS}
        for link in (*found.values(), f"/dossiers/{number}/slips/06.pdf"):
            assert link in page, link
            assert reader.get(link).data.startswith(b"%PDF"), link
        return " ".join(sorted((*found, "06")))

    def ended(self, number: str, *, states: str, code: int, slips: str, result: str = "") -> Dossier:
        """Everything that is on record at the end: ``states`` are business, finance and delivery."""
        dossier = self.dossier(number)
        found = (dossier.business, dossier.finance, dossier.delivery)
        assert " ".join(state.value for state in found) == states
        assert dossier.sync.value == "PENDING"
        assert portal_code(*found) == code
        assert self.slips(number) == slips
        with self.product.database.begin() as uow:
            verdict = self.product.verification(uow).verify(number)
            stored = uow.results.of(number)
            assert not [task for task in uow.tasks.of(number) if task.state == "open"]
        assert (verdict.holds, verdict.findings) == (True, ())
        assert (stored.kind if stored else "") == result
        if stored:
            content = self.client("toan").get(f"/dossiers/{number}/documents/{stored.document}").data
            seen = {"file": (io.BytesIO(content), "ket-qua.pdf")}
            said = self.client("").post("/verify", data=seen, content_type="multipart/form-data").text
            assert "do hệ thống này ban hành" in said
            assert said.count("B-LTA") >= 2  # the signer's and the unit's
        return dossier


@pytest.fixture
def play(product: Product, client: SignIn) -> Play:
    """The people of a commune."""
    return Play(product=product, client=client)


def test_accepted_dossier_ends_on_time_and_handed_over(play: Play) -> None:
    number = play.prepared()
    play.does("toan", number, SIGN)
    play.ended(number, states="RESULT_ISSUED PAID READY", code=9, slips="01 06", result="KQ.G15.000021")
    play.posts("binh", f"/dossiers/{number}/hand-over", {"way": "desk", "evidence": "Nguyễn Thị Lan"})
    play.ended(number, states="RESULT_ISSUED PAID DELIVERED", code=10, slips="01 06", result="KQ.G15.000021")
    assert number in play.client("toan").get("/board/dossiers?figure=on_time").text


def test_supplemented_dossier_ends_on_time(play: Play, clock: LiveClock) -> None:
    number = play.filed()
    play.does("binh", number, SUPPLEMENT)
    assert portal_code(*_states(play.dossier(number)), intake_supplement_as_5=True) == 5
    clock.set(MORNING + timedelta(days=3))  # the clock stands still meanwhile
    with play.product.database.begin() as uow:
        task = next(task for task in uow.tasks.of(number) if task.node == "supplement")
    sent = play.client("lan").post(
        f"/my/tasks/{task.id}",
        data={"giai_trinh": "Đã quét lại", "act": "submit", "giay_to.0.tep": (io.BytesIO(paper(700)), "quet-lai.png")},
        content_type="multipart/form-data",
    )
    assert sent.status_code == 302
    play.product.worker().drain()
    play.does("binh", number, ACCEPT)
    play.does("hoa", number, PREPARE)
    play.does("toan", number, SIGN)
    play.ended(number, states="RESULT_ISSUED PAID READY", code=9, slips="01 02 06", result="KQ.G15.000021")
    assert number in play.client("toan").get("/board/dossiers?figure=on_time").text


def test_extended_dossier_gets_apology_and_stays_late(play: Play, clock: LiveClock) -> None:
    number = play.prepared()
    asked = {"days": "2", "reason": "Chờ xác minh bản chính", "remedy": "Làm ngoài giờ"}
    play.posts("hoa", f"/dossiers/{number}/extension", asked)
    play.posts("toan", f"/dossiers/{number}/extension/decide", {"decision": "approve"})
    clock.set(DUE + timedelta(days=1))  # past what was promised first, before what was promised then
    play.does("toan", number, SIGN)
    dossier = play.ended(number, states="RESULT_ISSUED PAID READY", code=9, slips="01 04 06", result="KQ.G15.000021")
    assert (dossier.promised_at, dossier.due_at) == (DUE, DUE + timedelta(days=2))
    assert "Chờ xác minh bản chính" in play.client("lan").get(f"/dossiers/{number}/slips/04.html").text
    board = play.client("toan")
    assert number in board.get("/board/dossiers?figure=done_late").text
    assert number not in board.get("/board/dossiers?figure=on_time").text


def test_late_dossier_says_why_before_it_moves(play: Play, clock: LiveClock) -> None:
    number = play.prepared()
    clock.set(DUE + timedelta(hours=16))
    play.product.worker().drain()
    form = play.claims("toan", number)
    page = play.client("toan").get(f"/dossiers/{number}").text
    assert 'id="late_reason" name="late_reason" form="eform"' in page
    refused = play.client("toan").post(form, data=SIGN)
    assert refused.status_code == 422
    assert "hãy ghi lý do trễ hạn khi hoàn thành bước này" in refused.text
    abroad = play.client("toan")
    abroad.get("/?lang=en")
    assert "say with this step why it is late" in abroad.post(form, data=SIGN).text
    play.posts("toan", form, SIGN | {"late_reason": "Máy ký hỏng cả chiều"})
    play.ended(number, states="RESULT_ISSUED PAID READY", code=9, slips="01 06", result="KQ.G15.000021")
    with play.product.database.begin() as uow:
        at = next(event.seq for event in uow.journal.of(number) if event.kind == "LatenessExplained")
    assert "Lý do: Máy ký hỏng cả chiều" in play.client("minh").get(f"/dossiers/{number}/history?at={at}").text
    play.posts("binh", f"/dossiers/{number}/hand-over", {"way": "desk", "evidence": "Nguyễn Thị Lan"})
    assert "lý do trễ: Máy ký hỏng cả chiều" in play.client("toan").get(f"/dossiers/{number}/slips/06.html").text
    assert number in play.client("toan").get("/board/dossiers?figure=done_late").text


def test_refused_dossier_ends_with_a_signed_refusal(play: Play) -> None:
    number = play.filed()
    play.does("binh", number, ACCEPT)
    play.does("hoa", number, REFUSE)
    play.does("toan", number, SIGN)
    play.ended(number, states="RESULT_ISSUED PAID READY", code=9, slips="01 06", result="TC.CHUNGTHUC")
    assert play.client("lan").post(f"/my/{number}/result").data.startswith(b"%PDF")
    play.ended(number, states="RESULT_ISSUED PAID DELIVERED", code=10, slips="01 06", result="TC.CHUNGTHUC")


def test_declined_dossier_ends_unreceived_and_refunded(play: Play) -> None:
    number = play.filed()
    decline = {"da_doi_chieu": "true", "quyet_dinh": "decline", "ly_do": "Không đúng nơi", "can_cu": "Điều 22"}
    play.does("binh", number, decline | {"act": "submit"})
    play.ended(number, states="REFUSED REFUND_DUE NOT_READY", code=3, slips="01 03 06")


def test_withdrawn_dossier_ends_without_result(play: Play) -> None:
    number = play.filed()
    play.does("binh", number, ACCEPT)
    assert f"/dossiers/{number}/withdraw" in play.client("lan").get(f"/my/{number}").text
    play.posts("lan", f"/dossiers/{number}/withdraw", {"reason": "Không cần nữa"})
    play.ended(number, states="WITHDRAWN PAID NOT_READY", code=7, slips="01 06 rút")


def test_stopped_dossier_ends_with_signed_notice(play: Play) -> None:
    number = play.filed()
    play.does("binh", number, ACCEPT)
    stop = {"decision": "12/QĐ-UBND", "reason": "Bản chính giả", "legal_base": "Điều 22", "refund": "1"}
    play.posts("toan", f"/dossiers/{number}/stop", stop)
    play.ended(number, states="STOPPED REFUND_DUE NOT_READY", code=8, slips="01 05 06")
    with play.product.database.begin() as uow:
        (signed,) = [event.content() for event in uow.journal.of(number) if event.kind == "LetterSigned"]
    assert [report["signer"] for report in signed["signatures"]] == ["Trần Quốc Toàn", "Ủy ban nhân dân xã Hoa Lộc"]


def test_substitute_signs_for_absent_leader_and_both_are_named(play: Play) -> None:
    number = play.prepared()
    leave = {
        "absent": "toan", "substitute": "hai", "unit": "H56.12", "role": "leader",
        "from": "10/11/2026", "to": "12/11/2026", "reason": "Đi họp tỉnh",
    }  # fmt: skip
    play.posts("toan", "/leave", leave)
    play.does("hai", number, SIGN)
    play.ended(number, states="RESULT_ISSUED PAID READY", code=9, slips="01 06", result="KQ.G15.000021")
    with play.product.database.begin() as uow:
        done = [event for event in uow.journal.of(number) if (event.kind, event.node) == ("TaskCompleted", "sign")]
        result = uow.results.of(number)
    assert [(event.actor, event.on_behalf_of) for event in done] == [("hai", "toan")]
    assert result is not None
    assert result.signed_by == "Nguyễn Minh Hải"
    history = play.client("minh").get(f"/dossiers/{number}/history").text
    assert "Nguyễn Minh Hải" in history
    assert "Trần Quốc Toàn" in history


@pytest.mark.timeout(900)  # fifty take some minutes where other work runs beside
def test_leader_signs_many_and_who_fails_is_named(play: Play) -> None:
    numbers = [play.prepared() for _ in range(MANY)]
    leader = play.client("toan")
    chosen = "/bulk?procedure=2.000815&node=sign"
    tasks = re.findall(r'name="task" value="([^"]+)"', leader.get(chosen).text)
    assert len(tasks) == MANY
    failing = numbers[1 : 1 + max(2, MANY // 10)]
    form = {"procedure": "2.000815", "node": "sign", "task": tasks, "quyet_dinh": "approve", "da_xem": "true"}
    begun = leader.post("/bulk", data=form | {"act": "complete"})
    for number in failing:  # these change after the list was shown, and before the worker comes to them
        (claim,) = CLAIM.findall(leader.get(f"/dossiers/{number}").text)
        assert leader.post(claim).status_code == 302
    taken = [play.dossier(number) for number in failing]
    play.product.worker().drain()
    page = leader.get(begun.location).text
    assert f"{MANY} / {MANY}" in page
    assert page.count("Không qua") == len(failing)
    assert page.count("Trang này đã cũ: việc “Ký kết quả” đã thay đổi") == len(failing)
    abroad = play.client("toan")
    abroad.get("/?lang=en")
    assert abroad.get(begun.location).text.count("This page is out of date") == len(failing)
    assert [play.dossier(number) for number in failing] == taken
    shown = re.findall(r'inbox__number" href="[^"]+">([^<]+)</a></th>\s*<td[^>]*><span class="tag tag--(\w+)">', page)
    assert dict(shown) == {number: "overdue" if number in failing else "done" for number in numbers}
    for number in numbers:
        if number not in failing:
            play.ended(number, states="RESULT_ISSUED PAID READY", code=9, slips="01 06", result="KQ.G15.000021")


def _states(dossier: Dossier) -> tuple[Any, Any, Any]:
    return dossier.business, dossier.finance, dossier.delivery
