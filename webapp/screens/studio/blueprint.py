"""The blueprint that all views of the studio hang on, and what every one of them needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, current_app, url_for

from engine.commands.draft_problems import problems_of
from engine.errors import NotFound, Problem
from engine.model.permission import ANALYST
from engine.store.procedure_drafts import DraftState, ProcedureDraft
from webapp import web
from webapp.screens.studio.rehearsal import Theatre
from webapp.words import gettext as _

screen = Blueprint("studio", __name__, template_folder="templates", url_prefix="/studio")
analyst_only = web.needs_role(ANALYST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A draft with its files, as a page works on it."""

    draft: ProcedureDraft
    files: Mapping[str, bytes]

    @property
    def editable(self) -> bool:
        """Whether it may be edited now."""
        return self.draft.state is DraftState.EDITING

    def file(self, name: str) -> bytes:
        """A file's content, or ``NotFound``."""
        if name not in self.files:
            raise NotFound(what=_("tệp %(name)s", name=name[:80]))
        return self.files[name]

    def names(self, prefix: str, suffix: str) -> tuple[str, ...]:
        """The names between ``prefix`` and ``suffix`` of the procedure's own files."""
        return tuple(
            name
            for name in sorted(self.files)
            if name.startswith(prefix) and name.endswith(suffix) and "/" not in name.removeprefix(prefix)
        )


def bench(draft_id: str) -> Bench:
    """The draft of an id with its files, or ``NotFound``."""
    with web.reading() as uow:
        draft = uow.procedure_drafts.get(draft_id)
        return Bench(draft=draft, files=uow.procedure_drafts.files(draft.id))


def theatre() -> Theatre:
    """Where this application's drafts are tried."""
    if "studio-theatre" not in current_app.extensions:
        current_app.extensions["studio-theatre"] = Theatre(web.product())
    return cast(Theatre, current_app.extensions["studio-theatre"])


def findings(files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Everything that is wrong with a draft."""
    return problems_of(files, functions=web.product().bus.library.functions)


def told(problems: Sequence[Problem], draft: str = "") -> list[dict[str, Any]]:
    """Findings in the person's language, each with the address of the page that mends it."""
    language = web.language()
    return [
        {
            "severity": problem.severity,
            "code": problem.code,
            "file": problem.file,
            "element": problem.element,
            "message": problem.message.in_(language),
            "remedy": problem.remedy.in_(language),
            "url": place_of(problem, draft) if draft else "",
        }
        for problem in problems
    ]


def place_of(problem: Problem, draft: str) -> str:
    """Where a finding is mended."""
    name = problem.file
    if name.endswith(".bpmn") and "/" not in name:
        return url_for("studio.diagram", draft_id=draft, file=name, element=problem.element)
    if name.endswith(".dmn"):
        return url_for("studio.tables", draft_id=draft, file=name, element=problem.element)
    if name == "procedure.json":
        return url_for("studio.manifest", draft_id=draft)
    if name.startswith("forms/") and not name.startswith("forms/_shared/"):
        return url_for("studio.form", draft_id=draft, name=name.removeprefix("forms/").removesuffix(".json"))
    if name.startswith("scenarios/"):
        return url_for("studio.scenario", draft_id=draft, name=name.removeprefix("scenarios/").removesuffix(".json"))
    return url_for("studio.file", draft_id=draft, name=name) if name else ""
