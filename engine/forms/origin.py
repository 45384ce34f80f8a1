"""Where a locked or prefilled value comes from, in the words shown beside it."""

from __future__ import annotations

from typing import Final

from engine.errors import Text

#: ``x-source`` → the name of the source.
ORIGINS: Final[dict[str, Text]] = {
    "population": Text(vi="CSDL quốc gia về dân cư", en="the national population database"),
    "civil-status": Text(vi="CSDL hộ tịch điện tử", en="the civil status database"),
    "identity": Text(vi="tài khoản định danh điện tử", en="the electronic identity account"),
    "land": Text(vi="CSDL đất đai", en="the land database"),
    "enterprise": Text(vi="CSDL đăng ký doanh nghiệp", en="the enterprise register"),
    "dossier": Text(vi="hồ sơ đã nộp", en="the dossier as filed"),
    "decision": Text(vi="bảng quyết định của thủ tục", en="the procedure's decision table"),
    "unit": Text(vi="danh mục cơ quan, đơn vị", en="the register of units"),
}


def origin_label(source: str, language: str) -> str:
    """The hint beside a locked field, empty for no source."""
    origin = ORIGINS.get(source)
    if origin is None:
        return ""
    return f"Lấy từ {origin.vi}" if language == "vi" else f"Taken from {origin.en}"
