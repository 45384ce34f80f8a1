"""Regular expressions in XPath's dialect."""

from __future__ import annotations

import pytest

from engine.feel import FeelBudgetExceeded, compile_expression

CASES = [
    (r"abc", "b", "", True),
    ("x", "[A-Z-[OI]]", "i", True),
    ("O", "[A-Z-[OI]]", "i", False),
    ("b", "[^a-c-[d]]", "", False),
    ("e", "[^a-c-[d]]", "", True),
    ("d", "[^a-c-[d]]", "", False),
    ("hello world", r"hello\ sworld", "x", True),
    ("hello world", r"\p{ IsBasicLatin}+", "x", True),
    ("hello world", r"\p{ IsBasicLatin}+", "", None),
    ("h", r"(.)\2", "", None),
    ("aa", r"(a)\1", "", True),
    ("aA", r"(a)\1", "i", True),
    ("a\n", "^a$", "", False),
    ("a\nb", "^b$", "m", True),
    ("a\nb", "a.b", "", False),
    ("a\nb", "a.b", "s", True),
    ("\u0664", r"^\d$", "", True),
    ("ế", r"^\w$", "", True),
    ("-", r"^\w$", "", False),
    ("_a1", r"^\i\c*$", "", True),
    ("é", r"^\p{Ll}$", "", True),
    ("1-2", r"^[0-9\-]+$", "", True),
    ("a", "(?=a)", "", None),
    ("a", "(?:a)", "", True),
    ("a", "a{,2}", "", None),
    ("a", "a**", "", None),
    ("a", "[]", "", None),
    ("a", "[b-a]", "", None),
    ("a", ")", "", None),
    ("a", "a", "g", None),
    ("&&", "^[&&]+$", "", True),
    ("a--b", r"^[a\-b]+$", "", True),
    ("~", "^[~|]$", "", True),
]


@pytest.mark.parametrize(("text", "pattern", "flags", "expected"), CASES)
def test_pattern_matches_as_xpath_says(text: str, pattern: str, flags: str, expected: bool | None) -> None:
    outcome = compile_expression("matches(t, p, f)").evaluate({"t": text, "p": pattern, "f": flags})
    assert outcome.value is expected
    assert expected is not None or outcome.reasons[0].code in ("regex", "regex-flags")


@pytest.mark.parametrize("pattern", ["(a|aa)+$", "(a+)+b", "(x+x+)+y", "(.*)*z"])
def test_catastrophic_pattern_is_stopped(pattern: str) -> None:
    text = ("x" if "x" in pattern else "a") * 28 + "c"
    expression = compile_expression("matches(t, p)")
    try:
        assert expression.evaluate({"t": text * 200, "p": pattern}).value is False
    except FeelBudgetExceeded as stopped:
        assert stopped.code == "feel-budget"
