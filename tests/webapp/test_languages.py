"""Both languages: the English catalogue is whole, and on an English page no Vietnamese sentence of ours is left."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import lxml.html
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from flask import Flask, session
from flask.testing import FlaskClient

import connectors
import engine
from engine.commands import refunds
from engine.commands.withdrawal import WithdrawDossier
from engine.errors import MotcuaError
from tests.commands.desk import Desk
from tests.conftest import person
from tests.webapp.citizen import Citizen
from tests.webapp.conftest import SignIn
from tests.webapp.office import Office
from webapp.eforms.words import words
from webapp.names import refund_told

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
_VIETNAMESE = re.compile(r"[à-öø-ỹÀ-ÖØ-ỸđĐ]")
#: What keeps its Vietnamese letters in English: the currency and the numbers of decisions.
_NAMES = re.compile(r"đồng|QĐ-[A-Z]+")
#: What stands in a placeholder's place: few words. A letter to the applicant is longer, and data.
_FILLED = r"\S+(?: \S+){0,5}"
#: Attributes that a person reads or hears.
_SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-label", "label")
#: How many pages of one kind are read; they differ in data only.
ALIKE = 2


def _catalogue(file: Path = CATALOGUE) -> Catalog:
    with file.open("rb") as content:
        return read_po(content, locale="en")


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _pairs() -> list[tuple[str, str]]:
    """Every Vietnamese sentence with each of its English ones."""
    return [
        (vi, en)
        for message in _messages(_catalogue())
        for vi, en in zip(_forms(message.id), _forms(message.string), strict=True)
    ]


def _forms(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("translations", ROOT / "tools" / "translations.py")
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """The binary catalogue is of the text's state."""
    _tool().compile_catalogue()


def test_catalogue_holds_exactly_the_sentences_of_the_sources(tmp_path: Path) -> None:
    template = tmp_path / "messages.pot"
    _tool().collect(template)
    wanted = {(message.context, message.id) for message in _messages(_catalogue(template))}
    known = {(message.context, message.id) for message in _messages(_catalogue())}
    assert wanted - known == set(), "run make translations, then translate"
    assert known - wanted == set(), "run make translations: these are said nowhere any more"


def test_every_sentence_is_in_english_and_not_guessed() -> None:
    assert [vi for vi, en in _pairs() if not en.strip()] == []
    assert [message.id for message in _messages(_catalogue()) if message.fuzzy] == []


def test_placeholders_agree() -> None:
    wrong = [pair for pair in _pairs() if len({tuple(sorted(_PLACEHOLDER.findall(text))) for text in pair}) > 1]
    assert wrong == []
    bare = [pair for pair in _pairs() if any("%" in _PLACEHOLDER.sub("", text) for text in pair)]
    assert bare == [], "templates fill in every sentence: a percent sign is written %%"


def test_english_has_no_vietnamese_letters_but_in_names() -> None:
    assert [en for _vi, en in _pairs() if _VIETNAMESE.search(_NAMES.sub("", en))] == []


def test_english_cannot_break_the_markup() -> None:
    """Templates take sentences as they are, also into attributes between double quotes."""
    broken = [(vi, en) for vi, en in _pairs() if set('"<>&') & (set(en) - set(vi))]
    assert broken == []


def test_words_around_forms_are_in_both_languages() -> None:
    vi, en = words("vi"), words("en")
    assert [key for key in vi if not vi[key] or not en[key] or _VIETNAMESE.search(en[key])] == []
    assert [key for key in vi if sorted(_PLACEHOLDER.findall(vi[key])) != sorted(_PLACEHOLDER.findall(en[key]))] == []


def test_every_error_speaks_both_languages() -> None:
    for package in (engine, connectors):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    kinds = [kind for kind in _kinds(MotcuaError) if kind.__module__.partition(".")[0] != "tests"]
    assert len(kinds) > 100
    for kind in kinds:
        english = kind.__dict__.get("__doc__") or ""
        assert english and "\n\n" not in english, (kind, "the docstring is the sentence that people see")
        assert not _VIETNAMESE.search(english), kind
        assert _facts(english) == _facts(kind.vi), kind


