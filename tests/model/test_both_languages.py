"""Words kept in both languages come back in each, and old ones of one language whole."""

from __future__ import annotations

from engine.errors import Text
from engine.model.both_languages import joined, letter, part


def test_words_joined_come_back_in_each_language() -> None:
    kept = joined(Text(vi="Trang đã cũ.", en="The page is old."))
    assert (part(kept, "vi"), part(kept, "en")) == ("Trang đã cũ.", "The page is old.")
    assert (part("Chỉ tiếng Việt", "vi"), part("Chỉ tiếng Việt", "en")) == ("Chỉ tiếng Việt", "Chỉ tiếng Việt")


def test_letter_begins_its_english_part_with_its_subject() -> None:
    body = "Xin chào.\nhttp://x\n\n---\nHello\nGood day.\n"
    assert letter("Chào", body, "vi") == ("Chào", "Xin chào.\nhttp://x")
    assert letter("Chào", body, "en") == ("Hello", "Good day.")
    assert letter("Chào", "Xin chào.", "en") == ("Chào", "Xin chào.")
