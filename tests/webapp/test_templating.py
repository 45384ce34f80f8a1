"""Templates with their words in place: what a page says is what the library would have said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, session, url_for
from flask.testing import FlaskClient
from flask_wtf.csrf import validate_csrf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import Markup, escape

from tests.webapp.conftest import SignIn
from webapp.templating import Pages, Quick

_SIGN_OUT = {"vi": "Đăng xuất", "en": "Sign out"}


@pytest.fixture(params=["vi", "en"])
def pages(app: Flask, request: pytest.FixtureRequest) -> Iterator[Pages]:
    """The templates of a request in one language."""
    with app.test_request_context("/"):
        session["language"] = request.param
        assert app.jinja_env.spoken == request.param  # type: ignore[attr-defined]
        yield app.jinja_env  # type: ignore[misc]


def _said(pages: Pages, template: str, **values: object) -> str:
    return pages.from_string(template).render(**values)


def test_fixed_sentence_stands_in_the_compiled_template(pages: Pages) -> None:
    said = _SIGN_OUT[pages.spoken]
    assert _said(pages, '<a title="{{ _("Đăng xuất") }}">{{ gettext(\'Đăng xuất\') }}</a>') == (
        f'<a title="{said}">{said}</a>'
    )
    assert f"yield '<b>{said}</b>'" in pages.compile('<b>{{ _("Đăng xuất") }}</b>', raw=True)


def test_sentence_in_an_expression_is_markup_as_before(pages: Pages) -> None:
    said = _SIGN_OUT[pages.spoken]
    template = '{% set a = _("Đăng xuất") if yes else _("Lọc") %}{{ a }}|{{ a ~ tail }}|{{ _("Đăng xuất")|length }}'
    assert _said(pages, template, yes=True, tail="<i>") == f"{said}|{said}&lt;i&gt;|{len(said)}"


def test_sentence_with_values_or_from_a_name_is_said_when_the_page_is_made(pages: Pages) -> None:
    shown = {"vi": "Mọi người của &lt;b&gt;", "en": "Everybody in &lt;b&gt;"}[pages.spoken]
    assert _said(pages, '{{ _("Mọi người của %(unit)s", unit=name) }}', name="<b>") == shown
    assert _said(pages, "{{ _(sentence) }}", sentence="Đăng xuất") == _SIGN_OUT[pages.spoken]


def test_percent_sign_and_quotes_are_what_they_were(pages: Pages) -> None:
    assert _said(pages, "{{ _('Không có trong danh mục %% \\'x\\' \"y\"') }}") == (
        "Không có trong danh mục % 'x' \"y\""
    )


def test_entry_of_a_record_called_like_our_words_is_left_alone(pages: Pages) -> None:
    record = {"_": lambda text: f"own {text}"}
    assert _said(pages, '{{ record._("Đăng xuất") }}', record=record) == "own Đăng xuất"


class _Marked:
    def __html__(self) -> str:
        return "<b>"


_VALUES = st.one_of(
    st.text(), st.text(alphabet="&<>\"'aă"), st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False),
    st.text(alphabet="<a").map(Markup), st.just(_Marked()),
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=_VALUES)
def test_every_value_is_escaped_as_the_library_does(value: object) -> None:
    template = "{{ value }}|{% macro m(x) %}<i>{{ x }}</i>{% endmacro %}{{ m(value) }}|{{ m(value) ~ '<' }}"
    library = Environment(autoescape=True)
    assert Quick.said(value) == escape(value)
    assert Quick(autoescape=True).from_string(template).render(value=value) == (
        library.from_string(template).render(value=value)
    )


def test_both_languages_are_served_by_one_application_in_turn(client: SignIn) -> None:
    reader: FlaskClient = client("lan")
    for language, other in (("en", "vi"), ("vi", "en"), ("en", "vi")):
        text = reader.get(f"/my?lang={language}", follow_redirects=True).get_data(as_text=True)
        assert _SIGN_OUT[language] in text and _SIGN_OUT[other] not in text


def test_addresses_are_those_of_the_library(app: Flask) -> None:
    """Each endpoint with the arguments of its rule and one more, at the root and below a prefix."""
    for root in ("", "/prefix"):
        with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            for rule in app.url_map.iter_rules():
                kinds = rule._converters
                values = {name: 7 if "Integer" in type(kinds[name]).__name__ else "a b/ế?&" for name in rule.arguments}
                values |= {"q": "x y&ế", "n": 3}
                expected = Flask.url_for(app, rule.endpoint, **values)
                assert app.url_for(rule.endpoint, **values) == expected
                assert url_for(rule.endpoint, **values) == expected


def test_token_of_a_form_holds_and_is_one_for_the_session(app: Flask) -> None:
    visitor = app.test_client()
    with visitor.session_transaction() as kept:
        kept["login"], kept["csrf_token"] = "lan", "a" * 40
    found = {visitor.get("/my").get_data(as_text=True).partition('name="csrf_token" value="')[2][:91] for _ in range(2)}
    [token] = {text.partition('"')[0] for text in found}
    with app.test_request_context("/"):
        session["csrf_token"] = "a" * 40
        validate_csrf(token)
        session["csrf_token"] = "b" * 40
        with pytest.raises(ValueError, match="do not match"):
            validate_csrf(token)


def test_what_a_page_does_to_its_session_stays_there(app: Flask) -> None:
    """Two requests with one cookie: a message put into the first one's session is not in the second's."""
    visitor = app.test_client()
    with visitor.session_transaction() as kept:
        kept["login"], kept["_flashes"] = "lan", [("info", "once")]
    cookie = visitor.get_cookie("motcua")
    assert cookie is not None
    headers = {"Cookie": f"motcua={cookie.value}"}
    for _ in range(2):
        shown = app.test_client(use_cookies=False).get("/my", headers=headers).get_data(as_text=True)
        assert shown.count("once") == 1
