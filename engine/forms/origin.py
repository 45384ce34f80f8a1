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


def origin_label(source: str, language: str, *, open_to_change: bool = False) -> str:
    """The hint beside a locked field, or beside a proposed value that may be changed; empty for no source."""
    origin = ORIGINS.get(source)
    if origin is None:
        return ""
    if open_to_change:
        return (
            f"Điền sẵn từ {origin.vi}, sửa được" if language == "vi" else f"Filled in from {origin.en}; may be changed"
        )
    return f"Lấy từ {origin.vi}" if language == "vi" else f"Taken from {origin.en}"
