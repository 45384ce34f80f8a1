"""What reception binds, and who may ask for what: attempts to break I7, I9, I10, I12, I19 and I22."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from engine.commands.definitions import DeployProcedure
from engine.commands.intake import ApplicationInvalid, FileDossier, SaveDraft
from engine.commands.operations import HANDLERS, ReasonMissing, SupplementAgain, SupplementLate, SupplementUnlisted
from engine.commands.tasks import ClaimTask, CompleteTask
from engine.definitions.package import read_folder
from engine.errors import DefinitionRefused, Forbidden, IntegrityBroken, InvalidInput, NotFound
from engine.model import convention
from engine.model.convention import Conventions
from engine.model.status import Business
from tests.commands.desk import ACCEPT, PREPARE, Desk
from tests.commands.versions import nothing, publish
from tests.conftest import MORNING, LiveClock, person
from webapp.bootstrap import PROCESSES, Product

SUPPLEMENT: dict[str, Any] = {
    "da_doi_chieu": True,
    "quyet_dinh": "supplement",
    "ly_do": "Bản quét mờ",
    "can_cu": "Nghị định 23/2015/NĐ-CP, Điều 20",
    "giay_to": [{"ma": "ban_chinh", "yeu_cau": "Quét lại"}],
}


def _findings(product: Product, number: str) -> tuple[Any, ...]:
    with product.database.begin() as uow:
        return product.verification(uow).verify(number).findings


# -- I7: version, forms, diagram, fee rule, limit and conventions are bound at reception --------------------------


def test_i7_open_dossier_stays_on_its_version_when_a_newer_comes(product: Product) -> None:
    desk = Desk(product)
    number = desk.paid()
    before = desk.dossier(number)

    def slower(manifest: dict[str, Any]) -> None:
        manifest["limits"] = [{"id": "later", "parts": [{"qty": "9", "unit": "WORKING_DAY"}], "ground": "mới"}]
        manifest["fees"][0]["name"]["vi"] = "Phí khác"

    newer = publish(product, "2.000815", slower)
    desk.demo.complete("binh", number, "desk", ACCEPT)
    desk.demo.complete("hoa", number, "prepare", PREPARE)
    after = desk.dossier(number)
    assert (after.digest, after.due_at) == (before.digest, before.due_at)
    assert after.deadline["limit"] == before.deadline["limit"]
    assert newer != before.digest
    with product.database.begin() as uow:
        (charge,) = uow.money.charges(number)
    assert charge.name != "Phí khác"
    assert _findings(product, number) == ()
    fresh = desk.paid()  # the control: a dossier filed now is bound to the newer one
    assert desk.dossier(fresh).digest == newer
    assert desk.dossier(fresh).due_at == datetime(2026, 11, 23, 17, tzinfo=MORNING.tzinfo)


def test_i7_draft_is_filed_under_the_version_in_force_and_its_form(product: Product) -> None:
    desk = Desk(product)
    draft = desk.demo.prepare(person(product, "lan"))
    newer = publish(product, "2.000815", nothing)
    number = desk.do("lan", FileDossier(draft=draft))["number"]
    assert desk.dossier(number).digest == newer


def test_i7_files_of_a_version_in_force_are_never_changed(either_product: Product) -> None:
    desk = Desk(either_product)
    number = desk.filed()
    for statement in ("UPDATE definition_bundle SET version = '9'", "DELETE FROM definition_bundle"):
        with pytest.raises(DBAPIError), either_product.database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    package = read_folder(PROCESSES / "2.000815")
    forged = dataclasses.replace(package, files={**package.files, "process.bpmn": b"<definitions/>"})
    with pytest.raises(DefinitionRefused):
        publish(either_product, "2.000815", nothing, files={"process.bpmn": forged.files["process.bpmn"]})
    with either_product.database.begin() as uow, pytest.raises((IntegrityBroken, NotFound)):
        either_product.bus.library.get(uow, forged.digest)
    assert desk.dossier(number).digest == package.digest


def test_i7_citizen_or_official_cannot_put_a_version_in_force(product: Product) -> None:
    for login in ("lan", "toan", "dung"):
        with pytest.raises(Forbidden):
            Desk(product).do(login, DeployProcedure(package=read_folder(PROCESSES / "2.000815")))


def test_i7_conventions_of_counting_are_bound_by_name(
    product: Product, clock: LiveClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later set of conventions moves no promised day: it binds dossiers whose reception lies in its time."""
    desk = Desk(product)
    number = desk.received()
    due = desk.dossier(number).due_at
    assert desk.dossier(number).deadline["conventions"] == "vn-2025-07"
    stricter = Conventions(name="vn-2026-11", valid_from=datetime(2026, 11, 11).date(), cutoff_second_inclusive=False)
    monkeypatch.setattr(convention, "SETS", (convention.DEFAULT, stricter))
    clock.set(datetime(2026, 11, 11, 15, 0, tzinfo=MORNING.tzinfo))
    later = desk.paid()
    assert desk.dossier(later).deadline["conventions"] == "vn-2026-11"
    assert desk.dossier(later).due_at == datetime(2026, 11, 12, 17, tzinfo=MORNING.tzinfo)  # 15:00:00 is too late now
    assert desk.dossier(number).due_at == due
    assert _findings(product, number) == _findings(product, later) == ()


