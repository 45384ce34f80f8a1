"""Anybody may check the signatures of a PDF, and whether it is a result of this installation."""

from __future__ import annotations

from flask import Response

from engine.errors import Text
from engine.values import Digest
from webapp import web
from webapp.screens.api.call import Call, answer
from webapp.screens.api.problems import BodyUnreadable


def verify(call: Call) -> Response:
    """One report per signature; ``valid`` only when there is at least one and every one of them holds."""
    content: bytes = call.body
    if not content.startswith(b"%PDF-"):
        raise BodyUnreadable(why=Text(vi="không phải tệp PDF", en="not a PDF file"))
    product = web.product()
    digest = Digest.of(content)
    with web.reading() as uow:
        result = uow.results.by_digest(digest)
    reports = product.ports.verifier.verify(content, at=product.clock.now())
    return answer(
        {
            "digest": digest,
            "valid": bool(reports) and all(report.valid for report in reports),
            "signatures": reports,
            "issued_here": {"number": result.number, "signed_at": result.signed_at} if result else None,
        }
    )
