"""Editing forms: every change leaves a form that the compiler takes, and the old document alone."""

from __future__ import annotations

import copy

import orjson
import pytest

from engine.definitions import form_editing as editing
from engine.errors import InvalidInput, NotFound
from engine.forms import load_form
from webapp.screens.studio import field_form
from webapp.screens.studio.shared_parts import shared_parts, template_files

FORM = orjson.loads(
    template_files()["common/forms/application.json"].replace(b"@@FORM_TITLE@@", b"F").replace(b"@@PAPER@@", b"giay")
)
SHARED = {
    name.removeprefix("forms/"): content for name, content in shared_parts().items() if name.startswith("forms/_")
}


def _loads(document: editing.Json) -> None:
    load_form(orjson.dumps(document), file="f.json", shared=SHARED)


@pytest.mark.parametrize("kind", sorted(editing.PALETTE))
def test_every_kind_of_the_palette_makes_a_valid_form(kind: str) -> None:
    before = copy.deepcopy(FORM)
    changed = editing.add_field(FORM, "", kind, "moi", "Trường mới")
    _loads(changed)
    assert before == FORM
    assert editing.kind_of(editing.field_at(changed, "moi")) == kind


def test_field_is_added_inside_a_repeated_group() -> None:
    changed = editing.add_field(FORM, "giay_to", "text", "so", "Số")
    assert [row.place for row in editing.rows(changed) if row.name == "so"] == ["giay_to/[]/so"]
    _loads(changed)


def test_moving_keeps_everything_else() -> None:
    names = list(FORM["properties"])
    changed = editing.move(FORM, names[1], -1)
    assert list(changed["properties"]) == [names[1], names[0], *names[2:]]
    assert editing.move(changed, names[1], -1) == changed
    assert list(editing.move(changed, names[1], 1)["properties"]) == names


def test_removed_field_is_no_longer_required() -> None:
    changed = editing.remove(FORM, "noi_dung")
    assert "noi_dung" not in changed["required"]
    _loads(changed)


def test_name_that_is_taken_is_refused() -> None:
    with pytest.raises(InvalidInput):
        editing.add_field(FORM, "", "text", "nyc", "Trùng")
    with pytest.raises(InvalidInput):
        editing.replace_field(FORM, "noi_dung", {}, name="nyc", required=False)


@pytest.mark.parametrize("place", ["khong_co", "giay_to/[]/khong_co", "noi_dung/x", "a/b/c"])
def test_unknown_place_is_not_found(place: str) -> None:
    with pytest.raises(NotFound):
        editing.field_at(FORM, place)


@pytest.mark.parametrize("row", editing.rows(FORM), ids=lambda row: row.place)
def test_field_posted_back_unchanged_stays_as_it_was(row: editing.Row) -> None:
    node = editing.field_at(FORM, row.place)
    shown = field_form.shown(row.name, node, required=row.required)
    posted = {name: str(value) for name, value in shown.items() if not isinstance(value, bool)}
    assert field_form.read(node, posted) == node


def test_rules_for_reading_papers_survive_the_plain_form() -> None:
    node = {
        "type": "string",
        "title": "T",
        "x-extract": [
            {"paper": "p", "labels": ["A", "B"], "kind": "date"},
            {"paper": "p", "key": "k", "title": "K", "labels": ["C"]},
        ],
    }
    shown = field_form.shown("t", node, required=False)
    posted = {name: str(value) for name, value in shown.items() if not isinstance(value, bool)}
    assert field_form.read(node, posted) == node