def _kinds(of: type[MotcuaError]) -> Iterator[type[MotcuaError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _facts(template: str) -> set[str]:
    """The facts that a sentence names; ``why_vi`` and ``why`` are one fact in two languages."""
    return {re.sub(r"_(vi|en)$", "", name) for name in re.findall(r"\{(\w+)", template)}


def test_pages_in_english_show_no_vietnamese_sentence(office: Office, client: SignIn) -> None:
    desk = Desk(office.product)
    issued = desk.prepared()
    desk.approve(issued)
    desk.worker.drain()
    Citizen(client("lan"), office.product).filled()
    with office.product.database.begin() as uow:
        deployed = uow.definitions.in_force("2.000815", office.product.clock.now())
        assert deployed is not None
    client("phuc").post("/studio/new", data={"way": "copy", "digest": deployed.digest})
    sentences = _Sentences()
    assert sentences.vietnamese("Đăng nhập") and not sentences.vietnamese("Nguyễn Thị Lan")
    for login, least in (("", 6), ("lan", 12), ("binh", 18), ("toan", 18), ("minh", 14), ("phuc", 30), ("tam", 12)):
        visitor = client(login)
        visitor.get("/?lang=en")
        read = 0
        for address, page in _walk(visitor):
            read += 1
            document = lxml.html.document_fromstring(page)
            assert document.get("lang") == "en", address
            left = {text for text in _texts(document) if sentences.vietnamese(text)}
            left -= _authored() if address.startswith("/studio/") else set()
            assert left == set(), (login, address)
        assert read >= least, (login, read)


class _Sentences:
    """The Vietnamese sentences of the catalogue, to be known again on a page."""

    def __init__(self) -> None:
        pairs = [(vi, en) for vi, en in _pairs() if vi != en and _VIETNAMESE.search(vi)]
        self.plain = {_joined(vi) for vi, _en in pairs if not _PLACEHOLDER.search(vi)}
        filled = [_joined(vi) for vi, _en in pairs if _PLACEHOLDER.search(vi) and len(_PLACEHOLDER.sub("", vi)) > 3]
        parts = (_FILLED.join(re.escape(part) for part in _PLACEHOLDER.split(vi)) for vi in filled)
        self.filled = re.compile("|".join(parts))

    def vietnamese(self, text: str) -> bool:
        """Whether a text of a page is one of them."""
        return bool(_VIETNAMESE.search(text)) and (text in self.plain or bool(self.filled.fullmatch(text)))


@cache
def _authored() -> set[str]:
    """The Vietnamese titles of the procedures' own forms, which the studio shows as what they are: the text in work."""
    files = (ROOT / "forms").rglob("*.json")
    return {title for file in files for title in re.findall(r'"title": "([^"]+)"', file.read_text())}


def _joined(text: str) -> str:
    return " ".join(text.split())


def _walk(visitor: FlaskClient) -> Iterator[tuple[str, str]]:
    """The pages that links lead to, of each kind the first few."""
    waiting, seen, kinds = deque(["/", "/procedures", "/sign-in"]), set[str](), dict[str, int]()
    while waiting:
        address = waiting.popleft()
        path, _mark, query = address.partition("?")
        kind = f"{re.sub(r'[0-9a-f]{8,}|[0-9]+', 'N', path)}?{re.sub(r'=[^&]*', '', query)}"
        if address in seen or kinds.get(kind, 0) >= ALIKE or re.search(r"\.(pdf|csv|zip)$|/documents/|/file/", path):
            continue
        seen.add(address)
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = visitor.get(address, follow_redirects=True)
        if answer.mimetype != "text/html":
            continue
        yield address, answer.text
        links = re.findall(r'href="(/[^"#]*)', answer.text)
        waiting.extend(link.replace("&amp;", "&") for link in links if not link.startswith("/static"))


def _texts(document: lxml.html.HtmlElement) -> Iterator[str]:
    """What a person reads or hears, but not what says of itself that it is Vietnamese."""
    for element in document.iter():
        if not isinstance(element.tag, str):
            continue
        own = next((one.get("lang") for one in (element, *element.iterancestors()) if one.get("lang")), "")
        if own == "en":
            yield from (_joined(element.get(name)) for name in _SPOKEN if element.get(name))
            yield _joined(element.text or "")
        if element.tail:
            yield _joined(element.tail)


def test_switch_keeps_page_and_query(client: SignIn) -> None:
    visitor = client("")
    page = visitor.get("/procedures?q=b%E1%BA%A3n+sao&field=TP&field=TP2")
    link = re.search(r'<a href="([^"]+)" lang="en"', page.text)
    assert link
    switched = visitor.get("/procedures" + link[1].replace("&amp;", "&"))
    assert switched.status_code == 302
    assert switched.location == "/procedures?q=b%E1%BA%A3n+sao&field=TP&field=TP2"
    english = visitor.get(switched.location).text
    assert '<html lang="en">' in english
    assert "bản sao" in english
    back = re.search(r'<a href="([^"]+)" lang="vi"', english)
    assert back
    again = visitor.get("/procedures" + back[1].replace("&amp;", "&"), follow_redirects=True)
    assert '<html lang="vi">' in again.text


def test_switch_never_leads_away_or_breaks(client: SignIn) -> None:
    visitor = client("")
    for query in ("code=x", "_external=1&_scheme=javascript", "_anchor=x", "next=//example.org"):
        answer = visitor.get(f"/procedures/2.000815?{query}&lang=en")
        assert answer.location == f"/procedures/2.000815?{query.replace('//', '%2F%2F')}"
    assert visitor.get("/procedures?lang=fr").status_code == 200
    assert visitor.get("/sign-in?lang=en").status_code == 302


def test_switch_after_a_refused_form_leads_to_a_page(client: SignIn) -> None:
    visitor = client("")
    page = visitor.post("/sign-in?next=/my", data={"login": "lan", "password": "wrong"})
    assert page.status_code == 422
    link = re.search(r'<a href="([^"]+)" lang="en"', page.text)
    assert link
    assert visitor.get("/sign-in" + link[1].replace("&amp;", "&"), follow_redirects=True).status_code == 200
    refused = visitor.post("/drafts", headers={"Referer": "http://localhost/procedures?q=x"}, data={})
    assert refused.status_code >= 302
    gone = client("lan").post("/drafts/none/file", headers={"Referer": "http://localhost/procedures?q=x"}, data={})
    assert gone.status_code == 404
    assert 'href="/procedures?q=x&amp;lang=en"' in gone.text
    abroad = client("lan").post("/drafts/none/file", headers={"Referer": "http://example.org/x"}, data={})
    assert 'href="/?lang=en"' in abroad.text


def test_error_pages_speak_the_chosen_language(client: SignIn) -> None:
    for login, path in (("", "/nowhere"), ("lan", "/my/H00-000000-0000"), ("lan", "/board"), ("binh", "/studio/")):
        visitor = client(login)
        vietnamese = visitor.get(path)
        assert vietnamese.status_code in {403, 404}, path
        assert '<html lang="vi">' in vietnamese.text and "Chưa làm được việc này" in vietnamese.text
        visitor.get("/?lang=en")
        english = visitor.get(path)
        assert english.status_code == vietnamese.status_code
        assert '<html lang="en">' in english.text and "This could not be done" in english.text
        assert "Mã lỗi" not in english.text


def test_problems_have_vietnamese_title_and_detail_as_asked(client: SignIn) -> None:
    for path in ("/api/nowhere", "/api/v1/dossiers/H00-000000-0000"):
        for asked, vietnamese in (("", True), ("vi", True), ("en-GB,en;q=0.9", False), ("fr", True)):
            headers = {"Accept-Language": asked} if asked else {}
            problem = client("lan").get(path, headers=headers)
            assert problem.mimetype == "application/problem+json", path
            body = problem.get_json()
            assert _VIETNAMESE.search(body["title"]), body
            assert bool(_VIETNAMESE.search(body["detail"])) == vietnamese, (path, asked, body)


def test_api_takes_its_language_from_the_request_alone(client: SignIn) -> None:
    visitor = client("lan")
    visitor.get("/?lang=en")
    assert visitor.get("/api/nowhere").get_json()["detail"] == visitor.get("/api/nowhere").get_json()["title"]


def test_expired_form_is_explained_in_both_languages(app: Flask, client: SignIn) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    visitor = client("")
    assert "Trang đã mở quá lâu" in visitor.post("/sign-in", data={}).text
    visitor.get("/?lang=en")
    assert "The page is too old" in visitor.post("/sign-in", data={}).text


def test_money_is_told_in_english(office: Office, client: SignIn) -> None:
    lan = person(office.product, "lan")
    office.product.bus.execute(WithdrawDossier(dossier=office.desk, reason="Tôi đổi ý"), lan)
    for login, address in (("lan", f"/my/{office.desk}"), ("binh", f"/dossiers/{office.desk}")):
        visitor = client(login)
        visitor.get("/?lang=en")
        page = visitor.get(address).text
        assert "Fee for certified copies" in page, address
        assert "Phí chứng thực bản sao" not in page, address
    assert "Withdrawn: Tôi đổi ý" in page, "what a person wrote stays"
    accountant = client("ngan")
    accountant.get("/?lang=en")
    page = accountant.get("/refunds").text
    assert "Withdrawn: Tôi đổi ý" in page
    assert "Certified copy of an original" in page


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (f"{refunds.WITHDRAWN}Tôi đổi ý", "Withdrawn: Tôi đổi ý"),
        (f"{refunds.STOPPED}Không đủ điều kiện", "Stopped: Không đủ điều kiện"),
        (refunds.PAID_TWICE, "Paid twice for one fee"),
        ("Không thuộc thẩm quyền", "Không thuộc thẩm quyền"),
    ],
)
def test_reason_of_a_refund_is_told_in_both_languages(app: Flask, reason: str, told: str) -> None:
    for language, expected in (("vi", reason), ("en", told)):
        with app.test_request_context("/"):
            session["language"] = language
            assert refund_told(reason) == expected
