"""A first draft that is valid and runs at once: a template's files filled with a manifest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

import orjson

from engine.errors import InvalidInput, NotFound, Text
from engine.values import ProcedureCode

#: Where an installation keeps its templates, and what every template shares.
FOLDER: Final = "templates/"
_COMMON: Final = "common"
_TOKEN: Final = re.compile(r"@@([A-Z_]+)@@")
#: Diagrams, forms, letters and texts that belong to the installation, as they are named in a package.
_SHARED: Final = re.compile(r"(forms/_shared|letters|shared)/.+")
_CALLED: Final = re.compile(rb"calledElement\s*=\s*[\"']([\w.-]+)[\"']")
_PROCESS: Final = re.compile(rb"<(?:[\w-]+:)?process\b[^>]*\bid\s*=\s*[\"']([\w.-]+)[\"']")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A way to begin."""

    key: str
    name: Text
    summary: Text


def templates(files: Mapping[str, bytes]) -> tuple[Template, ...]:
    """The templates among ``files`` (``<key>/template.json`` …), by key."""
    found = []
    for name, content in sorted(files.items()):
        key, _, rest = name.partition("/")
        if rest == "template.json":
            told = orjson.loads(content)
            found.append(Template(key=key, name=Text(**told["name"]), summary=Text(**told["summary"])))
    return tuple(found)


def from_template(
    files: Mapping[str, bytes], key: str, manifest: Mapping[str, Any], fees: Mapping[str, int]
) -> dict[str, bytes]:
    """The own files of a new procedure: a template with the manifest's code, names, papers, results and fees in place.

    ``fees`` are whole đồng by channel; the key '' stands for every channel.
    """
    if not re.fullmatch(r"[a-z][a-z-]{0,30}", key) or f"{key}/template.json" not in files:
        raise NotFound(what=Text(vi=f"mẫu {key[:40]}", en=f"template {key[:40]}"))
    words = _words(manifest, fees)
    whole: dict[str, bytes] = {"procedure.json": _pretty(manifest)}
    for prefix in (_COMMON, key):
        for name, content in files.items():
            inside = name.removeprefix(f"{prefix}/")
            if inside != name and inside != "template.json":
                whole[inside] = _filled(inside, content, words)
    return whole


def blank(manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """The least that can be opened: a manifest, a diagram with a start and an empty form. It is not valid yet."""
    process, name = str(manifest["process"]), escape(str(manifest["short_name"]["vi"]), {'"': "&quot;"})
    return {
        "procedure.json": _pretty(manifest),
        "process.bpmn": _BLANK.format(process=process, name=name).encode(),
        "forms/application.json": _pretty(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "title": "Tờ khai",
                "x-i18n": {"en": {"title": "Application"}},
                "properties": {
                    "nyc": {"$ref": "_shared/person.json#/requester", "x-pick": ["so_dinh_danh", "ho_ten", "ngay_sinh"]}
                },
            }
        ),
        "texts/en.json": b'{"elements": {}}\n',
    }


def blank_manifest(code: str, name: str) -> dict[str, Any]:
    """A manifest with a code and a name; all else is for the analyst to say."""
    ProcedureCode(code)
    if not name.strip() or len(name) > 500:
        raise InvalidInput(
            what=Text(vi="tên thủ tục", en="name"),
            why=Text(vi="phải có, nhiều nhất 500 ký tự", en="required, at most 500 characters"),
        )
    text = {"vi": name.strip(), "en": name.strip()}
    return {
        "code": code,
        "version": "1.0",
        "name": text,
        "short_name": text,
        "field": {"code": "KHAC", "name": {"vi": "Lĩnh vực khác", "en": "Other"}},
        "level": "commune",
        "decision": "…",
        "legal": [],
        "process": f"procedure_{code.replace('.', '_').lower()}",
        "application_form": "application",
        "channels": ["online", "desk"],
        "limits": [],
        "fees": [],
        "papers": [],
        "results": [
            {"code": f"KQ.{code}", "name": {"vi": "Kết quả giải quyết", "en": "Result"}},
            {"code": f"TC.{code}", "name": {"vi": "Văn bản từ chối giải quyết", "en": "Written refusal"}},
        ],
        "book": f"so-{code}",
    }


