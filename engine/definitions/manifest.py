"""The manifest of a procedure: ``procedure.json`` read, checked and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jsonschema
import orjson

from engine.errors import DefinitionRefused, InvalidInput, Problem, Text
from engine.values import ProcedureCode

FILE = "procedure.json"

_TEXT = {
    "type": "object",
    "required": ["vi", "en"],
    "additionalProperties": False,
    "properties": {"vi": {"type": "string", "minLength": 1}, "en": {"type": "string", "minLength": 1}},
}
_NAME = {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,80}$"}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": [
        "code", "version", "name", "short_name", "field", "level", "decision", "legal", "process",
        "application_form", "channels", "limits", "fees", "papers", "results",
    ],
    "additionalProperties": False,
    "properties": {
        "code": {"type": "string"},
        "version": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)*$"},
        "name": _TEXT,
        "short_name": _TEXT,
        "summary": _TEXT,
        "field": {
            "type": "object",
            "required": ["code", "name"],
            "additionalProperties": False,
            "properties": {"code": {"type": "string"}, "name": _TEXT},
        },
        "level": {"enum": ["commune", "province"]},
        "decision": {"type": "string", "minLength": 1},
        "legal": {"type": "array", "items": {"type": "string", "minLength": 1}},
        "process": _NAME,
        "application_form": _NAME,
        "channels": {"type": "array", "minItems": 1, "items": {"enum": ["online", "desk", "post"]}},
        "limits": {"type": "array", "minItems": 1, "items": {"type": "object"}},
        "fees": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["item", "name"],
                "additionalProperties": False,
                "properties": {"item": _NAME, "name": _TEXT, "legal": {"type": "string"}},
            },
        },
        "papers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "name"],
                "additionalProperties": False,
                "properties": {"code": _NAME, "name": _TEXT, "required": {"type": "boolean"}},
            },
        },
        "results": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["code", "name"],
                "additionalProperties": False,
                "properties": {"code": {"type": "string"}, "name": _TEXT},
            },
        },
        "withdrawal": {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": {
                "type": "object",
                "required": ["stage", "refund", "ground"],
                "additionalProperties": False,
                "properties": {
                    "stage": {"enum": ["before_reception", "after_reception"]},
                    "refund": {"type": "integer", "minimum": 0, "maximum": 100},
                    "ground": {"type": "string", "minLength": 1},
                },
            },
        },
        "book": {"type": "string"},
        "cash": {"type": "boolean"},
    },
}  # fmt: skip
_VALIDATOR = jsonschema.Draft202012Validator(_SCHEMA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A coded thing of the manifest: a fee item, a paper, a result type."""

    code: str
    name: Text
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalRule:
    """What goes back of a paid fee when the applicant withdraws at a stage, and on what ground."""

    stage: str  #: before_reception or after_reception
    refund: int  #: percent of what was captured, rounded down to whole đồng
    ground: str


