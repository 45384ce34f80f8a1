"""Prefilling from national registers while the form is filled in: who may be looked up, and what is kept of the answer.

About oneself, and about the spouse whom
the register itself names, nothing has to be typed. About anybody else number, name and date of birth have to be typed
first and must agree with the register: a look-up confirms what a person knows and never lets anybody leaf through
strangers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import ConnectorError, InvalidInput, Text
from engine.forms import FieldError, Form, dotted, value_at
from engine.model.folding import folded
from engine.model.permission import Actor
from webapp import web
from webapp.register_answers import IDENTITY, SELF, ask


class LookUpDisagrees(InvalidInput):
    """Number, name and date of birth do not agree with the register; check them, or fill the form in by hand."""

    code = "look-up-disagrees"
    vi = "Số định danh, họ tên và ngày sinh không khớp với dữ liệu đăng ký; hãy kiểm tra lại hoặc tự khai."


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A person of the form who may be looked up: ``mother``, ``father`` …"""

    root: str
    register: str
    group: tuple[str, ...]  #: path of the group that holds the person
    name: str  #: dotted name of the identity number's field


def others(form: Form) -> tuple[Other, ...]:
    """The people besides the signed-in one whom the form can take from a register."""
    return tuple(
        Other(root=field.prefill[0], register=field.source, group=field.path[:-1], name=dotted(field.path))
        for field in form.fields()
        if len(field.prefill) == 2
        and field.prefill[1] == IDENTITY
        and field.prefill[0] != SELF
        and "[]" not in field.path
        and field.source in web.product().ports.registries
    )


def buttons(form: Form, registers: Mapping[str, Any]) -> dict[str, tuple[tuple[str, Text], ...]]:
    """By name of an identity number's field: the look-ups that are offered there as ``act`` and label."""
    spouse = _spouse(registers)
    found: dict[str, tuple[tuple[str, Text], ...]] = {}
    for other in others(form):
        if registers.get(other.root, {}).get("data"):
            found[other.name] = ((f"forget:{other.name}", Text(vi="Chọn người khác", en="Choose somebody else")),)
            continue
        offers = [(f"lookup:{other.name}", Text(vi="Tra cứu theo số này", en="Look this number up"))]
        offers.append((f"self:{other.name}", Text(vi="Là tôi", en="This is me")))
        if spouse:
            offers.append((f"spouse:{other.name}", Text(vi="Là vợ hoặc chồng tôi", en="This is my spouse")))
        found[other.name] = tuple(offers)
    return found


def perform(
    act: str, form: Form, data: dict[str, Any], registers: Mapping[str, Any], actor: Actor
) -> tuple[dict[str, Any], tuple[FieldError, ...]]:
    """Do a look-up act: the new answers to keep with the draft, or what is wrong with what was typed."""
    verb, _, name = act.partition(":")
    other = next((other for other in others(form) if other.name == name), None)
    if other is None:
        return {}, ()
    if verb == "forget":
        _clear(form, data, other)
        return {other.root: {"register": other.register, "source": "", "at": "", "data": {}, "subject": ""}}, ()
    typed = value_at(data, other.group)
    typed = typed if isinstance(typed, dict) else {}
    subject = {"self": actor.person_id, "spouse": _spouse(registers)}.get(verb, str(typed.get(IDENTITY, "")))
    if not subject:
        return {}, (_error(name, "required", "Nhập số định danh để tra cứu", "Enter the number to look up"),)
    if verb == "lookup" and subject not in {actor.person_id, _spouse(registers)}:
        missing = [part for part in ("ho_ten", "ngay_sinh") if not typed.get(part)]
        if missing:
            return {}, tuple(
                _error(
                    f"{dotted(other.group)}.{part}",
                    "required",
                    "Để tra cứu người khác, nhập cả họ tên và ngày sinh của người đó",
                    "To look somebody else up, enter name and date of birth too",
                )
                for part in missing
            )
    try:
        answer = ask(web.product().ports.registries, other.register, subject, actor)
    except ConnectorError as error:
        return {}, (_error(name, error.code, error.message("vi"), error.message("en")),)
    if verb == "lookup" and not _agrees(typed, answer["data"], actor, registers):
        wrong = LookUpDisagrees()
        # The question was asked, so it is logged; the answer is not kept.
        return {other.root: answer | {"data": {}}}, (
            _error(name, wrong.code, wrong.message("vi"), wrong.message("en")),
        )
    return {other.root: answer}, ()


def _agrees(typed: Mapping[str, Any], record: Mapping[str, Any], actor: Actor, registers: Mapping[str, Any]) -> bool:
    if not record:
        return False
    if record.get(IDENTITY) in {actor.person_id, _spouse(registers)}:
        return True
    same_name = folded(str(typed.get("ho_ten", ""))) == folded(str(record.get("ho_ten", "")))
    return same_name and typed.get("ngay_sinh") == record.get("ngay_sinh")


def _spouse(registers: Mapping[str, Any]) -> str:
    return str(registers.get(SELF, {}).get("data", {}).get("vo_chong", ""))


def _clear(form: Form, data: dict[str, Any], other: Other) -> None:
    """Take out of ``data`` what the register had put into the person's group."""
    group = value_at(data, other.group)
    if not isinstance(group, dict):
        return
    for field in form.fields():
        if field.path[:-1] == other.group and field.prefill:
            group.pop(field.name, None)


def _error(name: str, code: str, vi: str, en: str) -> FieldError:
    return FieldError(path=name, code=code, message=Text(vi=vi, en=en))
