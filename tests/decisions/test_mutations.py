"""Damaged models: whatever is cut out or swapped, the answer is a finding or a null, never a crash."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from lxml import etree

from engine.decisions import check_model, read_model
from engine.errors import DefinitionRefused
from engine.feel import FeelBudgetExceeded
from tests.decisions.written import (
    component,
    decision,
    input_data,
    item,
    knowledge,
    literal,
    model,
    table,
    variable,
)

#: Damaged files tried; more with MOTCUA_FUZZ set to a number.
ROUNDS = int(os.environ.get("MOTCUA_FUZZ", "250"))
_KIT = Path(__file__).parents[2].parent / "shared" / "tck"


def _whole() -> bytes:
    """A model with a bit of everything."""
    bands = [("< 10", '"a"', "1"), (">= 10", "-", "x * 2")]
    context = f"<context><contextEntry>{variable('e', 'number')}{literal('p.age + 1')}</contextEntry></context>"
    loop = f'<for iteratorVariable="n"><in>{literal("[1,2]")}</in><return>{literal("n * x")}</return></for>'
    binding = f'<binding><parameter name="v"/>{literal("x")}</binding>'
    return model(
        item("tPerson", inner=component("age", "number") + component("kind", "tKind")),
        item("tKind", "string", allowed='"a","b"'),
        item("tAges", "number", collection=True, constraint="count(?) < 3"),
        input_data("x", "number"),
        input_data("p", "tPerson"),
        decision("D", table(["x", "p.kind"], ["out"], bands, policy="PRIORITY", values=["1,2"]), inputs=["x", "p"]),
        decision("C", context, inputs=["p"]),
        decision("L", loop, inputs=["x"], decisions=["D"], type_ref="tAges"),
        decision("I", f"<invocation>{literal('f')}{binding}</invocation>", inputs=["x"], knowledge=["f"]),
        knowledge("f", [("v", "number")], literal("v + 1")),
        '<decisionService name="S" id="S"><variable name="S"/><outputDecision href="#d_L"/>'
        '<inputDecision href="#d_D"/><inputData href="#i_x"/></decisionService>',
    )


def _damage(source: bytes, chance: random.Random) -> bytes:
    root = etree.fromstring(source)
    for _ in range(chance.randint(1, 4)):
        nodes = [node for node in root.iter() if isinstance(node.tag, str)]
        node, other = chance.choice(nodes), chance.choice(nodes)
        match chance.randrange(5):
            case 0 if node.getparent() is not None:
                node.getparent().remove(node)
            case 1 if node.attrib:
                del node.attrib[chance.choice(list(node.attrib))]
            case 2 if node.attrib and other.attrib:
                node.set(chance.choice(list(node.attrib)), chance.choice(list(other.attrib.values())))
            case 3:
                node.text = chance.choice([other.text, "", "-", "1 +", "null", '"a", ', "not(", "x", "?"])
            case _ if node.getparent() is not None and other not in node.iter():
                other.append(etree.fromstring(etree.tostring(node)))
    return etree.tostring(root)


def _try(source: bytes) -> None:
    findings = check_model(source)
    assert all(found.code.startswith("dmn-") and found.message.vi and found.remedy.en for found in findings)
    try:
        loaded = read_model(source)
    except DefinitionRefused:
        return
    for info in loaded.decisions:
        try:
            decided = loaded.decide(info.name, {"x": None, "p": {"kind": "a"}})
        except FeelBudgetExceeded:
            continue
        assert all(reason.code and reason.message.vi and reason.message.en for reason in decided.reasons)


def test_damaged_models_never_crash() -> None:
    chance = random.Random(20261121)
    source = _whole()
    assert [found.code for found in check_model(source)] == ["dmn-gap"]
    for _ in range(ROUNDS):
        _try(_damage(source, chance))


def test_damaged_bytes_are_refused_or_read() -> None:
    chance = random.Random(7)
    source = bytearray(_whole())
    for _ in range(ROUNDS):
        damaged = bytearray(source)
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        _try(bytes(damaged))


def test_damaged_models_of_the_kit_never_crash() -> None:
    if not _KIT.is_dir():
        pytest.skip("the conformance kit is not at ../shared/tck; only the own model was damaged")
    chance = random.Random(3)
    files = [path for path in sorted(_KIT.rglob("*.dmn")) if path.stat().st_size < 40_000]
    until = time.monotonic() + (3 if ROUNDS <= 250 else 120)
    while time.monotonic() < until:
        _try(_damage(chance.choice(files).read_bytes(), chance))
