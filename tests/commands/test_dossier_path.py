"""A dossier from filing to its signed result, on both databases."""

from __future__ import annotations

import pytest

from engine.commands.intake import FileDossier
from engine.commands.tasks import ClaimTask, CompleteTask
from engine.errors import Forbidden, NotFound, StaleRevision, TaskAlreadyCompleted
from engine.model.status import Business, Delivery, Finance
from tests.conftest import person
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun


def _quiet(line: str) -> None:
    """Say nothing."""


def test_dossier_whole_path_ends_with_signed_result(either_product: Product) -> None:
    outcome = DemoRun(either_product, say=_quiet).play()
    with either_product.database.begin() as uow:
        dossier = uow.dossiers.get(outcome.number)
        result = uow.results.of(outcome.number)
        verdict = either_product.verification(uow).verify(outcome.number)
    assert (dossier.business, dossier.finance, dossier.delivery) == (
        Business.RESULT_ISSUED,
        Finance.PAID,
        Delivery.DELIVERED,
    )
    assert outcome.record["fee"] == 6000  # one page, three copies, the electronic one free of charge
    assert result is not None
    assert [report["signer"] for report in result.signatures] == ["Trần Quốc Toàn", "Ủy ban nhân dân xã Hoa Lộc"]
    assert all(report["level"] == "B-LTA" and report["valid"] for report in result.signatures)
    assert verdict.findings == ()
    assert verdict.events > 30


def test_number_second_dossier_of_day_is_next(either_product: Product) -> None:
    demo = DemoRun(either_product, say=_quiet)
    citizen = demo.person("lan")
    assert demo.file(citizen) == "H56.12-261110-0001"
    assert demo.file(citizen) == "H56.12-261110-0002"


def test_task_completed_by_other_names_who_and_when(either_product: Product) -> None:
    demo = DemoRun(either_product, say=_quiet)
    number = demo.file(demo.person("lan"))
    demo.pay(demo.person("lan"), number)
    demo.worker.drain()
    task = demo.task(number, "desk")
    demo.complete("binh", number, "desk", {"da_doi_chieu": True, "quyet_dinh": "accept"})
    with pytest.raises(TaskAlreadyCompleted) as caught:
        either_product.bus.execute(
            CompleteTask(task=task.id, data={"da_doi_chieu": True, "quyet_dinh": "accept"}, revision=task.revision),
            demo.person("binh"),
        )
    assert caught.value.facts["by"] == "Lê Văn Bình"
    assert caught.value.facts["at"] == "08:30 10/11/2026"


def test_task_of_other_unit_is_forbidden(product: Product) -> None:
    demo = DemoRun(product, say=_quiet)
    number = demo.file(demo.person("lan"))
    demo.pay(demo.person("lan"), number)
    demo.worker.drain()
    task = demo.task(number, "desk")
    for login in ("cuong", "hoa", "hung"):
        with pytest.raises(Forbidden):
            product.bus.execute(ClaimTask(task=task.id), demo.person(login))


def test_task_old_revision_is_refused(product: Product) -> None:
    demo = DemoRun(product, say=_quiet)
    number = demo.file(demo.person("lan"))
    demo.pay(demo.person("lan"), number)
    demo.worker.drain()
    task = demo.task(number, "desk")
    product.bus.execute(ClaimTask(task=task.id, revision=task.revision), demo.person("binh"))
    with pytest.raises(StaleRevision):
        product.bus.execute(CompleteTask(task=task.id, data={}, revision=task.revision), demo.person("binh"))


def test_draft_unknown_is_not_found(product: Product) -> None:
    with pytest.raises(NotFound):
        product.bus.execute(FileDossier(draft="nothing"), person(product, "lan"))


def test_filing_same_key_files_once(either_product: Product) -> None:
    demo = DemoRun(either_product, say=_quiet)
    citizen = demo.person("lan")
    draft = demo.prepare(citizen)
    first = either_product.bus.execute(FileDossier(draft=draft), citizen, key="one click")
    again = either_product.bus.execute(FileDossier(draft=draft), citizen, key="one click")
    assert first == again
    with either_product.database.begin() as uow:
        assert uow.dossiers.numbers() == (first["number"],)
