"""The auditor's replay: the way taken, the data before and after, and a check that finds what was tampered with."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from engine.procedures import Library
from engine.queries import history
from engine.store.unit_of_work import UnitOfWork
from engine.worker import Worker
from tests.webapp.conftest import SignIn
from tests.webapp.office import Office


def page_data(page: str) -> dict[str, Any]:
    """What the page gives to its script."""
    found = re.search(r'<script type="application/json" id="history-data">(.*?)</script>', page, re.S)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def tamper(office: Office, statement: str, *values: Any) -> None:
    """Change a row behind the product's back, its triggers removed first."""
    with office.product.database.engine.begin() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for name in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        assert connection.exec_driver_sql(statement, values).rowcount == 1


def test_history_shows_version_chain_and_every_event(office: Office, client: SignIn) -> None:
    page = client("minh").get(f"/dossiers/{office.sign}/history").text
    with office.product.database.begin() as uow:
        dossier, events = uow.dossiers.get(office.sign), uow.journal.of(office.sign)
    assert "Chuỗi băm nguyên vẹn" in page
    assert dossier.digest in page
    assert dossier.head in page
    assert page.count("data-step=") == len(events)
    data = page_data(page)
    assert [event["n"] for event in data["events"]] == [event.seq for event in events]
    assert {"certified_copy", "intake", "settle"} <= {diagram["id"] for diagram in data["diagrams"]}
    assert data["diagrams"][0]["id"] == "certified_copy"
    assert data["called"]["take_in"] == "intake"


def test_history_way_follows_flows_actually_taken(office: Office) -> None:
    with office.product.database.read() as connection:
        uow = UnitOfWork(connection)
        procedure = office.product.bus.library.get(uow, uow.dossiers.get(office.sign).digest)
        told = history.recorded(uow.journal.of(office.sign), procedure)
    flows = [flow for event in told for flow in event.flows]
    assert flows[0] == "flow_filed_copy_compute_fee"
    assert "flow_taken_in_prepare_again" in flows
    assert "flow_taken_in_not_taken" not in flows
    assert "flow_certify_take_number" in flows
    assert "flow_certify_make_refusal" not in flows
    assert len(flows) == len(set(flows))  # nothing was passed twice


def test_history_changes_fold_to_data_before_and_after(office: Office) -> None:
    with office.product.database.read() as connection:
        uow = UnitOfWork(connection)
        dossier = uow.dossiers.get(office.sign)
        procedure = office.product.bus.library.get(uow, dossier.digest)
        told = history.recorded(uow.journal.of(office.sign), procedure)
    changes = {change.path: change for event in told for change in event.changes}
    finance = [change for event in told for change in event.changes if change.path == "dossier.finance"]
    assert [(change.before, change.after) for change in finance] == [
        (None, "DUE"),
        ("DUE", "PENDING"),
        ("PENDING", "PAID"),
    ]
    assert changes["desk.quyet_dinh"].after == "accept"
    assert changes["form.giay_to.1.so_hieu"].after == "QH-2012/0456"


def test_history_chosen_step_is_told_without_script(office: Office, client: SignIn) -> None:
    with office.product.database.begin() as uow:
        done = next(event for event in uow.journal.of(office.sign) if event.kind == "TaskCompleted")
    page = client("minh").get(f"/dossiers/{office.sign}/history?at={done.seq}").text
    assert "Lê Văn Bình" in page
    assert "desk.quyet_dinh" in page
    assert "<ins>accept</ins>" in page
    assert re.search(rf'data-step="{done.seq}" aria-current="step"', page)
    assert f"at={done.seq + 1}#buoc" in page


@pytest.mark.parametrize("at", ["0", "-4", "999999", "x"])
def test_history_step_out_of_range_is_the_nearest(office: Office, client: SignIn, at: str) -> None:
    assert client("minh").get(f"/dossiers/{office.sign}/history?at={at}").status_code == 200


def test_history_others_are_refused(office: Office, client: SignIn) -> None:
    for login in ("cuong", "lan", "phuc", "tam"):
        visitor = client(login)
        assert visitor.get(f"/dossiers/{office.sign}/history").status_code == 403
        assert visitor.post(f"/dossiers/{office.sign}/history/check").status_code == 403
        assert visitor.get(f"/dossiers/{office.sign}/history/file/json").status_code == 403
    assert client("hoa").get(f"/dossiers/{office.sign}/history").status_code == 200


def test_history_late_events_are_marked(office: Office, client: SignIn, clock: Any, worker: Worker) -> None:
    from datetime import timedelta

    clock.set(clock.now() + timedelta(days=2))
    worker.drain()
    page = client("minh").get(f"/dossiers/{office.sign}/history").text
    assert any(event["late"] and event["kind"] == "DossierOverdue" for event in page_data(page)["events"])
    assert 'class="late"' in page


