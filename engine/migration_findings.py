"""Whether one open dossier may go to another version of its procedure, and which time limit it would have there.

Previews show it and the command obeys it, so it stands below both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine import bpmn
from engine.bpmn import migration
from engine.errors import DomainError, NotFound, Problem, Text
from engine.forms import FieldError, validate
from engine.model.duration import Limit, select_limit
from engine.procedures import Procedure
from engine.store.records import Dossier

#: The channel a dossier came by, in the words of the time limits.
CHANNELS: Mapping[str, str] = {"online": "ONLINE", "desk": "DIRECT", "post": "POSTAL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """From one version to another; ``mapping`` names the nodes that are called otherwise."""

    source: Procedure
    target: Procedure
    mapping: Mapping[str, str]


def misnamed(move: Move) -> tuple[Problem, ...]:
    """What is wrong with the mapping itself."""
    return tuple(_misnamed(move))


def _misnamed(move: Move) -> Iterator[Problem]:
    old, new = move.source.definition.elements, move.target.definition.elements
    ends: dict[str, str] = {}
    for source, target in move.mapping.items():
        if source not in old or target not in new:
            yield _problem(
                "migration-mapping",
                source,
                f"Không có bước {source} ở bản cũ hoặc {target} ở bản mới.",
                f"There is no step {source} in the old version, or no {target} in the new one.",
            )
        elif old[source].kind != new[target].kind:
            yield _problem(
                "migration-mapping",
                source,
                f"{source} và {target} không cùng loại ({old[source].kind}, {new[target].kind}).",
                f"{source} and {target} are not of one kind ({old[source].kind}, {new[target].kind}).",
            )
        if target in ends or (target in old and target not in move.mapping):
            yield _problem(
                "migration-mapping",
                source,
                f"Hai bước cùng được chuyển về {target}.",
                f"Two steps would become {target}.",
            )
        ends[target] = source


def findings(dossier: Dossier, instance: bpmn.Instance, move: Move, today: date) -> tuple[Problem, ...]:
    """Why the dossier cannot go to the other version; none means it can."""
    found = list(migration.obstacles(instance, move.target.definition, move.mapping))
    found += _open_forms(instance, move)
    found += _data(dossier, move, today)
    try:
        limit_of(dossier, move.target)
    except DomainError as error:
        found.append(_problem(error.code, "", error.message("vi"), error.message("en")))
    return tuple(found)


def _open_forms(instance: bpmn.Instance, move: Move) -> Iterator[Problem]:
    """The form of a task that is open now has to be there."""
    for _kind, element in instance.open_elements().values():
        drawn = move.target.definition.elements.get(move.mapping.get(element, element))
        form = drawn.attributes.get("form", "") if drawn else ""
        if form and form not in move.target.forms:
            yield _problem("migration-form", element, f"Bản mới không có biểu mẫu {form}.", f"There is no form {form}.")


def _data(dossier: Dossier, move: Move, today: date) -> Iterator[Problem]:
    """The application as filed has to be one that the new version's form takes; old mistakes do not count."""
    known = {(error.path, error.code) for error in _faults(dossier, move.source, today)}
    for error in _faults(dossier, move.target, today):
        if (error.path, error.code) not in known:
            yield _problem(
                "migration-data",
                error.path,
                f"Tờ khai đã nộp không hợp với biểu mẫu mới ({error.path}): {error.message.vi}",
                f"The application as filed does not fit the new form ({error.path}): {error.message.en}",
            )


def _faults(dossier: Dossier, procedure: Procedure, today: date) -> tuple[FieldError, ...]:
    try:
        form = procedure.form(procedure.manifest.application_form)
    except NotFound:
        return ()
    return validate(form, dossier.data, today=today)


def limit_of(dossier: Dossier, procedure: Procedure) -> Limit | None:
    """The time limit that a version gives the dossier; None before one was chosen. ``LimitMissing`` when none fits."""
    recorded = dossier.deadline
    if "limit" not in recorded:
        return None
    return select_limit(
        [Limit.from_json(limit) for limit in procedure.manifest.limits],
        channel=CHANNELS[dossier.channel],
        case=recorded.get("case"),
        unit_class=recorded.get("unit_class"),
    )


def _problem(code: str, element: str, vi: str, en: str) -> Problem:
    remedy = Text(
        vi="Để hồ sơ này ở lại phiên bản của nó, hoặc sửa bản mới rồi ban hành lại.",
        en="Leave this dossier on its version, or mend and publish the new version again.",
    )
    return Problem(code=code, element=element, message=Text(vi=vi, en=en), remedy=remedy)
