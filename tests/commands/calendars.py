"""Calendars that a decree has changed, and a product that goes by them."""

from __future__ import annotations

import dataclasses
from typing import Any

from engine.bus import Bus
from engine.model.calendar import Calendar
from webapp.bootstrap import Product


def changed(product: Product, *, off: tuple[str, ...] = (), work: tuple[str, ...] = ()) -> Product:
    """The same database where a decree has made days off and Saturdays worked."""
    years = product.bus.rules.calendar.as_json()
    for day, kind in [(day, "OFF") for day in off] + [(day, "WORK") for day in work]:
        year = next(entry for entry in years if entry["year"] == int(day[:4]))
        year["exceptions"].append({"date": day, "kind": kind, "name": "Hoán đổi", "decision": "QĐ 1/QĐ-TTg"})
    return with_calendar(product, Calendar.from_json(years))


def without(product: Product, year: int) -> Product:
    """The same database where the calendar lacks a year."""
    years: list[Any] = [entry for entry in product.bus.rules.calendar.as_json() if entry["year"] != year]
    return with_calendar(product, Calendar.from_json(years))


def with_calendar(product: Product, calendar: Calendar) -> Product:
    """The same database and another calendar."""
    rules = dataclasses.replace(product.bus.rules, calendar=calendar)
    return dataclasses.replace(product, bus=Bus(product.database, product.clock, product.bus.library, rules))
