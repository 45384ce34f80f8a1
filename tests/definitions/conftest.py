"""What the tests of definitions share: the installation's shared parts and templates, and a catalogue entry."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.screens.studio.shared_parts import shared_parts, template_files


@pytest.fixture
def shared() -> dict[str, bytes]:
    """Shared diagrams, forms, letters and texts."""
    return dict(shared_parts())


@pytest.fixture
def templates() -> dict[str, bytes]:
    """The files of all templates."""
    return dict(template_files())


@pytest.fixture
def entry() -> dict[str, Any]:
    """One entry of a national catalogue, as a file gives it."""
    return {
        "code": "2.000884",
        "name": "Thủ tục chứng thực chữ ký trong các giấy tờ, văn bản (áp dụng cho cả điểm chỉ)",
        "field": "Chứng thực",
        "decision": "858/QĐ-BTP",
        "level": ["Cấp xã", "Cơ quan khác"],
        "channels": [
            {"channel": "ONLINE", "text": "trong ngày", "time": {"rule": "SAME_DAY", "cutoff": "15:00"}},
            {
                "channel": "DIRECT",
                "text": "trong ngày",
                "time": {"rule": "SAME_DAY", "cutoff": "15:00"},
                "fees": [{"amount": 10000, "currency": "VND"}],
            },
        ],
        "papers": 2,
        "results": [{"code": "KQ.G15.000022", "name": "Văn bản được chứng thực chữ ký"}],
        "legal": ["23/2015/NĐ-CP"],
    }
