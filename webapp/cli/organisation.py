"""The verb about who signs with what: certificate."""

from __future__ import annotations

from typing import Any

import click

from engine.commands.organisation import RenewCertificate, RenewUnitCertificate
from engine.errors import NotFound, Text
from engine.store.unit_of_work import UnitOfWork
from webapp.bootstrap import assemble, open_database
from webapp.cli.group import show
from webapp.logs import configure_logging
from webapp.settings import read_settings

_BY = click.option("--by", required=True, metavar="LOGIN", help="The operator who renews it.")
_REASON = click.option("--reason", required=True, help="Why, for instance the number of the letter.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def certificate() -> None:
    """Renew the certificate that an official or a unit signs with, or list who renewed which."""


@certificate.command()
@click.argument("login")
@click.argument("serial")
@_BY
@_REASON
@_JSON
def account(login: str, serial: str, by: str, reason: str, as_json: bool) -> None:
    """Let the official LOGIN sign with the certificate SERIAL (hexadecimal) from now on."""
    _renew(RenewCertificate(login=login, serial=serial, reason=reason), by, as_json=as_json)


@certificate.command()
@click.argument("code")
@click.argument("serial")
@_BY
@_REASON
@_JSON
def unit(code: str, serial: str, by: str, reason: str, as_json: bool) -> None:
    """Let the unit CODE seal with the certificate SERIAL (hexadecimal) from now on."""
    _renew(RenewUnitCertificate(unit=code, serial=serial, reason=reason), by, as_json=as_json)


@certificate.command()
@click.argument("holder", required=False, default="")
@_JSON
def history(holder: str, as_json: bool) -> None:
    """List the renewals of HOLDER (a login or a unit's code), or all: which came for which, by whom and why."""
    configure_logging("WARNING")
    database = open_database(read_settings())
    with database.read() as connection:
        changes = UnitOfWork(connection).certificates.changes(holder)
    database.close()
    if as_json:
        show(
            [
                {
                    "at": one.changed_at.isoformat(), "kind": one.kind, "holder": one.holder, "former": one.former,
                    "serial": one.serial, "by": one.changed_by, "reason": one.reason,
                }
                for one in changes
            ]
        )  # fmt: skip
        return
    for one in changes:
        told = f"{one.kind} {one.holder}: {one.former or '–'} → {one.serial}"
        click.echo(f"{one.changed_at:%Y-%m-%d %H:%M}  {told}  {one.changed_by}: {one.reason}")


def _renew(command: RenewCertificate | RenewUnitCertificate, by: str, *, as_json: bool) -> None:
    settings = read_settings()
    configure_logging("WARNING")
    with assemble(settings, sandboxes=False) as product:
        with product.database.read() as connection:
            actor = UnitOfWork(connection).organisation.actor(by, product.clock.now())
        if actor is None:
            raise NotFound(what=Text(vi=f"tài khoản đang hoạt động {by}", en=f"active account {by}"))
        answer: dict[str, Any] = product.bus.execute(command, actor)
    if as_json:
        show(answer)
        return
    holder = answer.get("login") or answer.get("unit")
    click.echo(f"{holder}: {answer['former'] or '–'} → {answer['serial']}")