# -- I9: listed papers only, one consolidated request, reason and legal base --------------------------------------


def test_i9_form_takes_listed_papers_reason_and_ground_only(product: Product) -> None:
    desk = Desk(product)
    number = desk.paid()
    task = desk.task(number, "desk").id
    for wrong in (
        {"giay_to": [{"ma": "so_ho_khau", "yeu_cau": "Bản sao"}]},  # a paper that the version does not list
        {"giay_to": [{"ten": "Sổ hộ khẩu", "yeu_cau": "Bản sao"}]},  # free text
        {"giay_to": []},
        {"ly_do": ""},
        {"can_cu": ""},
    ):
        with pytest.raises(ApplicationInvalid):
            desk.do("binh", CompleteTask(task=task, data=SUPPLEMENT | wrong))
    assert desk.dossier(number).business is Business.SUBMITTED


def test_i9_operation_refuses_whatever_a_diagram_asks(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    good: dict[str, Any] = {
        "reason": "Thiếu", "legal_base": "NĐ 23/2015", "papers": [{"code": "ban_chinh", "need": "Quét lại"}],
    }  # fmt: skip
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"papers": [{"code": "so_ho_khau", "need": "Bản sao"}]}, SupplementUnlisted),
        ({"papers": ["so_ho_khau"]}, SupplementUnlisted),
        ({"papers": []}, ReasonMissing),
        ({"papers": "ban_chinh"}, ReasonMissing),
        ({"reason": " "}, ReasonMissing),
        ({"legal_base": None}, ReasonMissing),
        ({"until": "2026-11-10T08:00:00+07:00"}, SupplementLate),
    ]
    with desk.trial(number) as work:
        (task,) = work.instance.open_tasks()
        ask = HANDLERS["dossier.request_supplement"]
        for change, refusal in wrong:
            with pytest.raises(refusal):
                ask(work, dataclasses.replace(task, inputs=good | change))
        assert ask(work, dataclasses.replace(task, inputs=good))["papers"][0]["name"]  # the control
        with pytest.raises(SupplementAgain) as again:
            ask(work, dataclasses.replace(task, inputs=good))
    assert "03/2025" in again.value.message("vi")  # which rule, from which document


def test_i9_second_request_at_the_desk_is_refused_and_stands_still(product: Product) -> None:
    desk = Desk(product)
    number = desk.paid()
    desk.demo.complete("binh", number, "desk", SUPPLEMENT)
    desk.worker.drain()
    assert desk.dossier(number).due_at is None
    with pytest.raises(InvalidInput):  # while the answer is awaited there is nothing to ask at
        desk.task(number, "desk")


# -- I10, I22: what is known is not asked, what is hidden never arrives -------------------------------------------


def test_i10_authoritative_field_cannot_be_typed_over(product: Product) -> None:
    desk = Desk(product)
    draft = desk.demo.prepare(person(product, "lan"))
    with product.database.begin() as uow:
        data = uow.drafts.get(draft).data
    data["nyc"] = data["nyc"] | {"ho_ten": "Người Khác"}
    desk.do("lan", SaveDraft(draft=draft, data=data))
    number = desk.do("lan", FileDossier(draft=draft))["number"]
    assert desk.dossier(number).data["nyc"]["ho_ten"] == "Nguyễn Thị Lan"


def test_i22_hidden_and_invented_fields_never_arrive(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    task = desk.task(number, "prepare").id
    with pytest.raises(ApplicationInvalid):
        desk.do("hoa", CompleteTask(task=task, data=PREPARE | {"la_khong_co": "x"}))
    with pytest.raises(ApplicationInvalid):
        desk.do("hoa", CompleteTask(task=task, data={"ket_luan": "certify"}))
    with pytest.raises(ApplicationInvalid):  # a reason is hidden while the conclusion is to certify
        desk.do("hoa", CompleteTask(task=task, data=PREPARE | {"ly_do": "ẩn"}))


# -- I12, I19: competence and units are dated data ---------------------------------------------------------------


def test_i12_task_belongs_to_competent_unit_alone(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    for login in ("thuy", "son", "cuong"):
        with pytest.raises(Forbidden):
            desk.do(login, ClaimTask(task=desk.task(number, "prepare").id))


def test_i12_post_that_has_ended_entitles_to_nothing(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    task = desk.task(number, "prepare").id
    with product.database.engine.begin() as connection:
        ended = int(MORNING.timestamp() * 1_000_000)
        connection.exec_driver_sql("UPDATE assignment SET valid_to = ? WHERE login = 'hoa'", (ended,))
    with pytest.raises(Forbidden):
        desk.do("hoa", ClaimTask(task=task))


def test_i19_unit_is_read_as_of_its_date(product: Product) -> None:
    with product.database.begin() as uow, pytest.raises(NotFound):
        uow.organisation.unit("H56.12", datetime(2025, 6, 30, tzinfo=MORNING.tzinfo))


def test_i19_history_keeps_the_name_that_a_unit_had(product: Product) -> None:
    desk = Desk(product)
    number = desk.received()
    with product.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE unit SET name = 'Tên mới' WHERE code = 'H56.12'")
    with product.database.begin() as uow:
        filed = uow.journal.of(number)[0].content()
    assert filed["variables"]["unit"]["name"] == "Ủy ban nhân dân xã Hoa Lộc"
    assert _findings(product, number) == ()