def is_shared(name: str) -> bool:
    """Whether a file of a package belongs to the installation and not to the procedure itself."""
    return bool(_SHARED.fullmatch(name))


def pruned(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """``files`` without the shared diagrams that nothing calls: what a version of the procedure consists of."""
    shared = {name: content for name, content in files.items() if name.startswith("shared/") and name.endswith(".bpmn")}
    owner = {process: name for name, content in shared.items() for process in _PROCESS.findall(content)}
    kept: set[str] = set()
    waiting = [content for name, content in files.items() if name.endswith(".bpmn") and name not in shared]
    while waiting:
        for called in _CALLED.findall(waiting.pop()):
            name = owner.get(called, "")
            if name and name not in kept:
                kept.add(name)
                waiting.append(shared[name])
    return {name: content for name, content in files.items() if name not in shared or name in kept}


def _words(manifest: Mapping[str, Any], fees: Mapping[str, int]) -> dict[str, str]:
    results = [str(result["code"]) for result in manifest["results"]]
    papers = [str(paper["code"]) for paper in manifest["papers"]]
    short = str(manifest["short_name"]["vi"])
    return {
        "CODE": str(manifest["code"]),
        "PROCESS": str(manifest["process"]),
        "SHORT_NAME": short,
        "FORM_TITLE": f"Tờ khai: {short[:1].lower()}{short[1:]}",
        "RESULT": results[0],
        "REFUSAL": results[-1],
        "PAPER": papers[0] if papers else "giay_to",
        "FEE_NOTE": f"Mức thu theo {manifest['decision']}; kiểm tra lại văn bản quy định phí.",
        "FEE_RULES": _fee_rules(fees),
    }


def _fee_rules(fees: Mapping[str, int]) -> str:
    cells = [(f'"{channel}"' if channel else "-", amount) for channel, amount in sorted(fees.items(), reverse=True)]
    if not fees or "" not in fees:
        cells.append(("-", max(fees.values(), default=0)))
    return "\n".join(
        f'      <rule id="fee_rule_{place}">\n'
        f'        <inputEntry id="fee_rule_{place}_channel"><text>{escape(cell)}</text></inputEntry>\n'
        f'        <outputEntry id="fee_rule_{place}_amount"><text>{amount}</text></outputEntry>\n'
        f"      </rule>"
        for place, (cell, amount) in enumerate(cells, 1)
    )


def _filled(name: str, content: bytes, words: Mapping[str, str]) -> bytes:
    """Tokens replaced, each value escaped for the kind of file it goes into."""

    def put(match: re.Match[str]) -> str:
        word = words.get(match[1])
        if word is None:
            raise InvalidInput(
                what=name,
                why=Text(vi=f"mẫu dùng từ lạ {match[0]}", en=f"the template has the unknown token {match[0]}"),
            )
        if match[1] == "FEE_RULES":
            return word
        if name.endswith(".json"):
            return orjson.dumps(word).decode()[1:-1]
        return escape(word, {'"': "&quot;"})

    return _TOKEN.sub(put, content.decode()).encode()


def _pretty(data: Mapping[str, Any]) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


_BLANK: Final = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xmlns:motcua="urn:motcua:bpmn:1.0" id="definitions_{process}" targetNamespace="urn:motcua:procedures">
  <bpmn:process id="{process}" name="{name}" isExecutable="true">
    <bpmn:startEvent id="started" name="Nộp hồ sơ" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_{process}">
    <bpmndi:BPMNPlane id="plane_{process}" bpmnElement="{process}">
      <bpmndi:BPMNShape id="shape_started" bpmnElement="started">
        <dc:Bounds x="162" y="122" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="135" y="162" width="90" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
