"""The records a template prints: a form as a tree in which nothing is left to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One option of a choice."""

    id: str
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """What a file field shows."""

    id: str  #: empty when nothing is uploaded
    name: str
    size: str
    accept: str  #: for the ``accept`` attribute
    accept_text: str  #: "PNG, JPEG, PDF"
    limit: str  #: "10 MB"
    limit_bytes: int
    clear: str  #: value of the ``act`` button that removes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One field. ``view`` names the way to draw it."""

    view: str  #: text, textarea, select, radio, checkbox, checkboxes, file, date, month or locked
    id: str
    name: str
    label: str
    hint: str
    value: str  #: as it stands in an input
    text: str  #: as a person reads it
    options: tuple[Choice, ...]
    required: bool
    locked: bool
    origin: str  #: "Lấy từ …" for a locked or prefilled value
    error: str
    described_by: str  #: ids for ``aria-describedby``, empty for none
    type: str  #: of the HTML input
    inputmode: str
    autocomplete: str
    width: str  #: short, medium or full
    file: FileView | None
    visible: bool
    show_when: str  #: JSON {"name", "values"} for the script, empty when always shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A set of fields under one legend."""

    view: str  #: always ``group``
    id: str
    title: str
    hint: str
    level: int  #: 2 for a group of the form, 3 inside one …
    children: tuple[Node, ...]
    card: bool  #: nothing in it can be changed: draw it as a card of known facts
    origin: str  #: where a card's facts come from
    visible: bool
    show_when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One member of a repeated group."""

    id: str
    title: str
    children: tuple[Node, ...]
    remove: str  #: value of the ``act`` button, empty when it may not be removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A repeated group."""

    view: str  #: always ``repeat``
    id: str
    title: str
    hint: str
    noun: str
    level: int
    count_name: str
    items: tuple[Item, ...]
    add: str  #: value of the ``act`` button, empty when full or locked
    error: str
    visible: bool
    show_when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A run of locked fields between open ones, drawn as one card."""

    view: str  #: always ``facts``
    id: str
    origin: str  #: empty when they come from different sources
    children: tuple[Input, ...]


Node = Input | Group | Repeat | Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLink:
    """One line of the error summary."""

    href: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole form, ready to print."""

    title: str
    hint: str
    language: str
    nodes: tuple[Node, ...]
    errors: tuple[ErrorLink, ...]
    conditional: bool  #: some field depends on another
    uploads: bool  #: the form must be posted as multipart
    #: Further buttons at a field, by its name: ``act`` and label. The screen that prints the form offers and does them.
    acts: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
