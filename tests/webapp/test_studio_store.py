"""What the store promises of drafts, on both databases: no saved state is lost, history is append-only."""

from __future__ import annotations

import pytest

from engine.commands.authoring import BeginDraft, FileConflict, SaveFile
from engine.commands.publishing import ImportNationalCatalogue
from engine.definitions import skeleton
from engine.definitions.national_catalogue import parse_entry
from engine.errors import Forbidden, MotcuaError
from engine.queries import drafts_of_procedures as lists
from engine.queries import procedure_history
from engine.store.procedure_drafts import DraftState
from engine.values import Digest
from tests.conftest import person
from webapp.bootstrap import Product


def _begin(product: Product) -> str:
    files = skeleton.blank(skeleton.blank_manifest("9.000001", "Thủ tục thử"))
    command = BeginDraft(procedure="9.000001", name="Thủ tục thử", origin="blank", files=files)
    return str(product.bus.execute(command, person(product, "phuc"))["draft"])


def test_every_saved_state_of_a_file_stays(either_product: Product) -> None:
    product, author = either_product, person(either_product, "phuc")
    draft, seen = _begin(product), ""
    for text in (b"one", b"two", b"two", b"three"):
        seen = product.bus.execute(SaveFile(draft=draft, name="CHANGES.md", content=text, seen=seen), author)["digest"]
    with product.database.read() as connection, product.database.begin() as uow:
        states = uow.procedure_drafts.states(draft, "CHANGES.md")
        assert [state.content for state in states] == [b"three", b"two", b"one"]
        assert uow.procedure_drafts.files(draft)["CHANGES.md"] == b"three"
        assert [row.id for row in lists.drafts(connection, DraftState.EDITING)] == [draft]


def test_stale_state_is_a_conflict_and_changes_nothing(either_product: Product) -> None:
    product, draft = either_product, _begin(either_product)
    one, two = person(product, "phuc"), person(product, "giang")
    product.bus.execute(SaveFile(draft=draft, name="CHANGES.md", content=b"one", seen=""), one)
    with pytest.raises(FileConflict, match="Đinh Hồng Phúc"):
        product.bus.execute(SaveFile(draft=draft, name="CHANGES.md", content=b"two", seen=str(Digest.of(b"zero"))), two)
    with product.database.begin() as uow:
        assert uow.procedure_drafts.files(draft)["CHANGES.md"] == b"one"


@pytest.mark.parametrize("table", ["procedure_draft_file", "procedure_event"])
@pytest.mark.parametrize("action", ["DELETE FROM {table}", "UPDATE {table} SET draft = 'x'"])
def test_history_cannot_be_changed_or_deleted(either_product: Product, table: str, action: str) -> None:
    _begin(either_product)
    with pytest.raises(MotcuaError), either_product.database.begin() as uow:
        uow.connection.driver.execute(action.format(table=table))


def test_catalogue_is_replaced_whole_and_found_without_tone_marks(either_product: Product) -> None:
    product, author = either_product, person(either_product, "phuc")
    for names in (("Đăng ký khai sinh", "Cấp giấy phép xây dựng"), ("Chứng thực chữ ký",)):
        entries = tuple(
            parse_entry({"code": f"9.00000{place}", "name": name, "field": "Lĩnh vực"})
            for place, name in enumerate(names)
        )
        product.bus.execute(ImportNationalCatalogue(entries=entries), author)
    with product.database.read() as connection:
        assert lists.entry_count(connection) == 1
        assert [row.name for row in lists.entries(connection, "chu ky chung")] == ["Chứng thực chữ ký"]
        assert lists.entries(connection, "100%") == ()


def test_others_than_analysts_author_nothing(either_product: Product) -> None:
    for login in ("lan", "toan", "minh"):
        with pytest.raises(Forbidden):
            either_product.bus.execute(
                BeginDraft(procedure="9.000001", name="x", origin="blank", files={}), person(either_product, login)
            )


def test_history_tells_who_began_and_versions_in_force(either_product: Product) -> None:
    _begin(either_product)
    with either_product.database.read() as connection:
        told = procedure_history.events(connection, "9.000001")
        assert [(event.kind, event.actor_name) for event in told] == [("begun", "Đinh Hồng Phúc")]
        known = procedure_history.versions(connection, "2.000815", either_product.clock.now())
        assert [row.in_force for row in known] == [True]
