"""What an official keeps and is told: saved filters, notices, the tasks of somebody absent, many tasks in one go."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

from engine.commands.comments import WatchDossier
from engine.commands.substitutions import EnterSubstitution
from engine.commands.tasks import ClaimTask
from engine.worker import Worker
from tests.conftest import MORNING, person
from tests.webapp.conftest import SignIn
from tests.webapp.office import ACCEPT, Office
from tests.webapp.test_official_work import claim


def test_notice_tells_watcher_agency_person_and_time(office: Office, client: SignIn, worker: Worker) -> None:
    office.product.bus.execute(WatchDossier(dossier=office.desk), person(office.product, "hoa"))
    reader = client("hoa")
    assert "Bạn đã đọc hết thông báo" in reader.get("/notices").text
    client("binh").post(claim(client, office, "binh", office.desk, "desk"), data=ACCEPT)
    worker.drain()
    page = reader.get("/notices").text
    assert f"Hồ sơ {office.desk}: Mới đăng ký → Đang xử lý" in page
    assert "Ủy ban nhân dân xã Hoa Lộc, Lê Văn Bình, 08:30 10/11/2026" in page
    count = re.search(r'Thông báo <span class="count">(\d+)', page)
    assert count is not None
    assert f"Dossier {office.desk}: Filed → In progress" in reader.get("/notices?lang=en", follow_redirects=True).text
    assert office.desk not in client("binh").get("/notices?show=all").text  # nobody is told of what he did himself


def test_notice_read_leaves_the_count_and_stays_in_all(office: Office, client: SignIn, worker: Worker) -> None:
    office.product.bus.execute(WatchDossier(dossier=office.desk), person(office.product, "hoa"))
    client("binh").post(claim(client, office, "binh", office.desk, "desk"), data=ACCEPT)
    worker.drain()
    reader = client("hoa")
    opened = re.search(r'action="(/notices/[^"]+/open)"', reader.get("/notices").text)
    assert opened is not None
    assert client("binh").post(opened[1], data={"dossier": office.desk}).status_code == 302
    assert opened[1] in reader.get("/notices").text  # somebody else's reading is not hers
    went = reader.post(opened[1], data={"dossier": office.desk})
    assert went.location.endswith(f"/dossiers/{office.desk}")
    assert opened[1] not in reader.get("/notices").text
    assert opened[1] in reader.get("/notices?show=all").text
    until = re.search(r'name="until" value="(\d+)"', reader.get("/notices").text)
    if until is not None:
        reader.post("/notices/read", data={"until": until[1]})
    assert 'class="count"' not in reader.get("/notices").text


def test_filter_kept_is_offered_and_opened_first(office: Office, client: SignIn) -> None:
    visitor = client("binh")
    kept = {"name": "Chứng thực của tôi", "tab": "all", "q": "chung thuc", "first": "1"}
    answer = visitor.post("/inbox/filters", data=kept, follow_redirects=True)
    assert 'aria-current="page">Chứng thực của tôi' in answer.text
    first = visitor.get("/inbox")
    assert first.status_code == 302
    assert "q=chung+thuc" in first.location
    assert visitor.get("/inbox?tab=all").status_code == 200
    assert visitor.post("/inbox/filters", data=kept).status_code == 409
    assert visitor.post("/inbox/filters", data=kept | {"name": " "}).status_code == 422
    assert "Chứng thực của tôi" not in client("hoa").get("/inbox").text


def test_filter_shared_is_seen_by_unit_and_changed_by_owner_or_leader(office: Office, client: SignIn) -> None:
    owner, colleague, leader, elsewhere = client("binh"), client("hoa"), client("toan"), client("cuong")
    owner.post("/inbox/filters", data={"name": "Quá hạn", "state": "overdue", "unit": "H56.12"})
    with office.product.database.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT id FROM saved_filter").scalar_one()
    assert "state=overdue" in colleague.get("/inbox").text
    assert "state=overdue&amp;filter" not in elsewhere.get("/inbox").text
    assert colleague.post(f"/inbox/filters/{kept}", data={"name": "Của tôi"}).status_code == 403
    assert colleague.post(f"/inbox/filters/{kept}/delete").status_code == 403
    assert elsewhere.post(f"/inbox/filters/{kept}/first", data={"on": "1"}).status_code == 403
    assert owner.post("/inbox/filters", data={"name": "Khác", "unit": "H56.40"}).status_code == 403
    assert colleague.post(f"/inbox/filters/{kept}/first", data={"on": "1"}).status_code == 302
    leader.post(f"/inbox/filters/{kept}", data={"name": "Trễ", "unit": "H56.12"})
    assert "Trễ" in colleague.get("/inbox/filters").text
    leader.post(f"/inbox/filters/{kept}/delete")
    assert colleague.get("/inbox").status_code == 200  # what it began with is gone


def test_substitute_finds_and_claims_what_the_absent_holds(office: Office, client: SignIn) -> None:
    product = office.product
    task = office.task(office.sign, "sign")
    product.bus.execute(ClaimTask(task=task.id), person(product, "toan"))
    assert office.sign not in client("hai").get("/inbox").text
    leave = EnterSubstitution(
        absent="toan",
        substitute="hai",
        unit="H56.12",
        role="leader",
        valid_from=MORNING,
        valid_to=MORNING + timedelta(days=2),
        reason="Nghỉ phép",
    )
    product.bus.execute(leave, person(product, "toan"))
    page = client("hai").get("/inbox").text
    assert office.sign in page
    assert "Trần Quốc Toàn" in page
    dossier = client("hai").get(f"/dossiers/{office.sign}").text
    assert f"/tasks/{task.id}/claim" in dossier


def test_bulk_of_fifty_shows_each_result_and_three_fail_alone(office: Office, client: SignIn, worker: Worker) -> None:
    product = office.product
    with product.database.begin() as uow:
        task = uow.tasks.of(office.desk)[0]
        uow.tasks.add([dataclasses.replace(task, id=f"many-{place:02d}") for place in range(49)])
    visitor = client("binh")
    page = visitor.get("/bulk?procedure=2.000815&node=desk").text
    tasks = re.findall(r'name="task" value="([^"]+)"', page)
    assert len(tasks) == 50
    begun = visitor.post("/bulk", data={"procedure": "2.000815", "node": "desk", "act": "claim", "task": tasks})
    with product.database.begin() as uow:
        for late in tasks[:3]:
            uow.tasks.assign(uow.tasks.get(late), "cuong", "Vũ Mạnh Cường")
    assert "0 / 50" in visitor.get(begun.location).text
    worker.drain()
    done = visitor.get(begun.location).text
    assert "50 / 50" in done
    assert done.count("Không qua") == 3
    assert "3 không qua" in done
    mine = [task for task in tasks if task not in tasks[:3]]
    back = visitor.post("/bulk", data={"procedure": "2.000815", "node": "desk", "act": "release", "task": mine})
    worker.drain()
    assert "47 / 47" in visitor.get(back.location).text
    with product.database.begin() as uow:
        assert {uow.tasks.get(one).assignee for one in mine} == {""}
