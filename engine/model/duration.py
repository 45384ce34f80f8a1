"""How long the law allows: quantities in days, working days, hours or months, alone or in sequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Self

from engine.errors import DomainError

#: No limit in the national catalogue exceeds 198 days; more than this is a slip of the pen.
MAX_QUANTITY = Decimal(1000)


class LimitInvalid(DomainError):
    """The time limit is not valid: {why}"""

    code = "limit-invalid"
    vi = "Thời hạn giải quyết không hợp lệ: {why_vi}"

    def __init__(self, *, why: str, why_vi: str = "") -> None:
        super().__init__(why=why, why_vi=why_vi or why)


class LimitMissing(DomainError):
    """No time limit of this version fits channel {channel}, case {case}, unit class {unit_class}: state the case."""

    code = "limit-missing"
    vi = "Không có thời hạn nào khớp kênh {channel}, trường hợp {case}, loại đơn vị {unit_class}: hãy chọn lại."


class LimitAmbiguous(DomainError):
    """Several time limits fit equally ({limits}): the version must tell them apart by channel, case or unit class."""

    code = "limit-ambiguous"
    vi = "Nhiều thời hạn cùng khớp ({limits}): phiên bản thủ tục phải phân biệt theo kênh, trường hợp hoặc loại đơn vị."


class TimeUnit(StrEnum):
    """What a quantity counts."""

    WORKING_DAY = "WORKING_DAY"  #: ngày làm việc
    DAY = "DAY"  #: ngày
    HOUR = "HOUR"  #: giờ làm việc
    MONTH = "MONTH"  #: tháng
    SAME_DAY = "SAME_DAY"  #: trong ngày làm việc; quá giờ chốt thì ngày làm việc tiếp theo


class Channel(StrEnum):
    """Kênh thực hiện."""

    DIRECT = "DIRECT"  #: trực tiếp
    ONLINE = "ONLINE"  #: trực tuyến
    POSTAL = "POSTAL"  #: bưu chính công ích


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """One quantity. ``qty`` is exact and above zero; ``SAME_DAY`` has the quantity 1."""

    qty: Decimal
    unit: TimeUnit

    def __post_init__(self) -> None:
        if not isinstance(self.qty, Decimal) or not self.qty.is_finite():
            raise LimitInvalid(
                why=f"the quantity must be an exact decimal ({self.qty!r})", why_vi=f"số lượng sai ({self.qty!r})"
            )
        if self.qty <= 0:
            raise LimitInvalid(
                why=f"the quantity must be above zero ({self.qty})", why_vi=f"số lượng phải lớn hơn 0 ({self.qty})"
            )
        if self.qty > MAX_QUANTITY or self.qty != self.qty.quantize(Decimal("0.0001")):
            raise LimitInvalid(
                why=f"the quantity is out of range ({self.qty})", why_vi=f"số lượng ngoài phạm vi ({self.qty})"
            )
        if self.unit in (TimeUnit.MONTH, TimeUnit.SAME_DAY) and self.qty != self.qty.to_integral_value():
            raise LimitInvalid(why=f"months are whole ({self.qty})", why_vi=f"số tháng phải nguyên ({self.qty})")
        if self.unit is TimeUnit.SAME_DAY and self.qty != 1:
            raise LimitInvalid(why="a same-day rule has no quantity", why_vi="quy tắc trong ngày không có số lượng")

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read ``{"qty": "4.75", "unit": "WORKING_DAY"}``; a binary fraction is refused."""
        if not isinstance(data, Mapping):
            raise LimitInvalid(why="expected an object with qty and unit", why_vi="cần qty và unit")
        try:
            unit = TimeUnit(str(data.get("unit")))
        except ValueError as problem:
            raise LimitInvalid(
                why=f"unknown unit {data.get('unit')!r}", why_vi=f"đơn vị lạ {data.get('unit')!r}"
            ) from problem
        return cls(qty=_quantity(data.get("qty")), unit=unit)

    def as_json(self) -> dict[str, str]:
        """The shape that ``from_json`` reads."""
        return {"qty": format(self.qty, "f"), "unit": self.unit.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surcharge:
    """What a class of units (such as remote communes) is given on top."""

    unit_class: str
    parts: tuple[Duration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A legal time limit with the circumstances under which it holds. ``None`` means any."""

    parts: tuple[Duration, ...]
    id: str = ""
    cutoff: time | None = None  #: received after it = an event of the next working day
    channel: Channel | None = None
    case: str | None = None  #: trường hợp
    unit_class: str | None = None
    surcharges: tuple[Surcharge, ...] = ()
    excluded_spans: tuple[str, ...] = ()  #: what the text leaves out of the term; counted as pauses with a document
    max_extensions: int | None = None  #: None = the convention
    ground: str = ""  #: document and article

    def __post_init__(self) -> None:
        if not self.parts:
            raise LimitInvalid(why="no part is given", why_vi="không có phần thời hạn nào")
        if any(part.unit is TimeUnit.SAME_DAY for part in self.parts[1:]):
            raise LimitInvalid(why="a same-day rule can only come first", why_vi="quy tắc trong ngày chỉ đứng đầu")
        if self.max_extensions is not None and self.max_extensions < 0:
            raise LimitInvalid(why="max_extensions is below zero", why_vi="số lần gia hạn nhỏ hơn 0")

    @classmethod
    def of(cls, qty: str | int, unit: str = "WORKING_DAY", **fields: Any) -> Self:
        """A limit of one part, for code and tests."""
        return cls(parts=(Duration.from_json({"qty": str(qty), "unit": unit}),), **fields)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read the shape documented in docs/clock.md; an unknown key is refused."""
        if not isinstance(data, Mapping):
            raise LimitInvalid(why="expected an object", why_vi="phải là một đối tượng")
        unknown = set(data) - _LIMIT_KEYS
        if unknown:
            raise LimitInvalid(why=f"unknown key {min(unknown)!r}", why_vi=f"khóa lạ {min(unknown)!r}")
        return cls(
            parts=_parts(data),
            id=str(data.get("id", "")),
            cutoff=_cutoff(data.get("cutoff")),
            channel=_channel(data.get("channel")),
            case=_optional(data.get("case")),
            unit_class=_optional(data.get("unit_class")),
            surcharges=_surcharges(data.get("surcharges", [])),
            excluded_spans=tuple(str(item) for item in _list(data.get("excluded_spans", []), "excluded_spans")),
            max_extensions=_count(data.get("max_extensions")),
            ground=str(data.get("ground", "")),
        )

    def as_json(self) -> dict[str, Any]:
        """The shape that ``from_json`` reads, without empty fields."""
        record: dict[str, Any] = {
            "id": self.id,
            "parts": [part.as_json() for part in self.parts],
            "cutoff": self.cutoff.isoformat() if self.cutoff else None,
            "channel": self.channel.value if self.channel else None,
            "case": self.case,
            "unit_class": self.unit_class,
            "surcharges": [
                {"unit_class": item.unit_class, "parts": [part.as_json() for part in item.parts]}
                for item in self.surcharges
            ],
            "excluded_spans": list(self.excluded_spans),
            "max_extensions": self.max_extensions,
            "ground": self.ground,
        }
        return {key: value for key, value in record.items() if value not in (None, "", [])}

    @property
    def same_day(self) -> bool:
        """Whether it is a same-day rule."""
        return self.parts[0].unit is TimeUnit.SAME_DAY


def select_limit(
    limits: Sequence[Limit], channel: str | None = None, case: str | None = None, unit_class: str | None = None
) -> Limit:
    """The most specific limit that fits, lengthened by what its unit class is given.

    ``LimitMissing`` when none fits, ``LimitAmbiguous`` when two different ones fit equally: never a guess.
    """
    wanted = _channel(channel)
    fitting = [
        limit
        for limit in limits
        if (limit.channel is None or limit.channel is wanted)
        and (limit.case is None or limit.case == case)
        and (limit.unit_class is None or limit.unit_class == unit_class)
    ]
    if not fitting:
        raise LimitMissing(channel=channel or "–", case=case or "–", unit_class=unit_class or "–")
    best = max(_specificity(limit) for limit in fitting)
    top = [limit for limit in fitting if _specificity(limit) == best]
    if any(
        (other.parts, other.cutoff, other.surcharges) != (top[0].parts, top[0].cutoff, top[0].surcharges)
        for other in top
    ):
        names = "; ".join(limit.id or " + ".join(f"{p.qty} {p.unit}" for p in limit.parts) for limit in top)
        raise LimitAmbiguous(limits=names)
    return _surcharged(top[0], unit_class)


def _specificity(limit: Limit) -> int:
    return sum(item is not None for item in (limit.channel, limit.case, limit.unit_class))


def _surcharged(limit: Limit, unit_class: str | None) -> Limit:
    parts = list(limit.parts)
    for surcharge in limit.surcharges:
        if surcharge.unit_class != unit_class:
            continue
        for extra in surcharge.parts:
            if parts[-1].unit is extra.unit:
                parts[-1] = Duration(qty=parts[-1].qty + extra.qty, unit=extra.unit)
            else:
                parts.append(extra)
    return replace(limit, parts=tuple(parts), surcharges=())


_LIMIT_KEYS = frozenset(
    {"id", "qty", "unit", "parts", "rule", "else", "cutoff", "channel", "case", "unit_class"}
    | {"surcharges", "excluded_spans", "max_extensions", "ground"}
)


def _parts(data: Mapping[str, Any]) -> tuple[Duration, ...]:
    shapes = [key for key in ("rule", "parts", "unit") if key in data]
    if len(shapes) != 1:
        raise LimitInvalid(
            why="give exactly one of qty+unit, parts or rule", why_vi="chỉ khai một trong qty+unit, parts, rule"
        )
    if "rule" in data:
        if data["rule"] != "SAME_DAY" or data.get("else", "NEXT_WORKING_DAY") != "NEXT_WORKING_DAY":
            raise LimitInvalid(why=f"unknown rule {data['rule']!r}", why_vi=f"quy tắc lạ {data['rule']!r}")
        return (Duration(qty=Decimal(1), unit=TimeUnit.SAME_DAY),)
    if "parts" in data:
        return tuple(Duration.from_json(part) for part in _list(data["parts"], "parts"))
    return (Duration.from_json(data),)


def _quantity(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | str | Decimal):
        raise LimitInvalid(
            why=f'write the quantity as text, such as "4.75" ({raw!r})', why_vi=f"ghi số lượng dạng chữ ({raw!r})"
        )
    try:
        return Decimal(raw)
    except InvalidOperation as problem:
        raise LimitInvalid(why=f"not a number ({raw!r})", why_vi=f"không phải số ({raw!r})") from problem


def _cutoff(raw: Any) -> time | None:
    if raw is None:
        return None
    try:
        return time.fromisoformat(str(raw))
    except ValueError as problem:
        raise LimitInvalid(
            why=f"the cut-off is no time of day ({raw!r})", why_vi=f"giờ chốt sai ({raw!r})"
        ) from problem


def _channel(raw: Any) -> Channel | None:
    if raw is None:
        return None
    try:
        return Channel(str(raw))
    except ValueError as problem:
        raise LimitInvalid(why=f"unknown channel {raw!r}", why_vi=f"kênh lạ {raw!r}") from problem


def _optional(raw: Any) -> str | None:
    return None if raw is None or raw == "" else str(raw)


def _count(raw: Any) -> int | None:
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise LimitInvalid(why=f"max_extensions is no whole number ({raw!r})", why_vi="số lần gia hạn phải nguyên")
    return raw


def _list(raw: Any, where: str) -> list[Any]:
    if not isinstance(raw, list):
        raise LimitInvalid(why=f"{where} must be a list", why_vi=f"{where} phải là danh sách")
    return raw


def _surcharges(raw: Any) -> tuple[Surcharge, ...]:
    found = []
    for item in _list(raw, "surcharges"):
        if not isinstance(item, Mapping) or not item.get("unit_class"):
            raise LimitInvalid(why="a surcharge needs its unit_class", why_vi="phần cộng thêm thiếu loại đơn vị")
        parts = item.get("parts", [item])
        found.append(
            Surcharge(
                unit_class=str(item["unit_class"]),
                parts=tuple(Duration.from_json(part) for part in _list(parts, "surcharges.parts")),
            )
        )
    return tuple(found)
