"""What the logs say: every line numbered by its request, and nobody in them."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from engine.errors import ConnectorRefused
from tests.webapp.citizen import Citizen
from tests.webapp.conftest import SignIn
from tests.webapp.office import ACCEPT
from webapp.bootstrap import Product
from webapp.logs import configure_logging

#: What the demo's citizen types or is known by.
PERSONAL = ("Nguyễn Thị Lan", "Lan", "038190001234", "0912000111", "lan@example.vn", "QH-2012/0456")


class Lines:
    """The lines of the log that have been written when somebody looks."""

    def __init__(self, written: io.StringIO) -> None:
        self._written = written

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (json.loads(line) for line in self._written.getvalue().splitlines())


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What is logged during the test."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure_logging("INFO")
    yield Lines(written)
    configure_logging("CRITICAL")
    logging.root.handlers[:] = []


def test_log_of_a_whole_dossier_names_nobody(client: SignIn, product: Product, lines: Lines) -> None:
    citizen = Citizen(client("lan"), product)
    number = citizen.paid()
    desk = client("binh")
    page = desk.get(f"/dossiers/{number}").text
    claimed = desk.post(re.findall(r'action="(/tasks/[^"]+/claim)"', page)[0], follow_redirects=True).text
    form = re.findall(r'action="(/dossiers/[^"]+/tasks/[^"]+)"', claimed)[0].replace("&amp;", "&")
    assert desk.post(form, data=ACCEPT).status_code == 302
    product.worker().drain()
    tampered = citizen.notice(citizen.order(citizen.filed())) | {"vnp_Amount": "1"}
    assert client("").get("/payments/notice", query_string=tampered).json["RspCode"] == "97"
    client("").get("/payments/notice", query_string={"vnp_TxnRef": "Nguyễn Thị Lan 038190001234"})
    written = list(lines)
    text = json.dumps(written, ensure_ascii=False)
    assert [word for word in PERSONAL if word in text] == []
    events = {str(line["event"]) for line in written}
    assert {"request", "done", "notice-tampered"} <= events
    assert all(line.get("request") for line in written if line["event"] == "request")
    actors = {line["actor"] for line in written if "actor" in line}
    assert {"citizen", "binh"} <= actors
    assert "lan" not in actors


def test_exception_is_told_by_kind_and_place_not_by_its_sentence(lines: Lines) -> None:
    import structlog

    for log in (structlog.get_logger("motcua").exception, logging.getLogger("somebody.else").exception):
        try:
            raise ConnectorRefused(system="mail", why="address refused: lan@example.vn")
        except ConnectorRefused:
            log("failed")
    ours, theirs = (line for line in lines if line["event"] == "failed")
    for line in (ours, theirs):
        assert line["exception"] == ["engine.errors.ConnectorRefused connector-refused"]
        assert "test_logs.py" in str(line["places"])
        assert "lan@example.vn" not in json.dumps(line)


def test_error_page_and_problem_name_their_request(client: SignIn, lines: Lines) -> None:
    visitor = client("")
    page = visitor.get("/no-such-page", headers={"X-Request-Id": "proxy-0123456789"})
    assert page.headers["X-Request-Id"] == "proxy-0123456789"
    assert "proxy-0123456789" in page.text
    forged = visitor.get("/no-such-page", headers={"X-Request-Id": "<script>"})
    number = forged.headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{12}", number)
    assert number in forged.text
    assert {line["request"] for line in lines if line["event"] == "request"} == {"proxy-0123456789", number}
