"""Numbers, money and dates in the words of Vietnamese official letters."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from engine.errors import InvalidInput

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu", "tỷ", "nghìn tỷ", "triệu tỷ")
#: Vietnam keeps UTC+7 all year; letters never show another zone.
_ZONE = timezone(timedelta(hours=7))


def number_words(number: int) -> str:
    """``number`` (0 to below 10**18) in lower-case words: 21 → ``hai mươi mốt``, 1005 → ``một nghìn không trăm …``."""
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 10**18:
        raise InvalidInput(what="number", why=f"expected a whole number from 0 to below 10^18 ({number!r})")
    if number == 0:
        return _DIGITS[0]
    groups: list[int] = []
    while number:
        number, group = divmod(number, 1000)
        groups.append(group)
    words: list[str] = []
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            continue
        words.append(_group(group, full=place < len(groups) - 1))
        if _SCALES[place]:
            words.append(_SCALES[place])
    return " ".join(words)


def _group(group: int, *, full: bool) -> str:
    """Words of 1–999; ``full`` spells the hundreds even when they are none, as inside a longer number."""
    hundreds, rest = divmod(group, 100)
    tens, units = divmod(rest, 10)
    words: list[str] = []
    if hundreds or full:
        words += [_DIGITS[hundreds], "trăm"]
    if tens == 0:
        if units:
            words += (["linh"] if words else []) + [_DIGITS[units]]
        return " ".join(words)
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if units == 1 and tens > 1:
        words.append("mốt")
    elif units == 5:
        words.append("lăm")
    elif units:
        words.append(_DIGITS[units])
    return " ".join(words)


def in_words(amount: Any) -> str:
    """Money for a receipt: 235000 → ``Hai trăm ba mươi lăm nghìn đồng``."""
    sentence = number_words(_whole(amount)) + " đồng"
    return sentence[0].upper() + sentence[1:]


def money(amount: Any) -> str:
    """4000 → ``4.000 đồng``."""
    return f"{_whole(amount):,}".replace(",", ".") + " đồng"


def long_date(value: Any) -> str:
    """``ngày 21 tháng 11 năm 2026``; days below 10 and January, February get a zero (Decree 30/2020, Annex I)."""
    day = moment_of(value)
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def short_date(value: Any) -> str:
    """``21/11/2026``."""
    day = moment_of(value)
    return f"{day.day:02d}/{day.month:02d}/{day.year}"


def clock_time(value: Any) -> str:
    """``14 giờ 05 phút, ngày 21 tháng 11 năm 2026``."""
    moment = moment_of(value)
    return f"{moment.hour:02d} giờ {moment.minute:02d} phút, {long_date(moment)}"


def short_time(value: Any) -> str:
    """``14:05 21/11/2026``."""
    moment = moment_of(value)
    return f"{moment.hour:02d}:{moment.minute:02d} {short_date(moment)}"


def moment_of(value: Any) -> datetime:
    """A date, an aware datetime or either as ISO 8601 text, as wall time in Vietnam."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise InvalidInput(what="date", why=f"expected ISO 8601 ({value[:40]!r})") from error
    if isinstance(value, datetime):
        return value.astimezone(_ZONE) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a civil date, no moment
    raise InvalidInput(what="date", why=f"expected a date ({value!r})")


def date_words(value: Any) -> str:
    """A birthday in words, as a birth certificate wants it: ``Ngày hai mươi mốt tháng mười một năm …``."""
    day = moment_of(value)
    first = "mùng " if day.day <= 10 else ""
    month = "tư" if day.month == 4 else number_words(day.month)
    return f"Ngày {first}{number_words(day.day)} tháng {month} năm {number_words(day.year)}"


def _whole(amount: Any) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise InvalidInput(what="amount", why=f"expected whole đồng ({amount!r})")
    if not 0 <= amount < 10**15:
        raise InvalidInput(what="amount", why=f"expected 0 to 10^15 đồng ({amount!r})")
    return amount
