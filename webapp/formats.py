"""How amounts and moments are written on screens, in the language of the request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.clock import ZONE
from webapp import web


def money(amount: Any) -> str:
    """``12.000 đồng`` or ``12,000 đồng``; nothing for nothing."""
    if amount is None or amount == "":
        return ""
    whole = f"{int(Decimal(str(amount))):,}"
    return f"{whole.replace(',', '.') if web.language() == 'vi' else whole} đồng"


def moment(at: datetime | None) -> str:
    """``17:00 ngày 10/11/2026``; a dash for none."""
    if at is None:
        return "–"
    return _moment(at, web.language())


@lru_cache(maxsize=4096)
def _moment(at: datetime, language: str) -> str:
    local = at.astimezone(ZONE)
    return f"{local:%H:%M} ngày {local:%d/%m/%Y}" if language == "vi" else f"{local:%H:%M on %d/%m/%Y}"


def day(at: datetime | None) -> str:
    """``10/11/2026``; a dash for none."""
    return "–" if at is None else f"{at.astimezone(ZONE):%d/%m/%Y}"


FILTERS: dict[str, Callable[..., str]] = {"money": money, "moment": moment, "day": day}
