"""FEEL values in and out of JSON."""

from __future__ import annotations

from engine.feel.values import Value
from engine.values import Json


def from_json(value: Json) -> Value:
    """The FEEL value of a JSON value; ``{"$feel": "…"}`` is evaluated."""
    raise NotImplementedError


def to_json(value: Value) -> Json:
    """JSON that ``from_json`` reads back as the same value."""
    raise NotImplementedError


def to_plain(value: Value) -> Json:
    """JSON for process data: temporal values are ISO strings."""
    raise NotImplementedError
