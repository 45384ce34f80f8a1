"""The page's form for one field: its JSON as plain controls, and back."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from engine.definitions.form_editing import kind_of

Json = dict[str, Any]
_ENGLISH = {"title_en": "title", "hint_en": "description", "item_en": "item", "message_en": "message"}
_PLAIN = {"title_vi": "title", "hint_vi": "description", "item_vi": "x-item", "message_vi": "x-message"}
_TEXTS = {
    "pattern": "pattern",
    "prefill": "x-prefill",
    "source": "x-source",
    "paper": "x-paper",
    "earliest": "x-min",
    "latest": "x-max",
}
_COUNTS = {"min_length": "minLength", "max_length": "maxLength", "min_items": "minItems", "max_items": "maxItems"}


def shown(name: str, node: Mapping[str, Any], *, required: bool) -> dict[str, Any]:
    """What the controls of a field show."""
    english = node.get("x-i18n", {}).get("en", {}) if isinstance(node.get("x-i18n"), dict) else {}
    holder = node.get("items") if kind_of(node) == "choices" else node
    condition = node.get("x-show-if") or ["", ""]
    lock = node.get("x-locked")
    return (
        {"name": name, "kind": kind_of(node), "required": required, "reference": node.get("$ref", "")}
        | {control: str(node.get(key) or "") for control, key in (_PLAIN | _TEXTS).items()}
        | {control: str(english.get(key) or "") for control, key in _ENGLISH.items()}
        | {control: "" if node.get(key) is None else str(node[key]) for control, key in _COUNTS.items()}
        | {
            "minimum": "" if node.get("minimum") is None else str(node["minimum"]),
            "maximum": "" if node.get("maximum") is None else str(node["maximum"]),
            "condition_path": str(condition[0]),
            "condition_values": ", ".join(
                map(_word, condition[1] if isinstance(condition[1], list) else [condition[1]])
            ),
            "lock": "known" if lock == "known" else "yes" if lock else "no",
            "pick": ", ".join(node.get("x-pick", [])),
            "options": _option_lines(holder if isinstance(holder, dict) else {}),
            "extract": _extract_lines(node.get("x-extract")),
        }
    )


def read(node: Mapping[str, Any], form: Mapping[str, str]) -> Json:
    """The field with what was posted; words that the form does not show stay as they are."""
    whole: Json = copy.deepcopy(dict(node))
    for control, key in (_PLAIN | _TEXTS).items():
        _set(whole, key, form.get(control, "").strip())
    english = {key: form[control].strip() for control, key in _ENGLISH.items() if form.get(control, "").strip()}
    _set(whole, "x-i18n", {"en": english} if english else None)
    for control, key in _COUNTS.items():
        if control in form:
            _set(whole, key, _number(form[control]))
    for key in ("minimum", "maximum"):
        if key in form:
            _set(whole, key, _number(form[key]))
    if (
        shown("", node, required=False)["condition_values"] != form.get("condition_values", "").strip()
        or (node.get("x-show-if") or [""])[0] != form.get("condition_path", "").strip()
    ):
        _set(whole, "x-show-if", _condition(form))
    _set(whole, "x-locked", {"yes": True, "known": "known"}.get(form.get("lock", "no")))
    if "pick" in form:
        _set(whole, "x-pick", [part.strip() for part in form["pick"].split(",") if part.strip()])
    if "options" in form:
        _set_options(whole, form["options"])
    if "extract" in form:
        kept = [rule for rule in whole.get("x-extract", []) if isinstance(rule, dict) and "key" in rule]
        _set(whole, "x-extract", _extract(form["extract"]) + kept)
    return whole


def _set(node: Json, key: str, value: Any) -> None:
    if value is None or value == "" or value == []:
        node.pop(key, None)
    else:
        node[key] = value


def _number(text: str) -> int | float | str | None:
    """The number typed; what is no number stays text, so that the check names it."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return text.strip()


def _condition(form: Mapping[str, str]) -> list[Any] | None:
    path = form.get("condition_path", "").strip()
    if not path:
        return None
    values = [_scalar(part.strip()) for part in form.get("condition_values", "").split(",") if part.strip()]
    return [path, values[0] if len(values) == 1 else values]


def _scalar(text: str) -> Any:
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.isdecimal() and not text.startswith("0") else text


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _option_lines(node: Mapping[str, Any]) -> str:
    lines = []
    for option in node.get("oneOf", []):
        english = option.get("x-i18n", {}).get("en", {}).get("title", "")
        lines.append(f"{_word(option.get('const', ''))} | {option.get('title', '')} | {english}")
    return "\n".join(lines)


def _set_options(node: Json, text: str) -> None:
    holder = node.get("items") if kind_of(node) == "choices" else node
    if not isinstance(holder, dict) or not ("oneOf" in holder or text.strip()):
        return
    known = {_word(option.get("const")): option.get("const") for option in holder.get("oneOf", [])}
    options = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split("|")] + ["", ""]
        if parts[0]:
            value = known.get(parts[0], parts[0])
            title = parts[1] or parts[0]
            options.append({"const": value, "title": title, "x-i18n": {"en": {"title": parts[2] or title}}})
    holder["oneOf"] = options


def _extract_lines(rules: Any) -> str:
    """One line a rule. Rules with a key of their own are for the raw editor: they are kept and not shown."""
    lines = []
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, dict) and "key" not in rule:
            parts = (rule.get("paper", ""), "; ".join(rule.get("labels", [])), rule.get("kind", "text"))
            lines.append(" | ".join((*parts, rule.get("pattern", ""))).rstrip(" |"))
    return "\n".join(lines)


def _extract(text: str) -> list[Json]:
    rules = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split("|", 3)] + ["", "", ""]
        if parts[0]:
            rule: Json = {
                "paper": parts[0],
                "labels": [label.strip() for label in parts[1].split(";") if label.strip()],
                "kind": parts[2] or "text",
            }
            if parts[3]:
                rule["pattern"] = parts[3]
            rules.append(rule)
    return rules
