"""The compiled e-form: a tree of fields that every other part of this package walks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.errors import Text

#: A value a leaf field can hold.
Scalar = str | int | float | bool
#: Keys and item numbers from the root of the data to one value.
Place = tuple[str | int, ...]


class Kind(StrEnum):
    """What a field holds."""

    GROUP = "group"  #: nhóm: an object
    LIST = "list"  #: nhóm lặp: an array of objects
    CHOICES = "choices"  #: chọn nhiều: an array of option values
    CHOICE = "choice"  #: chọn một
    TEXT = "text"
    DATE = "date"  #: ``yyyy-mm-dd``
    MONTH = "month"  #: ``yyyy-mm``
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    FILE = "file"  #: tệp: the id of a file bound to the draft


class Lock(StrEnum):
    """Whether a value is taken from its source instead of the request."""

    NO = "no"
    YES = "yes"  #: always from the source
    KNOWN = "known"  #: from the source when the source knows it, else open


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One allowed value and its wording."""

    value: Scalar
    title: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """True when the value at ``path`` is one of ``values`` (or holds one of them, for a multiple choice).

    ``path`` is relative to the object that holds the field; ``..`` climbs one object, a leading ``/`` starts at
    the root.
    """

    path: tuple[str, ...]
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """How the field is printed on a paper, for the text reader."""

    paper: str
    labels: tuple[str, ...]
    pattern: str = ""
    kind: str = "text"  #: text, date, id12, number, name
    key: str = ""  #: set when the value is printed on the paper but asked nowhere in the form
    title: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One node of the form. ``path`` holds property names, with ``[]`` for "each item"."""

    name: str
    path: tuple[str, ...]
    kind: Kind
    title: Text
    hint: Text | None = None
    item_noun: Text | None = None
    message: Text | None = None
    ambiguous: bool = False  #: another field has the same title, so messages name the group
    required: bool = False
    required_if: tuple[tuple[Condition, ...], ...] = ()  #: any of these, each a conjunction
    show_if: Condition | None = None
    lock: Lock = Lock.NO
    source: str = ""  #: key of ``engine.forms.origin.ORIGINS``
    prefill: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    const: Scalar | None = None
    default: Scalar | None = None
    pattern: str = ""
    min_length: int = 0
    max_length: int = 1000  #: characters
    minimum: float | None = None
    maximum: float | None = None
    min_items: int = 0
    max_items: int = 50
    earliest: str = ""  #: ISO date or ``today``
    latest: str = ""
    widget: str = ""
    autocomplete: str = ""
    inputmode: str = ""
    accept: tuple[str, ...] = ()
    max_bytes: int = 0
    paper: str = ""
    extract: tuple[Extract, ...] = ()
    children: tuple[Field, ...] = ()  #: of a group, or of each item of a list

    @property
    def is_leaf(self) -> bool:
        """Whether the field holds one answer of a person."""
        return self.kind not in (Kind.GROUP, Kind.LIST)

    def child(self, name: str) -> Field | None:
        """The child called ``name``."""
        return next((field for field in self.children if field.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A loaded e-form. ``schema`` is the schema with every ``$ref`` resolved, ready to store."""

    file: str
    title: Text
    hint: Text | None
    root: Field
    schema: Mapping[str, Any]

    def fields(self) -> Iterator[Field]:
        """Every field below the root, in the order of the form."""
        return _below(self.root)

    def field(self, *path: str) -> Field | None:
        """The field at a schema path, ``[]`` standing for "each item"."""
        return next((field for field in self.fields() if field.path == path), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A file bound to one draft or dossier. ``id`` is issued by the server."""

    id: str
    name: str
    size: int = 0  #: bytes
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One mistake in the data. ``path`` is the dotted place, for example ``giay_to.0.ten``."""

    path: str
    code: str
    message: Text


def dotted(place: Place | tuple[str, ...]) -> str:
    """The name of a place in forms and errors: ``("giay_to", 0, "ten")`` is ``giay_to.0.ten``."""
    return ".".join(str(part) for part in place)


def value_at(data: Any, place: Place | tuple[str, ...]) -> Any:
    """The value at ``place``, None when any step is missing."""
    for part in place:
        if isinstance(part, int) and isinstance(data, list):
            data = data[part] if 0 <= part < len(data) else None
        elif isinstance(part, str) and isinstance(data, Mapping):
            data = data.get(part)
        else:
            return None
    return data


def is_empty(value: Any) -> bool:
    """Whether a value counts as not given."""
    return value is None or value == "" or value == []


def _below(field: Field) -> Iterator[Field]:
    for child in field.children:
        yield child
        yield from _below(child)
