"""Search bodies: ``{"filter": {field: value or {"$operator": …}}, "sort": […], "page": {"limit", "after"}}``."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from engine.errors import Text
from engine.model.chain import canonical
from engine.queries.api_search import Column, Condition, Order, Search
from webapp.screens.api.json_body import pointer
from webapp.screens.api.problems import BodyInvalid, Mistake

#: Rows of one page: at most, and when nothing is asked.
MAX_LIMIT, LIMIT = 100, 25
_MAX_VALUES, _MAX_SORT, _MAX_WILDCARDS = 100, 3, 4
_MOMENT = Text(vi="Cần thời điểm ISO 8601 có múi giờ.", en="Needs an ISO 8601 moment with a time zone.")
_WILDCARDS = Text(vi="Tối đa 4 dấu * hoặc ?.", en="At most 4 wildcards * or ?.")
_CURSOR = Text(vi="Con trỏ không thuộc truy vấn này.", en="The cursor is not one of this query.")
_TWICE = Text(vi="Trường này đã được sắp xếp.", en="This field is sorted by already.")


def search_schema(columns: Mapping[str, Column], *, paged: bool = True) -> dict[str, Any]:
    """The JSON Schema of a search of these fields."""
    properties = {name: _field_schema(column) for name, column in columns.items()}
    whole: dict[str, Any] = {"filter": {"type": "object", "additionalProperties": False, "properties": properties}}
    if paged:
        sortable = [name for name, column in columns.items() if column.kind != "words"]
        whole["sort"] = {
            "type": "array",
            "maxItems": _MAX_SORT,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["field"],
                "properties": {"field": {"enum": sortable}, "order": {"enum": ["ASC", "DESC"], "default": "ASC"}},
            },
        }
        whole["page"] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": LIMIT},
                "after": {"type": ["string", "null"], "maxLength": 2000},
            },
        }
    return {"type": "object", "additionalProperties": False, "properties": whole}


def _field_schema(column: Column) -> dict[str, Any]:
    value = _value_schema(column)
    shapes: dict[str, Any] = {
        "$exists": {"type": "boolean"},
        "$in": {"type": "array", "items": value, "minItems": 1, "maxItems": _MAX_VALUES},
        "$like": {"type": "string", "minLength": 1, "maxLength": 100},
    }
    operators = {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {operator: shapes.get(operator, value) for operator in column.operators},
    }
    return operators if column.kind == "words" else {"anyOf": [value, operators]}


def _value_schema(column: Column) -> dict[str, Any]:
    if column.values:
        return {"type": "string", "enum": list(column.values)}
    if column.kind == "number":
        return {"type": "integer", "minimum": -(2**31), "maximum": 2**31}
    if column.kind == "moment":
        return {"type": "string", "format": "date-time", "maxLength": 40}
    return {"type": "string", "maxLength": 200}


def read_search(body: Mapping[str, Any], columns: Mapping[str, Column], *, default: tuple[str, bool]) -> Search:
    """The search of a body that fits the schema; ``BodyInvalid`` where a moment, pattern or cursor is wrong."""
    order = _order(body)
    page = body.get("page", {})
    order = order or (Order(field=default[0], descending=default[1]),)
    return Search(
        conditions=read_conditions(body, columns),
        order=order,
        after=_after(body, page.get("after"), [*(columns[one.field] for one in order)]),
        limit=page.get("limit", LIMIT),
    )


def _order(body: Mapping[str, Any]) -> tuple[Order, ...]:
    found: list[Order] = []
    for place, entry in enumerate(body.get("sort", ())):
        if any(one.field == entry["field"] for one in found):
            raise _wrong(_TWICE, "choice", "sort", place, "field")
        found.append(Order(field=entry["field"], descending=entry.get("order") == "DESC"))
    return tuple(found)


def read_conditions(body: Mapping[str, Any], columns: Mapping[str, Column]) -> tuple[Condition, ...]:
    """The conditions of a body's filter; all of them have to hold."""
    found = []
    for field, given in body.get("filter", {}).items():
        pairs = given.items() if isinstance(given, dict) else [("$eq", given)]
        for operator, value in pairs:
            place = ("filter", field, operator) if isinstance(given, dict) else ("filter", field)
            found.append(
                Condition(field=field, operator=operator, value=_value(columns[field], operator, value, place))
            )
    return tuple(found)


def _value(column: Column, operator: str, value: Any, place: tuple[str, ...]) -> Any:
    if operator == "$like" and sum(letter in "*?" for letter in value) > _MAX_WILDCARDS:
        raise _wrong(_WILDCARDS, "format", *place)
    if operator in {"$exists", "$like"} or column.kind != "moment":
        return value
    if operator == "$in":
        return [_moment(one, *place, n) for n, one in enumerate(value)]
    return _moment(value, *place)


def _moment(text: str, *place: str | int) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong(_MOMENT, "format", *place) from error
    if moment.tzinfo is None or not 1900 <= moment.year <= 9000:
        raise _wrong(_MOMENT, "format", *place)
    return moment


def write_page(body: Mapping[str, Any], search: Search, after: tuple[Any, ...]) -> dict[str, Any]:
    """The page's size and the cursor of the next one, null at the end."""
    cursor = base64.urlsafe_b64encode(orjson.dumps([_query(body), *after])).decode().rstrip("=") if after else None
    return {"limit": search.limit, "after": cursor}


def _after(body: Mapping[str, Any], cursor: str | None, order: list[Column]) -> tuple[Any, ...]:
    if not cursor:
        return ()
    try:
        read = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise _wrong(_CURSOR, "format", "page", "after") from error
    kinds = [str, *(str if column.kind == "text" else int for column in order), str]
    if not isinstance(read, list) or [type(one) for one in read] != kinds or read[0] != _query(body):
        raise _wrong(_CURSOR, "format", "page", "after")
    if any("\0" in one if isinstance(one, str) else abs(one) > 2**62 for one in read):
        raise _wrong(_CURSOR, "format", "page", "after")
    return tuple(read[1:])


def _query(body: Mapping[str, Any]) -> str:
    """Which query a cursor belongs to."""
    return hashlib.sha256(canonical([body.get("filter", {}), body.get("sort", [])]).encode()).hexdigest()[:12]


def _wrong(message: Text, code: str, *place: str | int) -> BodyInvalid:
    return BodyInvalid(mistakes=(Mistake(pointer=pointer(*place), code=code, message=message),))
