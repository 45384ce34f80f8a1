"""Tasks through the interface: who wins, who is told what."""

from __future__ import annotations

import threading
from collections import Counter

from flask import Flask

from tests.conftest import LiveClock
from tests.webapp.api_caller import Caller, by_token
from tests.webapp.api_dossier import at_desk
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product

DECISION = {"da_doi_chieu": True, "quyet_dinh": "accept"}


def _task(caller: Caller, number: str) -> dict[str, str]:
    found = caller.post("/task/search", {"filter": {"dossier": number, "state": "open"}}).json["items"]
    assert len(found) == 1
    return dict(found[0])


def test_task_races_and_refusals_are_told_apart(product: Product, client: SignIn) -> None:
    number = at_desk(product)
    binh, cuong, lan, minh = (Caller(client(login)) for login in ("binh", "cuong", "lan", "minh"))
    task = _task(binh, number)
    address = f"/task/{task['id']}"

    # Who may not see it does not find it; who sees it by audit may not take it.
    assert {caller.get(address).status_code for caller in (cuong, lan)} == {404}
    assert cuong.post(f"{address}/claim").status_code == 404
    assert minh.get(address).status_code == 200
    assert minh.post(f"{address}/claim").status_code == 403
    assert Caller(client()).get(address).status_code == 401

    # Absent 428, changed 412, wrong data 422 with every field named.
    assert binh.post(f"{address}/complete", {"data": DECISION}).status_code == 428
    stale = binh.post(f"{address}/complete", {"data": DECISION}, headers={"If-Match": '"99"'})
    assert (stale.status_code, stale.json["code"]) == (412, "revision-stale")
    tag = {"If-Match": binh.get(address).headers["ETag"]}
    wrong = binh.post(f"{address}/complete", {"data": {"quyet_dinh": "vui", "la": 1}}, headers=tag)
    assert wrong.status_code == 422
    places = {(one["pointer"], one["code"]) for one in wrong.json["errors"]}
    assert ("/data/quyet_dinh", "enum") in places
    assert ("/data/la", "unknown") in places
    assert binh.get(address).json["state"] == "open"

    # Claimed, given back, claimed again: each time with a new tag.
    claimed = binh.post(f"{address}/claim", headers={**tag, "Idempotency-Key": "c"})
    again = binh.post(f"{address}/claim", headers={**tag, "Idempotency-Key": "c"})
    assert claimed.json == again.json
    held = {"If-Match": claimed.headers["ETag"]}
    assert binh.get(address).json["assignee"] == "binh"
    assert minh.post(f"{address}/unclaim", headers=held).status_code == 403
    back = binh.post(f"{address}/unclaim", headers=held)
    assert back.headers["ETag"] != claimed.headers["ETag"]
    assert binh.post(f"{address}/unclaim", headers=held).status_code == 412

    # Done once; then 409 comes before 412 and 428 before both.
    now = {"If-Match": binh.post(f"{address}/claim").headers["ETag"]}
    assert binh.post(f"{address}/complete", {"data": DECISION}, headers=now).status_code == 200
    closed = [
        binh.post(f"{address}/complete", {"data": DECISION}, headers=now),
        binh.post(f"{address}/complete", {"data": DECISION}, headers={"If-Match": '"1"'}),
        binh.post(f"{address}/claim"),
    ]
    assert {(answer.status_code, answer.json["code"]) for answer in closed} == {(409, "task-completed")}
    assert "Lê Văn Bình" in closed[0].json["title"]
    assert binh.post(f"{address}/complete", {"data": DECISION}).status_code == 428
    read = binh.get(address).json
    assert (read["state"], read["form"], read["completed_by"]) == ("completed", None, "Lê Văn Bình")


def test_task_completed_by_many_at_once_has_one_winner(product: Product, app: Flask, client: SignIn) -> None:
    number = at_desk(product)
    task = _task(by_token(client(), "binh"), number)
    callers = [by_token(app.test_client(), "binh") for _ in range(8)]
    found: list[tuple[int, str]] = []
    ready = threading.Barrier(len(callers))

    def complete(caller: Caller) -> None:
        ready.wait()
        answer = caller.post(
            f"/task/{task['id']}/complete", {"data": DECISION}, headers={"If-Match": f'"{task["revision"]}"'}
        )
        found.append((answer.status_code, answer.json.get("code", "")))

    threads = [threading.Thread(target=complete, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(found) == {(200, ""): 1, (409, "task-completed"): 7}


def test_dossier_late_is_found_and_explained(product: Product, client: SignIn, clock: LiveClock) -> None:
    number = at_desk(product)
    binh = Caller(client("binh"))
    task = binh.post("/task/search", {"filter": {"state": "open"}}).json["items"][0]
    assert task["due_at"] is not None
    due = {"filter": {"due_at": {"$lt": "2026-11-10T18:00:00+07:00"}, "closed_at": {"$exists": False}}}
    assert [row["number"] for row in binh.post("/dossier/search", due).json["items"]] == [number]
    clock.set(clock.now().replace(day=11, hour=9))
    product.worker().drain()
    late = binh.get(f"/dossier/{number}").json
    assert (late["lateness"], late["standing"]["state"]) == ("overdue", "overdue")
    assert binh.post("/task/count", {"filter": {"lateness": "overdue"}}).json["count"] == 1
    address = f"/task/{task['id']}"
    held = binh.post(f"{address}/claim", headers={"If-Match": f'"{task["revision"]}"'}).json["revision"]
    refused = binh.post(f"{address}/complete", {"data": DECISION}, headers={"If-Match": f'"{held}"'})
    assert (refused.status_code, refused.json["code"]) == (422, "lateness-unexplained")
    told = {"data": DECISION, "late_reason": "Chờ xác minh"}
    assert binh.post(f"{address}/complete", told, headers={"If-Match": f'"{held}"'}).status_code == 200
