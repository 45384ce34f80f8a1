"""What a load test works on: communes with officials, and dossiers that wait at their desks. All invented."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageDraw

from connectors.payment.sandbox import PaymentSandbox
from engine.commands.fees import BeginPayment, RecordPayment
from engine.commands.intake import AttachUpload, FileDossier, SaveDraft, StartDraft
from engine.commands.organisation import AddAccount, AddUnit
from engine.model import permission as role
from engine.model.permission import SYSTEM, Actor
from engine.ports import PaymentIntent
from engine.store.records import Account
from engine.values import Money
from webapp.bootstrap import Product
from webapp.demo.people import UNITS
from webapp.demo.run import PROCEDURE
from webapp.register_answers import SELF, ask
from webapp.scenarios.faults import Broken, FastLetters, FaultyReader

#: The posts of one commune that work on a certified copy.
ROLES = (role.DESK, role.SPECIALIST, role.LEADER)
_CITIZEN = "lan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """Somebody who works during the load test."""

    login: str
    unit: str
    role: str


def without_machines(product: Product) -> Product:
    """The product whose OCR and PDF are made elsewhere: they answer at once and cost this machine nothing.

    In an installation of this size they run on worker machines of their own (see docs/operations.md); everything that
    the database, the bus, the worker and the web have to do for them is done.
    """
    ports = dataclasses.replace(
        product.ports,
        reader=FaultyReader(product.ports.reader, Broken(), fast=True),
        letters=FastLetters(product.ports.letters),
    )
    return dataclasses.replace(product, ports=ports)


def officials(units: int) -> list[Official]:
    """Desk, specialist and leader of ``units`` communes."""
    codes = [f"H56.{number}" for number in range(100, 100 + units)]
    return [Official(login=f"{held}-{code[4:]}", unit=code, role=held) for code in codes for held in ROLES]


def add_communes(product: Product, staff: list[Official]) -> None:
    """Enter the units and their officials; nobody of them can sign in by a password."""
    for number, code in enumerate(sorted({official.unit for official in staff})):
        unit = dataclasses.replace(UNITS[0], code=code, name=f"Ủy ban nhân dân xã số {number}", certificate="")
        product.bus.execute(AddUnit(unit=unit), SYSTEM)
    for official in staff:
        account = Account(
            login=official.login, name=f"{official.role} {official.unit}", person_id="", email="", phone="",
            password="", certificate="", active=True,
        )  # fmt: skip
        product.bus.execute(AddAccount(account=account, posts=((official.unit, official.role),)), SYSTEM)


class Citizens:
    """Files dossiers and pays their fees, until they wait at a desk."""

    def __init__(self, product: Product) -> None:
        self.product, self.bus = without_machines(product), product.bus
        self._payment = PaymentSandbox(
            secret=product.settings.gateway_secret, notice_url="", now=product.clock.now
        )  # never started: it signs notices
        with product.database.begin() as uow:
            citizen = uow.organisation.actor(_CITIZEN, product.clock.now())
        assert citizen is not None
        self._citizen: Actor = citizen
        self._known = ask(product.ports.registries, "population", citizen.person_id, citizen)
        self._digest = product.ports.files.put(_paper(product.clock.now()))

    def file(self, unit: str) -> str:
        """A dossier of a unit that is filed; its number."""
        bus, citizen = self.bus, self._citizen
        draft = bus.execute(StartDraft(procedure=PROCEDURE, unit=unit, registers={SELF: self._known}), citizen)["draft"]
        upload = AttachUpload(
            draft=draft, name="bang.png", digest=self._digest, media_type="image/png", pages=1, size=20_000, view=""
        )
        document = bus.execute(upload, citizen)["document"]
        with self.product.database.begin() as uow:
            data = uow.drafts.get(draft).data
        paper = {
            "ten": "Bằng tốt nghiệp đại học", "loai": "van_bang", "nguoi_duoc_cap": "Nguyễn Thị Lan",
            "so_hieu": "QH-2012/0456", "ngay_cap": "2012-06-30", "so_trang": 1, "so_ban": 3, "ban_dien_tu": True,
            "tep_quet": document,
        }  # fmt: skip
        bus.execute(SaveDraft(draft=draft, data=data | {"giay_to": [paper], "cam_doan": True}), citizen)
        return str(bus.execute(FileDossier(draft=draft), citizen)["number"])

    def pay(self, number: str) -> None:
        """Pay what is due."""
        product = self.product
        with product.database.begin() as uow:
            charges = [charge for charge in uow.money.charges(number) if charge.state == "due"]
        for charge in charges:
            order = self.bus.execute(BeginPayment(charge=charge.id), self._citizen)
            intent = PaymentIntent(
                reference=order["reference"], amount=Money(order["amount"]), purpose=order["purpose"],
                account=order["account"], bank=order["bank"], beneficiary=order["beneficiary"],
                return_url=product.settings.address, created_at=datetime.fromisoformat(order["at"]),
            )  # fmt: skip
            notice = product.gateway.read_notice(self._payment.order(product.gateway.payment_url(intent)))
            command = RecordPayment(
                gateway=product.gateway.name, reference=notice.reference, amount=notice.amount,
                transaction=f"{notice.reference}", succeeded=True, paid_at=notice.paid_at, raw=dict(notice.raw),
            )  # fmt: skip
            self.bus.execute(command, SYSTEM)

    def fill(self, units: list[str], each: int) -> Iterator[str]:
        """``each`` dossiers for every unit, brought to its desk; their numbers."""
        worker = self.product.worker()
        for _ in range(each):
            numbers = [self.file(unit) for unit in units]
            worker.drain()
            for number in numbers:
                self.pay(number)
            worker.drain()
            yield from numbers


def _paper(now: datetime) -> bytes:
    page = Image.new("L", (1240, 877), 250)
    ImageDraw.Draw(page).text((200, 200), f"BANG TOT NGHIEP {now:%Y}", fill=20)
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(150, 150))
    return out.getvalue()
