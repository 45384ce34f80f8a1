"""The pages that move dossiers to another version: preview, propose, approve, watch, take back."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from engine.worker import Worker
from tests.commands.test_migration import BASIS, CODE, Move, passed_step
from webapp.bootstrap import Product

SignIn = Callable[..., FlaskClient]


def test_dossiers_are_chosen_previewed_moved_and_taken_back(client: SignIn, product: Product, worker: Worker) -> None:
    move = Move(product)
    going, other = move.desk.received(), move.desk.paid()
    move.publish()
    author, approver = client("phuc"), client("giang")
    page = author.get(f"/studio/procedure/{CODE}/migrate").text
    assert f'value="{going}" checked' in page
    assert f'value="{other}" checked' in page
    assert "+48.0" in page
    form = {"source": move.source, "target": move.target, "dossier": [going], "mapped": "1"}
    assert author.post(f"/studio/procedure/{CODE}/migrate", data=form).status_code == 422
    answer = author.post(f"/studio/procedure/{CODE}/migrate", data=form | {"legal_basis": BASIS})
    assert answer.status_code == 302, answer.text
    plan = answer.location
    assert "người khác phải duyệt" in author.get(plan).text
    assert author.post(f"{plan}/approve").status_code == 422
    assert approver.post(f"{plan}/approve").status_code == 302
    worker.drain()
    page = approver.get(plan).text
    assert "Đã chuyển" in page
    assert "1 / 1" in page
    assert move.desk.dossier(going).digest == move.target
    assert move.desk.dossier(other).digest == move.source
    history = client("hoa").get(f"/dossiers/{going}/history").text
    assert "Chuyển sang phiên bản khác" in history
    assert author.post(f"{plan}/undo", data={"reason": ""}).status_code == 422
    assert author.post(f"{plan}/undo", data={"reason": "Nhầm"}).status_code == 302
    worker.drain()
    assert "Đã hoàn tác" in author.get(plan).text
    assert move.findings(going) == ()
    assert "Hoàn tác việc chuyển hồ sơ" in author.get(f"/studio/procedure/{CODE}").text


def test_dossier_that_must_stay_says_why_in_both_languages(client: SignIn, product: Product) -> None:
    move = Move(product, passed_step)
    number = move.desk.received()
    move.publish()
    analyst = client("phuc")
    page = analyst.get(f"/studio/procedure/{CODE}/migrate").text
    assert "bước này đã qua hoặc đang chạy mà bản mới vẽ khác" in page
    assert f'value="{number}" disabled' in page
    page = analyst.get(f"/studio/procedure/{CODE}/migrate?lang=en", follow_redirects=True).text
    assert "a token has passed it" in page


def test_plans_are_for_analysts_alone(client: SignIn) -> None:
    for login in ("toan", "lan", "minh"):
        assert client(login).get(f"/studio/procedure/{CODE}/migrate").status_code == 403
        assert client(login).post("/studio/migration/x/approve").status_code == 403
