"""What the engine tells about a definition and an instance: frozen records, never a library object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A flow node of the diagram."""

    id: str
    name: str
    kind: str  #: the BPMN tag, for example ``userTask``
    process: str  #: id of the process it is drawn in
    lane: str = ""  #: name of its lane
    documentation: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)  #: ``motcua:`` attributes by local name
    inputs: tuple[tuple[str, str], ...] = ()  #: declared input mappings: name, FEEL
    outputs: tuple[tuple[str, str], ...] = ()  #: declared output mappings: name, FEEL


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """A task that waits for somebody outside the engine."""

    id: str
    element: str
    kind: str  #: ``user``, ``service`` or ``receive``
    name: str
    lane: str
    attributes: Mapping[str, str]
    inputs: Mapping[str, Any]  #: evaluated input mappings; the whole data when none are declared
    data: Mapping[str, Any]  #: a copy of the token's data
    created_at: datetime
    number: int  #: order of arrival, unique in the instance


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTimer:
    """A timer that is running."""

    task_id: str
    element: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A message or signal that would be taken if it came now."""

    task_id: str
    element: str
    kind: str  #: ``message`` or ``signal``
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened at an element; ``changed`` and ``deleted`` are the effect on the token's data."""

    element: str
    event: str  #: ``entered``, ``completed``, ``cancelled`` or ``fired``
    task_id: str
    at: datetime
    changed: Mapping[str, Any] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()
