"""Words of the clock: moments, lengths and limits as people say them, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from engine.errors import Text
from engine.model.duration import Duration, TimeUnit
from engine.model.pause import PauseReason

SLIP_01 = "Thông tư 03/2025/TT-VPCP, mẫu 01"
DECISION = "Quyết định công bố thủ tục"
CIVIL_147 = "Bộ luật Dân sự 2015, Điều 147"
CIVIL_148 = "Bộ luật Dân sự 2015, Điều 148"
AFTER_CUTOFF = "Quy tắc 15 giờ của thủ tục"

REASONS = {
    PauseReason.SUPPLEMENT: Text(vi="chờ bổ sung hồ sơ", en="waiting for a supplement"),
    PauseReason.FINANCE: Text(vi="chờ thực hiện nghĩa vụ tài chính", en="waiting for a financial duty"),
    PauseReason.OPINION: Text(vi="chờ ý kiến cơ quan khác", en="waiting for another agency's opinion"),
    PauseReason.EXCLUDED_SPAN: Text(vi="khoảng thời gian không tính vào thời hạn", en="a span left out of the term"),
}

_DAYS_VI = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_UNITS_VI = {
    TimeUnit.WORKING_DAY: "ngày làm việc",
    TimeUnit.DAY: "ngày",
    TimeUnit.HOUR: "giờ làm việc",
    TimeUnit.MONTH: "tháng",
}
_UNITS_EN = {
    TimeUnit.WORKING_DAY: "working day",
    TimeUnit.DAY: "day",
    TimeUnit.HOUR: "working hour",
    TimeUnit.MONTH: "month",
}


def day(on: date, language: str) -> str:
    """``Thứ Hai 24/08/2026`` or ``Monday 24/08/2026``."""
    names = _DAYS_VI if language == "vi" else _DAYS_EN
    return f"{names[on.weekday()]} {on:%d/%m/%Y}"


def clock(at: datetime, language: str) -> str:
    """``17:00 Thứ Hai 24/08/2026``; seconds are shown when there are any."""
    return f"{at:%H:%M:%S} {day(at.date(), language)}" if at.second else f"{at:%H:%M} {day(at.date(), language)}"


def length_vi(minutes: int) -> str:
    """``7 giờ 30 phút``."""
    hours, rest = divmod(minutes, 60)
    return " ".join(f"{n} {unit}" for n, unit in ((hours, "giờ"), (rest, "phút")) if n) or "0 phút"


def length_en(minutes: int) -> str:
    """``7 h 30 min``."""
    hours, rest = divmod(minutes, 60)
    return " ".join(f"{n} {unit}" for n, unit in ((hours, "h"), (rest, "min")) if n) or "0 min"


def parts_vi(parts: Iterable[Duration]) -> str:
    """``3 ngày làm việc, rồi 2 ngày``; the decimal sign is a comma, as it is printed."""
    return ", rồi ".join(
        "trong ngày làm việc"
        if part.unit is TimeUnit.SAME_DAY
        else f"{part.qty:f} {_UNITS_VI[part.unit]}".replace(".", ",")
        for part in parts
    )


def parts_en(parts: Iterable[Duration]) -> str:
    """``3 working days, then 2 days``."""
    return ", then ".join(
        "the same working day"
        if part.unit is TimeUnit.SAME_DAY
        else f"{part.qty:f} {_UNITS_EN[part.unit]}{'' if part.qty == 1 else 's'}"
        for part in parts
    )
