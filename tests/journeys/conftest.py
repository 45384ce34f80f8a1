"""People of a story, each in a browser of their own at the served product."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.person import PersonAtScreen
from tests.webapp.conftest import chromium, server
from tools import assets
from webapp.bootstrap import Product
from webapp.demo.people import PEOPLE
from webapp.demo.run import sample_paper

__all__ = ["chromium", "server"]

#: Opens a browser for somebody; signs in unless the name is empty.
Meet = Callable[[str], PersonAtScreen]


@pytest.fixture(autouse=True)
def vendor() -> None:
    """The replay draws with bpmn-js."""
    if assets.differences():
        pytest.skip("the browser assets are not there: run npm ci and python tools/assets.py")


@pytest.fixture
def meet(chromium: Any, server: str) -> Iterator[Meet]:
    """Whatever a person's browser complained of fails the story at its end."""
    met: list[PersonAtScreen] = []
    names = {person.login: person.name for person in PEOPLE}

    def open_browser(login: str) -> PersonAtScreen:
        context = chromium.new_context(
            base_url=server, locale="vi-VN", viewport={"width": 1440, "height": 900}, accept_downloads=True
        )
        somebody = PersonAtScreen(context=context, server=server, name=names.get(login, ""))
        met.append(somebody)
        if login:
            somebody.sign_in(login)
        return somebody

    yield open_browser
    for somebody in met:
        somebody.context.close()
    assert [line for somebody in met for line in somebody.complaints] == []


@pytest.fixture
def scan(tmp_path: Path, product: Product) -> Path:
    """A scanned degree of an invented person, 200 dpi."""
    file = tmp_path / "bang-tot-nghiep.png"
    file.write_bytes(sample_paper(product.clock.now()))
    return file
