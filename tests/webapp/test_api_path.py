"""A whole dossier through the interface alone: filed, paid, processed, signed, handed over and verified."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlencode

from connectors.payment import vietqr
from engine.worker import Worker
from tests.conftest import MORNING, LiveClock
from tests.webapp.api_caller import Caller, by_token
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product
from webapp.demo.run import sample_paper

PAPER = {
    "ten": "Bằng tốt nghiệp đại học",
    "loai": "van_bang",
    "nguoi_duoc_cap": "Nguyễn Thị Lan",
    "so_hieu": "QH-2012/0456",
    "ngay_cap": "2012-06-30",
    "so_trang": 1,
    "so_ban": 3,
    "ban_dien_tu": True,
}


def test_dossier_by_interface_alone_settles(product: Product, client: SignIn, worker: Worker, clock: LiveClock) -> None:
    lan, visitor = by_token(client(), "lan"), Caller(client())
    assert "2.000815" in [row["code"] for row in visitor.get("/procedure?q=chung thuc").json["items"]]
    number = _file(lan)
    worker.drain()
    _pay(product, lan, client, number)
    worker.drain()
    due = lan.get(f"/dossier/{number}").json
    assert due["status"]["finance"] == "PAID"
    assert due["charges"][0]["receipt"]

    _work(by_token(client(), "binh"), "desk", {"da_doi_chieu": True, "quyet_dinh": "accept"}, worker)
    checks = ["ban_chinh", "so_trang", "chu_ky_dau", "noi_dung"]
    prepared = {"ket_luan": "certify", "kiem_tra": checks, "loi_chung": "giay_va_dien_tu"}
    _work(by_token(client(), "hoa"), "prepare", prepared, worker)
    assert lan.get(f"/dossier/{number}/result").status_code == 404
    _work(by_token(client(), "toan"), "sign", {"quyet_dinh": "approve", "da_xem": True}, worker)

    issued = lan.get(f"/dossier/{number}").json
    assert issued["portal"]["code"] == 9
    assert issued["standing"]["on_time"] is True
    facts = lan.get(f"/dossier/{number}/result", headers={"Accept": "application/json"}).json
    assert lan.get(f"/dossier/{number}").json["portal"]["code"] == 9, "reading facts hands nothing over"
    signed = lan.get(f"/dossier/{number}/result", headers={"Accept": "application/pdf"})
    assert signed.data.startswith(b"%PDF-")
    assert lan.get(f"/dossier/{number}").json["portal"]["code"] == 10

    check = visitor.post("/signature/verify", data=signed.data, content_type="application/pdf").json
    assert check["valid"] is True
    assert len(check["signatures"]) == 2
    assert check["issued_here"]["number"] == facts["number"] == issued["result"]
    changed = signed.data.replace(b"/Type", b"/Tyqe", 1)
    assert visitor.post("/signature/verify", data=changed, content_type="application/pdf").json["valid"] is False

    minh = by_token(client(), "minh")
    verdict = minh.post(f"/dossier/{number}/verify").json
    assert verdict["findings"] == []
    history = minh.get(f"/dossier/{number}/history").json
    assert history["events"][-1]["hash"] == history["head"] == minh.get(f"/dossier/{number}").json["chain"]["head"]
    assert [event["seq"] for event in history["events"]] == list(range(1, verdict["events"] + 1))
    explained = lan.get(f"/dossier/{number}/deadline").json["deadline"]
    assert explained["due_at"].startswith(f"{MORNING:%Y-%m-%d}")
    assert explained["explanation"]
    for document in lan.get(f"/dossier/{number}").json["documents"]:
        assert lan.get(f"/dossier/{number}/document/{document['id']}").data


def _file(lan: Caller) -> str:
    begun = lan.post("/dossier", {"procedure": "2.000815", "unit": "H56.12"}, headers={"Idempotency-Key": "begin-1"})
    draft, again = (
        begun.json,
        lan.post("/dossier", {"procedure": "2.000815", "unit": "H56.12"}, headers={"Idempotency-Key": "begin-1"}),
    )
    assert begun.status_code == 201
    assert again.json["id"] == draft["id"], "the same key begins no second draft"
    assert draft["data"]["nyc"]["ho_ten"] == "Nguyễn Thị Lan"
    file = {"file": (io.BytesIO(sample_paper(MORNING)), "bang.png")}
    paper = lan.post(f"/draft/{draft['id']}/document", data=file).json
    data = {"giay_to": [PAPER | {"tep_quet": paper["id"]}], "cam_doan": True}
    changed = lan.patch(f"/draft/{draft['id']}", {"data": data}, headers={"If-Match": '"1"'})
    assert changed.json["errors"] == [], changed.text
    assert changed.headers["ETag"] == '"2"'
    fee = lan.get(f"/draft/{draft['id']}/fee").json
    assert fee["amount"] == 6000
    filed = [
        lan.post(f"/draft/{draft['id']}/submit", headers={"Idempotency-Key": "file-1"}).json["number"] for _ in range(2)
    ]
    assert filed[0] == filed[1]
    late = lan.post(f"/draft/{draft['id']}/submit")
    assert (late.status_code, late.json["code"], late.json["dossier"]) == (409, "already-filed", filed[0])
    return str(filed[0])


def _pay(product: Product, lan: Caller, client: SignIn, number: str) -> None:
    charge = lan.get(f"/dossier/{number}").json["charges"][0]
    assert (charge["state"], charge["amount"]) == ("due", 6000)
    key = {"Idempotency-Key": "pay-1"}
    order = lan.post(f"/charge/{charge['id']}/pay", headers=key).json
    assert lan.post(f"/charge/{charge['id']}/pay", headers=key).json == order
    assert vietqr.decode(order["vietqr"]).amount == 6000
    assert product.sandboxes is not None
    notice = product.sandboxes.payment.order(order["payment_url"])
    assert client().get(f"/payments/notice?{urlencode(notice)}").json["RspCode"] == "00"
    paid = lan.post(f"/charge/{charge['id']}/pay")
    assert (paid.status_code, paid.json["code"]) == (409, "already-paid")


def _work(official: Caller, node: str, data: dict[str, Any], worker: Worker) -> None:
    wanted = {"filter": {"state": "open", "node": node, "assignee": {"$exists": False}}}
    assert official.post("/task/count", {"filter": wanted["filter"]}).json == {"count": 1, "more": False}
    task = official.post("/task/search", wanted).json["items"][0]
    claimed = official.post(f"/task/{task['id']}/claim", headers={"If-Match": f'"{task["revision"]}"'})
    assert claimed.status_code == 200
    shown = official.get(f"/task/{task['id']}")
    assert shown.json["form"]["schema"]["type"] == "object"
    assert shown.headers["ETag"] == claimed.headers["ETag"]
    headers = {"If-Match": shown.headers["ETag"], "Idempotency-Key": f"do-{task['id']}"[:200]}
    done = official.post(f"/task/{task['id']}/complete", {"data": data}, headers=headers)
    assert done.status_code == 200, done.text
    replay = official.post(f"/task/{task['id']}/complete", {"data": data}, headers=headers)
    assert replay.json == done.json, "the same key answers as the first time"
    other = official.post(f"/task/{task['id']}/complete", {"data": {**data, "ghi_chu": "khác"}}, headers=headers)
    assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")
    second = official.post(f"/task/{task['id']}/complete", {"data": data}, headers={"If-Match": '"1"'})
    assert (second.status_code, second.json["code"]) == (409, "task-completed")
    worker.drain()
