"""Entries in a register: made once, answered the same, refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from connectors.registry.client import HttpRegistry
from connectors.registry.sandbox import RegistrySandbox
from engine.clock import ZONE
from engine.errors import ConnectorRefused, ConnectorUnavailable
from engine.ports import RegistryQuery, RegistryRecord

CHILD = {"ho_ten": "Lê Bảo Ngọc", "ngay_sinh": "2026-10-20", "gioi_tinh": "Nữ", "me": "038190001234"}
ENTRY = RegistryRecord(
    key="row-1", register="civil-status", purpose="Đăng ký khai sinh", dossier="H", officer="system", record=CHILD
)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[RegistrySandbox]:
    """A running register of nobody."""
    people = tmp_path / "people.json"
    people.write_text('{"population": {}, "civil-status": {}}', encoding="utf-8")
    running = RegistrySandbox(people, token="t", now=lambda: datetime(2026, 11, 10, 8, 30, tzinfo=ZONE))
    yield running
    running.stop()


@pytest.fixture
def registry(sandbox: RegistrySandbox) -> HttpRegistry:
    """Its client."""
    return HttpRegistry(name="CSDL hộ tịch", url=sandbox.start(), token="t")


def test_register_gives_a_personal_number_and_the_same_one_again(registry: HttpRegistry) -> None:
    first = registry.register(ENTRY)
    assert first.data == {"so_dinh_danh": "038326000001"}
    assert registry.register(ENTRY).data == first.data
    other = registry.register(replace(ENTRY, key="row-2", record=CHILD | {"ho_ten": "Lê Bảo Anh", "gioi_tinh": "Nam"}))
    assert other.data == {"so_dinh_danh": "038226000002"}


def test_register_child_entered_before_is_refused(registry: HttpRegistry) -> None:
    registry.register(ENTRY)
    with pytest.raises(ConnectorRefused, match="409"):
        registry.register(replace(ENTRY, key="row-2"))


@pytest.mark.parametrize(
    "wrong",
    [
        replace(ENTRY, register="population"),
        replace(ENTRY, register="nowhere"),
        replace(ENTRY, purpose=""),
        replace(ENTRY, officer=""),
        replace(ENTRY, record={}),
        replace(ENTRY, record=CHILD | {"ngay_sinh": "tháng mười"}),
    ],
)
def test_register_wrong_entry_is_refused_and_nothing_kept(
    registry: HttpRegistry, sandbox: RegistrySandbox, wrong: RegistryRecord
) -> None:
    with pytest.raises(ConnectorRefused):
        registry.register(wrong)
    assert sandbox.entries == {}


def test_register_under_maintenance_is_unavailable(registry: HttpRegistry, sandbox: RegistrySandbox) -> None:
    sandbox.down = True
    with pytest.raises(ConnectorUnavailable):
        registry.register(ENTRY)
    query = RegistryQuery(register="population", subject="1", purpose="p", dossier="", officer="x")
    with pytest.raises(ConnectorUnavailable):
        registry.look_up(query)
    sandbox.down = False
    assert registry.look_up(query).data == {}


def test_register_wrong_token_is_refused(sandbox: RegistrySandbox) -> None:
    with pytest.raises(ConnectorRefused, match="401"):
        HttpRegistry(name="x", url=sandbox.start(), token="other").register(ENTRY)
