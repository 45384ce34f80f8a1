"""Checking a procedure's package, and putting a version in force."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.commands.context import Context
from engine.definitions.operations import CATALOGUE
from engine.definitions.package import Package
from engine.errors import DefinitionRefused, Forbidden, Problem, Text
from engine.feel import FunctionRegistry
from engine.model.permission import ROLES
from engine.procedures import Procedure, compile_package
from engine.store.records import Bundle, Deployment

_UNIT = re.compile(r"[A-Za-z_]\w*|[A-Z0-9][A-Z0-9.\-]*")


def check_package(package: Package, *, functions: FunctionRegistry | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong with a package; none means it may be deployed."""
    try:
        procedure = compile_package(package, functions=functions)
    except DefinitionRefused as refusal:
        return refusal.problems
    return tuple(_cross_check(procedure))


def _cross_check(procedure: Procedure) -> Iterator[Problem]:
    """What no single file can know: do the files fit one another?"""
    manifest = procedure.manifest
    if manifest.application_form not in procedure.forms:
        yield _problem(
            "procedure-form-missing",
            manifest.application_form,
            f"Thiếu tờ khai {manifest.application_form}.",
            f"The application form {manifest.application_form} is missing.",
        )
    yield from _check_decisions(procedure)
    for element in procedure.definition.elements.values():
        if element.kind == "userTask":
            yield from _check_user_task(procedure, element.id, dict(element.attributes))
        elif element.kind in {"serviceTask", "sendTask"}:
            yield from _check_service_task(element.id, dict(element.attributes), {name for name, _ in element.inputs})


def _check_decisions(procedure: Procedure) -> Iterator[Problem]:
    """A table that is in no file would be waited for, by every dossier, for ever."""
    for element, decision in procedure.definition.unresolved_decisions:
        yield _problem(
            "task-decision",
            element,
            f"Không có bảng quyết định {decision}.",
            f"There is no decision {decision}.",
        )


def _check_user_task(procedure: Procedure, element: str, attributes: dict[str, str]) -> Iterator[Problem]:
    role, form = attributes.get("role", ""), attributes.get("form", "")
    if role not in ROLES:
        roles = ", ".join(sorted(ROLES))
        yield _problem(
            "task-role",
            element,
            f"Việc này chưa có vai trò hợp lệ ({role or 'trống'}); các vai trò: {roles}.",
            f"The task has no valid role ({role or 'empty'}); roles are: {roles}.",
        )
    if form and form not in procedure.forms:
        yield _problem("task-form", element, f"Không có biểu mẫu {form}.", f"There is no form {form}.")
    unit = attributes.get("unit", "")
    if unit and not _UNIT.fullmatch(unit):
        yield _problem("task-unit", element, f"Đơn vị {unit} không hợp lệ.", f"The unit {unit} is not valid.")


def _check_service_task(element: str, attributes: dict[str, str], inputs: set[str]) -> Iterator[Problem]:
    operation = CATALOGUE.get(attributes.get("operation", ""))
    if operation is None:
        name = attributes.get("operation", "") or "trống / empty"
        yield _problem(
            "task-operation",
            element,
            f"Không có tác vụ {name}; các tác vụ: {', '.join(CATALOGUE)}.",
            f"There is no operation {name}; operations are: {', '.join(CATALOGUE)}.",
        )
        return
    for parameter in operation.parameters:
        if parameter.required and parameter.name not in inputs:
            yield _problem(
                "task-parameter",
                element,
                f"Tác vụ {operation.id} thiếu tham số {parameter.name} ({parameter.label.vi}).",
                f"Operation {operation.id} lacks its parameter {parameter.name} ({parameter.label.en}).",
            )
    known = {parameter.name for parameter in operation.parameters}
    for name in sorted(inputs - known):
        yield _problem(
            "task-parameter-unknown",
            element,
            f"Tác vụ {operation.id} không có tham số {name}.",
            f"Operation {operation.id} has no parameter {name}.",
        )


def _problem(code: str, element: str, vi: str, en: str) -> Problem:
    remedy = Text(
        vi="Sửa bước này trong bảng thuộc tính rồi kiểm tra lại.",
        en="Correct the element in its properties and check again.",
    )
    return Problem(code=code, file="", element=element, message=Text(vi=vi, en=en), remedy=remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployProcedure:
    """Put a checked package in force from a moment on; earlier dossiers stay on their version (I7).

    This is how an installation is filled by its operator. People publish by ``ApproveDraft``, with four eyes.
    """

    package: Package
    effective_from: datetime | None = None  #: now when None; never in the past
    decision: str = ""
    approver: str = ""


def deploy_procedure(context: Context, command: DeployProcedure) -> dict[str, Any]:
    """The deployment's id and the version's digest; ``DefinitionRefused`` with every problem otherwise."""
    if not context.actor.is_system:
        raise Forbidden(
            why=Text(vi="ban hành cần người thứ hai duyệt bản soạn", en="publishing needs a second person's approval")
        )
    problems = check_package(command.package, functions=context.library.functions)
    errors = tuple(problem for problem in problems if problem.severity == "error")
    if errors:
        raise DefinitionRefused(problems=errors)
    return put_in_force(context, command, author=context.actor.login)


def put_in_force(context: Context, command: DeployProcedure, *, author: str) -> dict[str, Any]:
    """Store the version and its deployment. The caller has checked the package and who may publish it."""
    package, now = command.package, context.now
    current = context.uow.definitions.in_force(package.manifest.code, now)
    if current is not None and current.digest == package.digest:
        return {"deployment": current.id, "digest": package.digest, "changed": False}
    context.uow.definitions.add_bundle(
        Bundle(
            digest=package.digest,
            procedure=package.manifest.code,
            version=package.manifest.version,
            manifest=orjson.loads(package.files["procedure.json"]),
            files=package.pack(),
            created_at=now,
        )
    )
    deployment = Deployment(
        id=secrets.token_hex(8),
        procedure=package.manifest.code,
        digest=package.digest,
        effective_from=max(command.effective_from or now, now),
        effective_to=None,
        decision=command.decision or package.manifest.decision,
        author=author,
        approver=command.approver,
        created_at=now,
    )
    context.uow.definitions.deploy(deployment)
    return {"deployment": deployment.id, "digest": package.digest, "changed": True}
