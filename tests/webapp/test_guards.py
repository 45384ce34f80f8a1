"""Who may open a page is said at the page: each route has a guard, or stands in the list of public ones."""

from __future__ import annotations

from typing import Any

from webapp.app import create_app
from webapp.bootstrap import Product
from webapp.screens.api.routes import ROUTES

#: Everybody may open these, and why.
PUBLIC = {
    "account.check": "whoever signs in is not signed in yet",
    "account.sign_in": "the same",
    "account.sign_out": "harmless to whoever is not signed in",
    "account.start": "the front page",
    "health.alive": "asked by machines; says one word",
    "health.metrics": "asked by machines; a token or the loopback guards it",
    "health.ready": "asked by machines; says what is out of order, nothing of dossiers",
    "payment_notice.notice": "the gateway's call; its signature is checked",
    "payments.back": "the gateway sends the browser back, perhaps another one; its signature is checked",
    "procedures.index": "the public list of procedures",
    "procedures.show": "what a procedure asks for and costs",
    "static": "styles, scripts and pictures",
    "tracking.find": "whoever holds a slip may ask how far the dossier is",
    "tracking.show": "an address that cannot be guessed; it names no person",
    "verify.check": "anybody may check a result that is shown to them",
    "verify.code": "the same, by the code on it",
    "verify.show": "the same",
}
#: Public operations of the interface; the others ask for a signed-in person before their view runs.
PUBLIC_OPERATIONS = {"document.show", "access.issue", "procedures.listed", "procedures.read", "signatures.verify"}


def _guarded(view: Any) -> bool:
    """Whether one of ``web.needs_sign_in`` and ``web.needs_role`` stands around the view."""
    while view is not None:
        if view.__code__.co_qualname.startswith(("needs_sign_in.", "needs_role.")):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def _unguarded(product: Product) -> list[str]:
    views = create_app(product).view_functions
    assert len(views) > 100
    return sorted(name for name, view in views.items() if not name.startswith("api.") and not _guarded(view))


def test_each_page_has_a_guard_or_is_public_by_name(installation: Product) -> None:
    assert _unguarded(installation) == sorted(PUBLIC)


def test_public_operations_of_the_interface_are_listed() -> None:
    assert {route.name for route in ROUTES if route.public} == PUBLIC_OPERATIONS
