"""From a resolved, well-formed schema to the tree of fields, with the checks that need more than one node."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from engine.errors import Problem, Text
from engine.forms.condition import ConditionFault, read_condition, read_required_if
from engine.forms.form import Condition, Extract, Field, Kind, Lock, Option
from engine.forms.grammar import pointer_of

MAX_FIELDS: Final = 500
DEFAULT_MAX_BYTES: Final = 10 * 1024 * 1024
DEFAULT_ACCEPT: Final = ("image/png", "image/jpeg", "application/pdf")
_LOCKS: Final = {True: Lock.YES, False: Lock.NO, "known": Lock.KNOWN}


class Compiler:
    """Builds fields and collects problems; a form with any problem is not used."""

    def __init__(self, *, file: str) -> None:
        self._file = file
        self._fields = 0
        self.problems: list[Problem] = []

    def root(self, schema: dict[str, Any]) -> Field:
        """The root group. The schema must have passed the grammar."""
        return self._field("", schema, parent=None, required=True, required_if=(), pointer="")

    def report(self, code: str, pointer: str, vi: str, en: str, remedy_vi: str, remedy_en: str) -> None:
        """Add one problem."""
        self.problems.append(
            Problem(
                code=code,
                message=Text(vi=vi, en=en),
                remedy=Text(vi=remedy_vi, en=remedy_en),
                file=self._file,
                element=pointer or "/",
            )
        )

    def _field(
        self,
        name: str,
        schema: dict[str, Any],
        *,
        parent: Field | None,
        required: bool,
        required_if: tuple[tuple[Condition, ...], ...],
        pointer: str,
    ) -> Field:
        self._fields += 1
        if self._fields == MAX_FIELDS + 1:
            self.report(
                "form-too-many-fields",
                pointer,
                f"Biểu mẫu có hơn {MAX_FIELDS} trường.",
                f"The form has more than {MAX_FIELDS} fields.",
                "Tách thành nhiều biểu mẫu.",
                "Split it into several forms.",
            )
        own = self._own(name, schema, parent, pointer)
        field = Field(**own, required=required, required_if=required_if)
        if self._fields > MAX_FIELDS:
            return field
        if field.kind is Kind.GROUP:
            return replace(field, children=self._children(schema, field, pointer))
        if field.kind is Kind.LIST:
            return self._list(schema, field, pointer)
        return self._leaf(schema, field, pointer)

    def _own(self, name: str, schema: dict[str, Any], parent: Field | None, pointer: str) -> dict[str, Any]:
        kind = self._kind(schema, pointer)
        english = schema.get("x-i18n", {}).get("en", {})
        if "title" not in schema:
            what = (f"Trường {name}", f"Field {name}") if name else ("Biểu mẫu", "The form")
            self.report(
                "form-title-missing",
                pointer,
                f"{what[0]} chưa có title.",
                f"{what[1]} has no title.",
                "Thêm title bằng tiếng Việt và x-i18n.en.title.",
                "Add a Vietnamese title and x-i18n.en.title.",
            )
        title = schema.get("title", name)
        above = parent.path + (("[]",) if parent.kind is Kind.LIST else ()) if parent else ()
        own_prefill = tuple(schema["x-prefill"].split(".")) if "x-prefill" in schema else ()
        inherited = parent.prefill if parent else ()
        prefill = (*inherited, *own_prefill) if own_prefill or kind is Kind.GROUP else ()
        lock = _LOCKS[schema["x-locked"]] if "x-locked" in schema else (parent.lock if parent else Lock.NO)
        return {
            "name": name,
            "path": (*above, name) if name else (),
            "kind": kind,
            "title": Text(vi=title, en=english.get("title", title)),
            "hint": _optional(schema.get("description"), english.get("description")),
            "item_noun": _optional(schema.get("x-item"), english.get("item")),
            "message": _optional(schema.get("x-message"), english.get("message")),
            "show_if": self._show_if(schema, pointer),
            "lock": lock,
            "source": schema.get("x-source", parent.source if parent else ""),
            "prefill": prefill,
            "widget": schema.get("x-widget", ""),
        }

    def _kind(self, schema: dict[str, Any], pointer: str) -> Kind:
        match schema["type"]:
            case "object":
                return Kind.GROUP
            case "array":
                return self._array_kind(schema, pointer)
            case "string" if schema.get("format") == "x-file":
                return Kind.FILE
            case "string" if schema.get("format") == "date":
                return Kind.DATE
            case "string" if schema.get("x-widget") == "month":
                return Kind.MONTH
            case "boolean":
                return Kind.BOOLEAN
        if "enum" in schema or "oneOf" in schema:
            return Kind.CHOICE
        return {"integer": Kind.INTEGER, "number": Kind.NUMBER}.get(schema["type"], Kind.TEXT)

    def _array_kind(self, schema: dict[str, Any], pointer: str) -> Kind:
        items = schema.get("items", {})
        if items.get("type") == "object":
            return Kind.LIST
        if items.get("type") == "string" and ("oneOf" in items or "enum" in items):
            return Kind.CHOICES
        self.report(
            "form-items",
            pointer,
            "items phải là object, hoặc string có oneOf.",
            "items must be an object, or a string with oneOf.",
            "Đổi items thành nhóm trường hoặc danh mục lựa chọn.",
            "Make items a group of fields or a list of options.",
        )
        return Kind.CHOICES

    def _show_if(self, schema: dict[str, Any], pointer: str) -> Condition | None:
        if "x-show-if" not in schema:
            return None
        path, wanted = schema["x-show-if"]
        return read_condition(path, wanted if isinstance(wanted, list) else [wanted])

    def _children(self, schema: dict[str, Any], field: Field, pointer: str) -> tuple[Field, ...]:
        properties = schema.get("properties", {})
        try:
            conditional = read_required_if(schema)
        except ConditionFault as fault:
            conditional = {}
            self.report(
                "form-condition",
                pointer + fault.pointer,
                "if/then chỉ được dùng để đòi thêm trường bắt buộc.",
                "if/then may only be used to require more fields.",
                'Viết {"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"required": ["b"]}}.',
                'Write {"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"required": ["b"]}}.',
            )
        required = schema.get("required", [])
        for name in [*required, *conditional]:
            if name not in properties:
                self.report(
                    "form-required-unknown",
                    f"{pointer}/required",
                    f"required nêu {name!r} nhưng không có trường đó.",
                    f"required names {name!r}, which is no field.",
                    "Sửa tên hoặc thêm trường.",
                    "Correct the name or add the field.",
                )
        return tuple(
            self._field(
                name,
                child,
                parent=field,
                required=name in required,
                required_if=conditional.get(name, ()),
                pointer=f"{pointer}/properties{pointer_of(name)}",
            )
            for name, child in properties.items()
        )

    def _list(self, schema: dict[str, Any], field: Field, pointer: str) -> Field:
        field = replace(field, min_items=schema.get("minItems", 0), max_items=schema.get("maxItems", 50))
        self._bounds(field.min_items, field.max_items, "minItems/maxItems", pointer)
        return replace(field, children=self._children(schema["items"], field, f"{pointer}/items"))

    def _leaf(self, schema: dict[str, Any], field: Field, pointer: str) -> Field:
        holder = schema.get("items", {}) if field.kind is Kind.CHOICES else schema
        field = replace(
            field,
            options=_options(holder),
            const=schema.get("const"),
            default=schema.get("default"),
            pattern=schema.get("pattern", ""),
            min_length=schema.get("minLength", 0),
            max_length=schema.get("maxLength", 5000 if field.widget == "textarea" else 1000),
            minimum=schema.get("minimum"),
            maximum=schema.get("maximum"),
            min_items=schema.get("minItems", 0),
            max_items=schema.get("maxItems", 500),
            earliest=schema.get("x-min", ""),
            latest=schema.get("x-max", ""),
            autocomplete=schema.get("x-autocomplete", ""),
            inputmode=schema.get("x-inputmode", ""),
            accept=tuple(schema.get("x-accept", DEFAULT_ACCEPT if field.kind is Kind.FILE else ())),
            max_bytes=schema.get("x-max-bytes", DEFAULT_MAX_BYTES if field.kind is Kind.FILE else 0),
            paper=schema.get("x-paper", ""),
            extract=tuple(_extract(rule) for rule in schema.get("x-extract", [])),
        )
        self._bounds(field.min_length, field.max_length, "minLength/maxLength", pointer)
        self._bounds(field.min_items, field.max_items, "minItems/maxItems", pointer)
        if field.minimum is not None and field.maximum is not None:
            self._bounds(field.minimum, field.maximum, "minimum/maximum", pointer)
        self._options(field, schema, pointer)
        return field

    def _bounds(self, low: float, high: float, words: str, pointer: str) -> None:
        if low > high:
            self.report(
                "form-bounds",
                pointer,
                f"{words}: số nhỏ lớn hơn số lớn.",
                f"{words}: the least exceeds the greatest.",
                "Đổi chỗ hoặc sửa hai giới hạn.",
                "Swap or correct the two bounds.",
            )

    def _options(self, field: Field, schema: dict[str, Any], pointer: str) -> None:
        values = [option.value for option in field.options]
        kinds = {"string": str, "integer": int, "number": (int, float), "array": str}
        wanted = kinds.get(schema["type"])
        if "oneOf" in schema and "enum" in schema:
            self._bad_options(pointer, "dùng cả oneOf lẫn enum", "both oneOf and enum are used")
        elif len({(type(value), value) for value in values}) != len(values):
            self._bad_options(pointer, "có giá trị trùng nhau", "a value occurs twice")
        elif any(isinstance(value, bool) or value == "" for value in values):
            self._bad_options(pointer, "có giá trị rỗng hoặc đúng/sai", "a value is empty or a boolean")
        elif wanted and any(not isinstance(value, wanted) for value in values):  # type: ignore[arg-type]
            self._bad_options(pointer, "có giá trị khác type", "a value is not of the type")
        if field.default is not None and values and field.default not in values:
            self.report(
                "form-default",
                f"{pointer}/default",
                "default không nằm trong các lựa chọn.",
                "default is not among the options.",
                "Chọn một giá trị trong oneOf.",
                "Use a value of oneOf.",
            )

    def _bad_options(self, pointer: str, vi: str, en: str) -> None:
        self.report(
            "form-options",
            pointer,
            f"Danh sách lựa chọn {vi}.",
            f"The list of options is wrong: {en}.",
            "Dùng oneOf, mỗi lựa chọn một const khác nhau và đúng type.",
            "Use oneOf with distinct const values of the type.",
        )


def _optional(vi: str | None, en: str | None) -> Text | None:
    return Text(vi=vi, en=en or vi) if vi else None


def _options(schema: dict[str, Any]) -> tuple[Option, ...]:
    if "oneOf" in schema:
        return tuple(
            Option(
                value=option["const"],
                title=Text(vi=option["title"], en=option.get("x-i18n", {}).get("en", {}).get("title", option["title"])),
            )
            for option in schema["oneOf"]
        )
    return tuple(Option(value=value, title=Text(vi=str(value), en=str(value))) for value in schema.get("enum", []))


def _extract(rule: dict[str, Any]) -> Extract:
    return Extract(
        paper=rule["paper"],
        labels=tuple(rule["labels"]),
        pattern=rule.get("pattern", ""),
        kind=rule.get("kind", "text"),
        key=rule.get("key", ""),
        title=_optional(rule.get("title"), rule.get("x-i18n", {}).get("en", {}).get("title")),
    )
