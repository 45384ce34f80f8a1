"""The hash of a link: a recipe that anybody can follow with a JSON library and SHA-256."""

from __future__ import annotations

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from engine.model.chain import canonical, hash_of

_TEXT = st.text(st.characters(exclude_categories=("Cs",)))


@given(
    st.lists(_TEXT | st.integers(0, 2**62), max_size=10),
    st.dictionaries(_TEXT, _TEXT | st.floats(allow_nan=False, allow_infinity=False)),
)
def test_link_is_hashed_as_documented(header: list[str | int], body: dict[str, str | float]) -> None:
    previous = "ab" * 32
    written = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    expected = hashlib.sha256(f"{previous}\n{written}\n{content}".encode()).hexdigest()
    assert hash_of(previous, tuple(header), canonical(body)) == expected
