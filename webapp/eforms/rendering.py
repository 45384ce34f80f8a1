"""Pure functions from layout records to markup. Everything a person typed is escaped by the templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby

from jinja2 import PackageLoader, StrictUndefined
from markupsafe import Markup

from engine.forms import Change, Page, SummaryRow
from webapp.eforms.words import words
from webapp.templating import Quick


@cache
def _environment() -> Quick:
    return Quick(
        loader=PackageLoader("webapp.eforms"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_form(
    page: Page, *, action: str, csrf_token: str, submit: str = "", autosave_url: str = "", draft: bool = True
) -> Markup:
    """The whole form: error summary, fields and buttons, posting to ``action``.

    Buttons post ``act``: ``submit``, ``save`` (only with ``draft``), ``refresh`` and the add, remove and clear actions
    that ``read_post`` performs. Any ``act`` other than ``submit`` must answer with the form again and no errors.
    """
    return _render(
        "form.html",
        page=page,
        action=action,
        csrf_token=csrf_token,
        submit=submit,
        autosave_url=autosave_url,
        draft=draft,
    )


def render_fields(page: Page) -> Markup:
    """The fields alone, for a page that brings its own ``<form>`` and buttons (``novalidate``, multipart for files)."""
    return _render("fields.html", page=page)


def render_errors(page: Page) -> Markup:
    """The error summary, empty when there is nothing to correct. It belongs at the top of ``<main>``."""
    return _render("errors.html", page=page) if page.errors else Markup("")


def render_summary(
    rows: Sequence[SummaryRow], *, language: str, file_url: Callable[[str], str] | None = None, level: int = 2
) -> Markup:
    """Answers under their headings. ``file_url`` makes the link of a file id; without it only the name is shown."""
    groups = [
        (title, members, _shared_origin(members))
        for title, members in ((title, list(found)) for title, found in groupby(rows, key=lambda row: row.group))
    ]
    return _render("summary.html", groups=groups, language=language, file_url=file_url, level=level)


def render_changes(changes: Sequence[Change], *, language: str) -> Markup:
    """A table of what changed: entry, before, after."""
    return _render("changes.html", changes=changes, language=language)


def page_title(page: Page, title: str = "") -> str:
    """The text for ``<title>``: begins with "Lỗi:" when there is something to correct."""
    shown = title or page.title
    return f"{words(page.language)['error']}: {shown}" if page.errors else shown


def _shared_origin(rows: Sequence[SummaryRow]) -> str:
    """The origin that every row of a group has, said once at its head; empty when they differ."""
    origins = {row.origin for row in rows}
    return origins.pop() if len(origins) == 1 else ""


def _render(template: str, **context: object) -> Markup:
    page = context.get("page")
    language = page.language if isinstance(page, Page) else str(context["language"])
    return Markup(  # noqa: S704 - the environment escapes every value
        _environment().get_template(f"eforms/{template}").render(**context, w=words(language))
    )
