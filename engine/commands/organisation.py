"""Units, people, who does what where, and the certificates they sign with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from engine.commands.context import Context
from engine.commands.operations import ReasonMissing
from engine.errors import DomainError, Forbidden, NotFound, Text
from engine.model.permission import OPERATOR
from engine.store.certificates import ACCOUNT, UNIT, CertificateChange
from engine.store.records import Account, Assignment, Unit
from engine.values import CertificateSerial


class CertificateUnchanged(DomainError):
    """{holder} signs with the certificate {serial} already; nothing was changed."""

    code = "certificate-unchanged"
    vi = "{holder} đang dùng chính chứng thư {serial}; chưa có gì thay đổi."


class CertificateHeld(DomainError):
    """The certificate {serial} is entered for {other} already. Whoever signs with it would be taken for them: enter
    another one for {other} first."""

    code = "certificate-held"
    vi = (
        "Chứng thư {serial} đang được ghi cho {other}. Chữ ký bằng chứng thư này sẽ bị nhận nhầm người; hãy thay "
        "chứng thư của {other} trước."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUnit:
    """Enter a unit as of its date."""

    unit: Unit


def add_unit(context: Context, command: AddUnit) -> dict[str, Any]:
    """The unit's code."""
    _operator(context)
    _nobody_elses(context, command.unit, command.unit.certificate)
    context.uow.organisation.add_unit(command.unit)
    return {"unit": command.unit.code}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAccount:
    """Enter a person who can sign in, with the posts held."""

    account: Account
    posts: tuple[tuple[str, str], ...] = ()  #: (unit, role)


def add_account(context: Context, command: AddAccount) -> dict[str, Any]:
    """The account's login."""
    _operator(context)
    _nobody_elses(context, command.account, command.account.certificate)
    context.uow.organisation.add_account(command.account)
    for place, (unit, role) in enumerate(command.posts):
        context.uow.organisation.assign(
            Assignment(
                id=f"{command.account.login}:{place}",
                login=command.account.login,
                unit=unit,
                role=role,
                valid_from=context.now,
                valid_to=None,
            )
        )
    return {"login": command.account.login}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewCertificate:
    """An official signs with another certificate from now on; what was signed before keeps its own."""

    login: str
    serial: str  #: as the authority prints it
    reason: str


def renew_certificate(context: Context, command: RenewCertificate) -> dict[str, Any]:
    """The login with the former and the new serial number."""
    _operator(context)
    organisation = context.uow.organisation
    account = organisation.account(command.login)
    if account is None:
        raise NotFound(what=Text(vi=f"tài khoản {command.login}", en=f"account {command.login}"))
    change = _change(context, account, command)
    organisation.renew_account(account, change.serial)
    return {"login": account.login, "former": change.former, "serial": change.serial}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewUnitCertificate:
    """A unit seals with another certificate from now on; what was sealed before keeps its own."""

    unit: str
    serial: str  #: as the authority prints it
    reason: str


def renew_unit_certificate(context: Context, command: RenewUnitCertificate) -> dict[str, Any]:
    """The unit's code with the former and the new serial number."""
    _operator(context)
    organisation = context.uow.organisation
    unit = organisation.unit(command.unit, context.now)
    change = _change(context, unit, command)
    organisation.renew_unit(unit, change.serial, context.now)
    return {"unit": unit.code, "former": change.former, "serial": change.serial}


def _change(
    context: Context, held_by: Account | Unit, command: RenewCertificate | RenewUnitCertificate
) -> CertificateChange:
    """The renewal as it is remembered."""
    kind, holder = (UNIT, held_by.code) if isinstance(held_by, Unit) else (ACCOUNT, held_by.login)
    former, serial, reason = held_by.certificate, CertificateSerial(command.serial), command.reason.strip()
    if not reason:
        raise ReasonMissing(what=Text(vi="thay chứng thư số", en="renewing a certificate"))
    if serial == former:
        raise CertificateUnchanged(holder=holder, serial=serial)
    _nobody_elses(context, held_by, serial)
    change = CertificateChange(
        id=secrets.token_hex(8),
        kind=kind,
        holder=holder,
        former=former,
        serial=serial,
        reason=reason[:500],
        changed_by=context.actor.login,
        changed_at=context.now,
    )
    context.uow.certificates.add(change)
    return change


def _nobody_elses(context: Context, held_by: Account | Unit, serial: str) -> None:
    """``CertificateHeld`` where the number is another holder's; entries of certificates wait for each other."""
    if not serial:
        return
    context.uow.numbers.next("certificates-entered")
    for other in context.uow.organisation.others_with(serial, held_by, context.now)[:1]:
        named = f"{other.id} ({other.name})"
        kind = ("tài khoản", "account") if other.kind == ACCOUNT else ("đơn vị", "unit")
        raise CertificateHeld(serial=serial, other=Text(vi=f"{kind[0]} {named}", en=f"the {kind[1]} {named}"))


def _operator(context: Context) -> None:
    if not (context.actor.is_system or any(post.role == OPERATOR for post in context.actor.posts)):
        raise Forbidden(why=Text(vi="cần vai trò quản trị", en="needs the role operator"))