#: For versions published before the manifest told it: all of it before reception, nothing afterwards.
UNTOLD_WITHDRAWAL = (
    WithdrawalRule(stage="before_reception", refund=100, ground="Chưa tiếp nhận, việc chưa bắt đầu (chưa đối chiếu)"),
    WithdrawalRule(stage="after_reception", refund=0, ground="Đã tiếp nhận, việc đã bắt đầu (chưa đối chiếu)"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a procedure (thủ tục hành chính) is, apart from how it runs."""

    code: ProcedureCode
    version: str
    name: Text
    short_name: Text
    summary: Text
    field: Named
    level: str
    decision: str  #: number of the decision that published it
    legal: tuple[str, ...]
    process: str  #: id of the process that a dossier starts
    application_form: str
    channels: tuple[str, ...]
    limits: tuple[dict[str, Any], ...]  #: time limits as data, read by the statutory clock
    fees: tuple[Named, ...]
    papers: tuple[Named, ...]
    results: tuple[Named, ...]
    book: str
    cash: bool = False  #: whether the desk may take cash
    withdrawal: tuple[WithdrawalRule, ...] = UNTOLD_WITHDRAWAL

    def on_withdrawal(self, *, received: bool) -> WithdrawalRule:
        """The rule for a withdrawal before or after the reception."""
        stage = "after_reception" if received else "before_reception"
        return next(rule for rule in self.withdrawal if rule.stage == stage)


def read_manifest(source: bytes, *, file: str = FILE) -> Manifest:
    """The manifest, or ``DefinitionRefused`` naming each place that is wrong."""
    try:
        data = orjson.loads(source)
    except orjson.JSONDecodeError as error:
        raise DefinitionRefused(problems=(_broken(file, str(error)),)) from error
    problems = tuple(_problem(file, error) for error in sorted(_VALIDATOR.iter_errors(data), key=lambda e: e.json_path))
    if not problems and not _is_code(data["code"]):
        problems = (_wrong_code(file, data["code"]),)
    if not problems and len({rule["stage"] for rule in data.get("withdrawal", ())}) == 1:
        problems = (_stage_twice(file),)
    if problems:
        raise DefinitionRefused(problems=problems)
    return _manifest(data)


def _manifest(data: dict[str, Any]) -> Manifest:
    return Manifest(
        code=ProcedureCode(data["code"]),
        version=data["version"],
        name=Text(**data["name"]),
        short_name=Text(**data["short_name"]),
        summary=Text(**data.get("summary", data["name"])),
        field=Named(code=data["field"]["code"], name=Text(**data["field"]["name"])),
        level=data["level"],
        decision=data["decision"],
        legal=tuple(data["legal"]),
        process=data["process"],
        application_form=data["application_form"],
        channels=tuple(data["channels"]),
        limits=tuple(data["limits"]),
        fees=tuple(Named(code=fee["item"], name=Text(**fee["name"])) for fee in data["fees"]),
        papers=tuple(
            Named(code=paper["code"], name=Text(**paper["name"]), required=paper.get("required", False))
            for paper in data["papers"]
        ),
        results=tuple(Named(code=result["code"], name=Text(**result["name"])) for result in data["results"]),
        book=data.get("book", ""),
        cash=data.get("cash", False),
        withdrawal=tuple(WithdrawalRule(**rule) for rule in data.get("withdrawal", ())) or UNTOLD_WITHDRAWAL,
    )


def _is_code(code: str) -> bool:
    try:
        ProcedureCode(code)
    except InvalidInput:
        return False
    return True


def _broken(file: str, why: str) -> Problem:
    return Problem(
        code="manifest-broken",
        file=file,
        message=Text(vi=f"Tệp không phải JSON hợp lệ: {why}", en=f"The file is not valid JSON: {why}"),
        remedy=Text(vi="Sửa lỗi cú pháp tại chỗ đã nêu.", en="Correct the syntax at the place named."),
    )


def _wrong_code(file: str, code: str) -> Problem:
    return Problem(
        code="manifest-code",
        file=file,
        element="code",
        message=Text(vi=f"Mã thủ tục {code!r} không đúng dạng.", en=f"The procedure code {code!r} is malformed."),
        remedy=Text(vi="Dùng mã như 2.000815.", en="Use a code such as 2.000815."),
    )


def _stage_twice(file: str) -> Problem:
    return Problem(
        code="manifest-withdrawal",
        file=file,
        element="withdrawal",
        message=Text(vi="Mục withdrawal nêu một giai đoạn hai lần.", en="The entry withdrawal names one stage twice."),
        remedy=Text(
            vi="Nêu before_reception và after_reception, mỗi mục một lần.",
            en="Name before_reception and after_reception, once each.",
        ),
    )


def _problem(file: str, error: jsonschema.ValidationError) -> Problem:
    place = error.json_path.removeprefix("$").lstrip(".") or "(root)"
    return Problem(
        code="manifest-invalid",
        file=file,
        element=place,
        message=Text(vi=f"Mục {place} không đúng: {error.message}", en=f"{place} is wrong: {error.message}"),
        remedy=Text(
            vi="Sửa mục này theo docs/procedures.md.", en="Correct this entry as docs/procedures.md describes."
        ),
    )
