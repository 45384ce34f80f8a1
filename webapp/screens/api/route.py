"""What the table of routes is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response

from webapp.rates import Limit
from webapp.screens.api.call import Call

JSON, MERGE_PATCH = "application/json", "application/merge-patch+json"
MULTIPART, PDF = "multipart/form-data", "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a route takes. JSON is checked against ``schema`` before the view sees it."""

    schema: str  #: name of a component schema
    media: tuple[str, ...] = (JSON,)
    optional: bool = False  #: nothing sent counts as ``{}``


@dataclass(frozen=True, slots=True, kw_only=True)
class Gives:
    """What a route answers when it succeeds."""

    status: int = 200
    schema: str = ""  #: name of a component schema; empty = no JSON
    files: tuple[str, ...] = ()  #: media types of binary answers
    etag: bool = False
    location: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation: address, view, what it takes and gives, and how it may refuse."""

    method: str
    path: str  #: below ``/api/v1``, variables in braces
    view: Callable[[Call], Response]
    summary: str
    tag: str
    gives: Gives
    body: Body | None = None
    query: Mapping[str, str] | None = None  #: optional parameters and what they mean
    public: bool = False  #: no sign-in needed
    if_match: str = ""  #: ``needed``, ``optional`` or empty
    key: bool = False  #: takes an Idempotency-Key
    refuses: tuple[int, ...] = ()  #: statuses beside those that follow from the rest
    rate: Limit | None = None  #: for one address
    text: str = ""  #: more than the summary says

    @property
    def name(self) -> str:
        """The operation's id: ``tasks.claim``."""
        return f"{self.view.__module__.rpartition('.')[2]}.{self.view.__name__}"

    @property
    def variables(self) -> tuple[str, ...]:
        """The names in braces."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @property
    def problems(self) -> tuple[int, ...]:
        """Every status of a refusal that this route can give, in order."""
        found = {400, 503, *self.refuses}  # 503: the database is away
        found |= set() if self.public else {401, 403}
        found |= {404} if self.variables else set()
        found |= {413, 415, 422} if self.body else set()
        found |= {422} if self.key else set()
        found |= {"needed": {412, 428}, "optional": {412}}.get(self.if_match, set())
        found |= {429} if self.rate else set()
        return tuple(sorted(found))


def reference(name: str) -> dict[str, Any]:
    """A reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}