def test_check_intact_dossier_says_everything_holds(office: Office, client: SignIn) -> None:
    page = client("minh").post(f"/dossiers/{office.sign}/history/check").text
    assert "Mọi thứ khớp" in page
    assert "chạy lại quy trình" in page


def test_check_edited_event_names_the_event(office: Office, client: SignIn) -> None:
    tamper(
        office,
        "UPDATE event SET body = replace(body, 'accept', 'decline') WHERE dossier = ? AND seq = "
        "(SELECT min(seq) FROM event WHERE dossier = ? AND kind = 'TaskCompleted')",
        office.sign,
        office.sign,
    )
    with office.product.database.begin() as uow:
        seq = next(event.seq for event in uow.journal.of(office.sign) if event.kind == "TaskCompleted")
    page = client("minh").get(f"/dossiers/{office.sign}/history").text
    assert f"Chuỗi băm hỏng ở sự kiện {seq}" in page
    checked = client("minh").post(f"/dossiers/{office.sign}/history/check").text
    assert f"<strong>Sự kiện {seq}</strong>: sự kiện đã bị sửa sau khi ghi" in checked
    assert "Mọi thứ khớp" not in checked


def test_check_edited_charge_names_the_row(office: Office, client: SignIn) -> None:
    tamper(office, "UPDATE charge SET amount = 1 WHERE dossier = ?", office.sign)
    page = client("minh").post(f"/dossiers/{office.sign}/history/check").text
    assert f"Dòng dữ liệu charge {office.sign}:certified-copy" in page
    assert "Chuỗi băm nguyên vẹn" in page


@pytest.mark.parametrize("files", ["x'00'", "(SELECT b.files FROM definition_bundle b WHERE b.digest <> d.digest)"])
def test_check_edited_version_still_shows_the_journal(office: Office, client: SignIn, files: str) -> None:
    of_dossier = "(SELECT digest FROM dossier WHERE number = ?)"
    tamper(office, f"UPDATE definition_bundle AS d SET files = {files} WHERE digest = {of_dossier}", office.sign)
    checked = client("minh").post(f"/dossiers/{office.sign}/history/check").text
    assert re.search(r"<strong>Phiên bản thủ tục \w{12}</strong>: .* không khớp mã băm", checked)
    office.product.bus.library = Library()  # a process that has not read the version before
    page = client("minh").get(f"/dossiers/{office.sign}/history")
    assert page.status_code == 200
    assert "Không thể vẽ sơ đồ" in page.text
    assert client("minh").get(f"/dossiers/{office.sign}/history/file/json").status_code == 200


def test_download_formats_hold_the_whole_history(office: Office, client: SignIn) -> None:
    visitor = client("minh")
    with office.product.database.begin() as uow:
        events, head = uow.journal.of(office.sign), uow.dossiers.get(office.sign).head
    loaded = json.loads(visitor.get(f"/dossiers/{office.sign}/history/file/json").data)
    assert loaded["head"] == head == loaded["events"][-1]["hash"]
    rows = list(csv.reader(io.StringIO(visitor.get(f"/dossiers/{office.sign}/history/file/csv").text)))
    assert len(rows) == len(events) + 1
    assert "<trace>" in visitor.get(f"/dossiers/{office.sign}/history/file/xes").text
    assert visitor.get(f"/dossiers/{office.sign}/history/file/exe").status_code == 404


def test_search_finds_by_number_name_and_period_within_units(office: Office, client: SignIn) -> None:
    visitor = client("minh")
    assert office.sign in visitor.get(f"/dossiers?q={office.sign.lower()}").text
    assert office.sign in visitor.get("/dossiers?q=thi+lan&procedure=2.000815&since=10/11/2026&until=10/11/2026").text
    assert office.sign not in visitor.get("/dossiers?since=11/11/2026").text
    assert office.sign not in visitor.get("/dossiers?unit=H56.40").text
    assert office.sign not in visitor.get("/dossiers?q=%25%25").text
    wrong = visitor.get("/dossiers?until=31/02/2026")
    assert wrong.status_code == 422
    assert "Ghi ngày theo dạng" in wrong.text
    assert client("binh").get("/dossiers").status_code == 403


def test_search_pages_follow_without_gap_or_double(office: Office, client: SignIn) -> None:
    from engine.queries.search import Wanted, found_dossiers

    with office.product.database.read() as connection:
        wanted, seen, after = Wanted(units=("H56.12", "H56.40")), [], ""
        for _ in range(5):
            part = found_dossiers(connection, wanted, after=after, limit=1)
            seen += [row.number for row in part.rows]
            after = part.next
            if not after:
                break
    assert sorted(seen) == sorted({office.unpaid, office.desk, office.sign})
    assert len(seen) == 3
