"""An operator sees the incident of a failed signature, repairs its cause and retries: the dossier goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from engine.model.queue import QUEUES
from engine.model.status import Business
from engine.store.workers import WorkerRow
from tests.commands.desk import Desk
from tests.conftest import LiveClock
from tests.journeys.conftest import Meet
from tests.looks import WIDTHS, stops
from webapp.bootstrap import Product

pytestmark = pytest.mark.browser


@pytest.fixture
def prepared(product: Product) -> str:
    """A dossier that waits for the leader; made before the worker is at work."""
    return Desk(product).prepared()


def test_operator_repairs_the_cause_of_a_failed_signature(
    prepared: str, meet: Meet, product: Product, clock: LiveClock
) -> None:
    assert product.sandboxes is not None
    product.sandboxes.signing.time_stamps_down = True
    try:
        Desk(product).approve(prepared, drain=False)
        _until_incident(product, clock, prepared)
        tam = meet("tam")
        tam.go("/operations")
        tam.sees(prepared, "Việc thất bại", "Kiểm tra chứng thư")
        tam.looks()
        tam.go("/operations/status")
        tam.waits_for("Tạm ngắt")  # a probe may be on its way
        tam.sees("Ký số")
        tam.looks()
    finally:
        product.sandboxes.signing.time_stamps_down = False  # the repair; nothing was lost meanwhile
    tam.go("/operations?connector=mail")
    tam.sees("Không có sự cố nào như đã lọc.")
    tam.go("/operations?connector=signing")
    tam.click("link", "Xử lý")
    tam.looks()
    tam.page.get_by_label("Đã biết gì, ai đang xử lý").fill("Đã gọi đơn vị cấp dấu thời gian")
    tam.click("button", "Ghi chú")
    tam.sees(tam.name, "Đã gọi đơn vị cấp dấu thời gian")
    tam.page.get_by_label("Đã sửa gì").fill("Dịch vụ dấu thời gian đã hoạt động lại")
    tam.click("button", "Thử lại")
    tam.waits_for("Không có sự cố nào.")
    _until(lambda: _business(product, prepared) is Business.RESULT_ISSUED)
    with product.database.begin() as uow:
        told = {event.kind: event for event in uow.journal.of(prepared)}
    assert told["DeliveryRetried"].actor == "tam"
    assert told["DeliveryRetried"].content()["note"] == "Dịch vụ dấu thời gian đã hoạt động lại"
    assert told["IncidentNoted"].content()["text"] == "Đã gọi đơn vị cấp dấu thời gian"


def test_operator_sees_which_workers_have_another_dispatcher(product: Product, meet: Meet) -> None:
    tam = meet("tam")
    now, odd = product.clock.now(), "motcua-machine-2.province.example:20417:a8f3c1"
    with product.database.begin() as uow:
        uow.workers.beat(
            WorkerRow(
                name=odd, host="motcua-machine-2.province.example", pid=20417, dispatcher="distributed",
                queues=list(QUEUES), concurrency=4, version="0.1.0", started_at=now, beat_at=now,
                holding=["result.sign 7f2a9c01"],
            )
        )  # fmt: skip
        uow.circuits.failed("signing", now, "https://dau-thoi-gian.example/tsa không trả lời đúng")
    for language, banner, regions in (
        ("vi", "Cách chia việc không khớp", ["Hàng chờ", "Tiến trình làm việc", "Ngắt kết nối tự động"]),
        ("en", "The dispatchers differ", ["Queues", "Workers", "Circuit breakers"]),
    ):
        tam.go(f"/operations/status?lang={language}")
        warning = tam.page.locator(".banner--warning")
        expect(warning.get_by_role("heading")).to_have_text(banner)
        expect(warning.get_by_role("listitem")).to_have_text([f"{odd}: distributed"])
        expect(tam.page.locator("h1 ~ *").first).to_contain_text(banner)  # before what is long on a phone
        tam.looks()
        for width in WIDTHS:
            tam.page.set_viewport_size({"width": width, "height": 900})
            passed = stops(tam.page)
            assert [stop for stop in passed if stop in regions] == regions
            assert passed[0] in {"Đến nội dung chính", "Skip to main content"}


def _until_incident(product: Product, clock: LiveClock, number: str) -> None:
    """Let the worker try until it gives up; the connector's breaker spaces the tries out."""

    def failed() -> bool:
        clock.set(clock.now() + timedelta(minutes=2))
        with product.database.begin() as uow:
            return any(row.state == "failed" for row in uow.outbox.of(number))

    _until(failed)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


def _business(product: Product, number: str) -> Business:
    with product.database.begin() as uow:
        return uow.dossiers.get(number).business
