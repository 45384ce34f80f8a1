"""An operator sees the incident of a failed signature, repairs its cause and retries: the dossier goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.model.status import Business
from tests.commands.desk import Desk
from tests.conftest import LiveClock
from tests.journeys.conftest import Meet
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
    finally:
        product.sandboxes.signing.time_stamps_down = False  # the repair; nothing was lost meanwhile
    tam = meet("tam")
    tam.go("/operations")
    tam.sees(prepared, "Việc thất bại", "Kiểm tra chứng thư")
    tam.looks()
    tam.go("/operations/status")
    tam.sees("Ký số", "Tạm ngắt")
    tam.looks()
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
