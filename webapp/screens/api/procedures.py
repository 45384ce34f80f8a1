"""The procedures in force: list, search, and everything a client needs to file one."""

from __future__ import annotations

from typing import Any

from flask import Response

from engine.definitions.manifest import Named
from engine.errors import NotFound, Text
from engine.queries.catalogue import Catalogue, CatalogueRow, found
from engine.queries.decision_notes import decision_notes
from webapp import web
from webapp.screens.api.call import Call, answer
from webapp.screens.api.problems import QueryInvalid

_catalogue = Catalogue()


def listed(call: Call) -> Response:
    """The procedures that contain every word asked for, the best first; by field when nothing is asked."""
    limit, after = page_size(call.query.get("limit", "")), call.query.get("after", "")
    with web.reading() as uow:
        rows = found(_catalogue.rows(uow.connection, web.product().clock.now()), call.query.get("q", "")[:200])
    codes = [row.code for row in rows]
    if after and after not in codes:
        raise QueryInvalid(what="after", why=Text(vi="không thuộc kết quả này", en="not of this result"))
    start = codes.index(after) + 1 if after else 0
    shown = rows[start : start + limit]
    more = shown[-1].code if start + limit < len(rows) else None
    return answer({"items": [_row(row) for row in shown], "page": {"limit": limit, "after": more}})


def page_size(text: str) -> int:
    """The ``limit`` parameter, 25 when it is not given."""
    if not text:
        return 25
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= 100):
        raise QueryInvalid(what="limit", why=Text(vi="từ 1 đến 100", en="from 1 to 100"))
    return int(text)


def _row(row: CatalogueRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "version": row.digest,
        "name": words(row.name),
        "short_name": words(row.short_name),
        "summary": words(row.summary),
        "field": {"code": row.field, "name": words(row.field_name)},
        "level": row.level,
        "online": row.online,
        "free": row.free,
    }


def words(text: Text) -> dict[str, str]:
    """A sentence in both languages."""
    return {"vi": text.vi, "en": text.en}


def read(call: Call) -> Response:
    """One procedure: manifest, the application form's schema, papers, fees, limits, and where it may be filed."""
    code, now = call.path["code"], web.product().clock.now()
    with web.reading() as uow:
        deployment = uow.definitions.in_force(code, now)
        if deployment is None:
            raise NotFound(what=Text(vi=f"thủ tục {code[:40]}", en=f"procedure {code[:40]}"))
        procedure = web.procedure(uow, deployment.digest)
        units = [unit for unit in uow.organisation.units(now) if unit.kind == procedure.manifest.level]
    manifest = procedure.manifest
    form = procedure.form(manifest.application_form)
    return answer(
        {
            "code": manifest.code,
            "version": deployment.digest,
            "release": manifest.version,
            "effective_from": deployment.effective_from,
            "name": words(manifest.name),
            "short_name": words(manifest.short_name),
            "summary": words(manifest.summary),
            "field": {"code": manifest.field.code, "name": words(manifest.field.name)},
            "level": manifest.level,
            "decision": manifest.decision,
            "legal": manifest.legal,
            "channels": manifest.channels,
            "limits": manifest.limits,
            "fees": [_named(fee) for fee in manifest.fees],
            "fee_notes": decision_notes(procedure.package.files) if manifest.fees else [],
            "papers": [_named(paper) | {"required": paper.required} for paper in manifest.papers],
            "results": [_named(result) for result in manifest.results],
            "units": [{"code": unit.code, "name": unit.name} for unit in units],
            "application_form": {"name": manifest.application_form, "schema": form.schema},
        }
    )


def _named(thing: Named) -> dict[str, Any]:
    return {"code": thing.code, "name": words(thing.name)}
