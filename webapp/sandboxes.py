"""The demo's outside world on loopback: time stamps and revocation, payment, registers, mail. Never in production."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connectors.notify.sandbox import MailSandbox
from connectors.payment.sandbox import PaymentSandbox
from connectors.registry.sandbox import RegistrySandbox
from connectors.signing.sandbox import DevelopmentPki, SigningSandbox, create_pki
from engine.ports import Clock
from webapp.demo.people import OFFICERS, PEOPLE_FILE, UNITS
from webapp.ports import require_free
from webapp.secrets_file import Secrets
from webapp.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandboxes:
    """The four running services; the development PKI is made at first start."""

    signing: SigningSandbox
    payment: PaymentSandbox
    registry: RegistrySandbox
    mail: MailSandbox
    pki: DevelopmentPki
    signing_url: str
    payment_url: str
    registry_url: str
    mail_port: int
    mail_folder: Path

    def stop(self) -> None:
        """Stop all four."""
        for service in (self.signing, self.payment, self.registry, self.mail):
            service.stop()


def start_sandboxes(settings: Settings, secrets: Secrets, clock: Clock) -> Sandboxes:
    """Start the services on four ports from ``sandbox_port`` on."""
    home, base = settings.home, settings.sandbox_port
    for port in range(base, base + 4):
        require_free("127.0.0.1", port, "MOTCUA_SANDBOX_PORT")
    mail = MailSandbox(home / "mail", production=settings.production)
    _, mail_port = mail.start(base + 3)
    payment = PaymentSandbox(
        secret=secrets["gateway"],
        notice_url=f"http://{settings.host}:{settings.port}/payments/notice",
        now=clock.now,
        production=settings.production,
    )
    payment_url = payment.start(base + 1)
    registry = RegistrySandbox(PEOPLE_FILE, token=secrets["registry"], now=clock.now, production=settings.production)
    registry_url = registry.start(base + 2)
    signing_url = f"http://127.0.0.1:{base}"
    pki = create_pki(
        home,
        officers=[(login, name, unit) for login, name, unit in OFFICERS],
        units=[(unit.code, unit.name) for unit in UNITS],
        url=signing_url,
        clock=clock,
    )
    signing = SigningSandbox(home, clock=clock, production=settings.production)
    signing.start(base)
    return Sandboxes(
        signing=signing,
        payment=payment,
        registry=registry,
        mail=mail,
        pki=pki,
        signing_url=signing_url,
        payment_url=payment_url,
        registry_url=registry_url,
        mail_port=mail_port,
        mail_folder=home / "mail",
    )
