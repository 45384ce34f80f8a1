"""Plays dossiers on and on from wherever the database stands, and says aloud what was acknowledged."""

from __future__ import annotations

import dataclasses
import io
import itertools
import os
import random
import time
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageDraw

from connectors.payment.sandbox import PaymentSandbox
from engine.bus import Bus
from engine.commands.fees import BeginPayment, RecordPayment
from engine.commands.intake import AttachUpload, FileDossier, SaveDraft, StartDraft
from engine.commands.results import HandOver
from engine.model.permission import SYSTEM, Actor
from engine.ports import PaymentIntent, PaymentNotice
from engine.store.database import Database
from engine.store.records import Charge, Draft
from engine.store.statement import Statement
from engine.values import Money
from webapp.bootstrap import Product
from webapp.demo.run import PROCEDURE, UNIT, DemoRun
from webapp.register_answers import SELF, ask

ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "desk": ("binh", {"da_doi_chieu": True, "quyet_dinh": "accept"}),
    "prepare": (
        "hoa",
        {
            "ket_luan": "certify",
            "kiem_tra": ["ban_chinh", "so_trang", "chu_ky_dau", "noi_dung"],
            "loi_chung": "giay_va_dien_tu",
        },
    ),
    "sign": ("toan", {"quyet_dinh": "approve", "da_xem": True}),
}
#: What is not over yet: whoever begins anew need not look through everything that is.
_UNDELIVERED = Statement("SELECT number FROM dossier WHERE delivery <> 'DELIVERED' ORDER BY number")
_CITIZEN = "lan"


def small_paper() -> bytes:
    """A scanned paper of nobody that is read quickly."""
    page = Image.new("L", (600, 420), 250)
    ImageDraw.Draw(page).text((40, 60), "BANG TOT NGHIEP\nSo hieu: QH-2012/0456", fill=20)
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(200, 200))
    return out.getvalue()


def on_database(product: Product, database: Database) -> Product:
    """The same product on another database connection; what a restarted process has."""
    bus = Bus(database, product.clock, product.bus.library, product.bus.rules)
    return dataclasses.replace(product, database=database, bus=bus)


class Player:
    """Everybody at once: drafts, uploads, files, pays, works the inbox, delivers, takes the result."""

    def __init__(self, product: Product, acknowledge: int = -1, *, hasty: bool = False) -> None:
        self.payment = PaymentSandbox(secret=product.secrets["gateway"], notice_url="", now=product.clock.now)
        self.payment._numbers = itertools.count(time.time_ns())  # transactions of one gateway never repeat
        self.demo = DemoRun(product, say=lambda line: None, payment=self.payment)
        self.product, self.bus = product, product.bus
        self._acknowledge, self._hasty = acknowledge, hasty
        self.facts: list[str] = []  #: everything said so far
        self._chance = random.Random(time.time_ns())

    def say(self, fact: str) -> None:
        """Tell the outside that a command has answered: from now on it must not be lost."""
        self.facts.append(fact)
        if self._acknowledge >= 0:
            os.write(self._acknowledge, f"{fact}\n".encode())

    def _done(self, fact: str, act: Callable[..., object], *given: object) -> None:
        """Do, then say so; who is hasty says so first, which a check must notice."""
        if self._hasty:
            self.say(fact)
        act(*given)
        if not self._hasty:
            self.say(fact)

    def run(self) -> None:
        """Play until killed."""
        self.say("ready")
        while True:
            if not self.step():
                self._begin()

    def step(self) -> bool:
        """Do what is open anywhere; False when every dossier is settled."""
        moved = bool(self.demo.worker.drain())
        citizen = self.demo.person(_CITIZEN)
        with self.product.database.begin() as uow:
            numbers = [str(row[0]) for row in _UNDELIVERED.run(uow.connection).fetchall()]
            drafts = uow.drafts.open_of(_CITIZEN)
            charges = [charge for number in numbers for charge in uow.money.charges(number) if charge.state == "due"]
            tasks = [task for number in numbers for task in uow.tasks.of(number) if task.state == "open"]
            issued = [number for number in numbers if uow.dossiers.get(number).delivery == "READY"]
        for draft in drafts:
            self._file(draft, citizen)
        for charge in charges:
            self._done(f"paid {charge.id}", self._pay, charge, citizen)
        for task in tasks:
            login, data = ANSWERS[task.node]
            self._done(f"completed {task.id}", self.demo.complete, login, task.dossier, task.node, data)
        for number in issued:
            self._done(f"taken {number}", self.bus.execute, HandOver(dossier=number, way="online"), citizen)
        return moved or bool(drafts or charges or tasks or issued)

    def filed(self) -> str:
        """One more dossier that is filed and whose papers nobody has read yet; its number."""
        citizen = self.demo.person(_CITIZEN)
        self._begin()
        with self.product.database.begin() as uow:
            (draft,) = uow.drafts.open_of(_CITIZEN)
        return self._file(draft, citizen)

    def _begin(self) -> None:
        """A new application with its upload; it is filed at the next step, by whoever is alive then."""
        citizen = self.demo.person(_CITIZEN)
        known = ask(self.product.ports.registries, "population", citizen.person_id, citizen)
        begin = StartDraft(procedure=PROCEDURE, unit=UNIT, registers={SELF: known})
        self.say(f"drafted {self.bus.execute(begin, citizen)['draft']}")

    def _upload(self, draft: Draft, citizen: Actor) -> str:
        with self.product.database.begin() as uow:
            kept = [document.id for document in uow.documents.of_draft(draft.id)]
        if kept:
            return kept[0]
        content = small_paper()
        seen = self.product.inspector.inspect("bang.png", content)
        upload = AttachUpload(
            draft=draft.id, name="bang.png", digest=self.product.ports.files.put(content),
            media_type=seen.media_type, pages=seen.pages, size=len(content), view="",
        )  # fmt: skip
        document = str(self.bus.execute(upload, citizen)["document"])
        self.say(f"uploaded {document}")
        return document

    def _file(self, draft: Draft, citizen: Actor) -> str:
        paper = {
            "ten": "Bằng tốt nghiệp đại học", "loai": "van_bang", "nguoi_duoc_cap": "Nguyễn Thị Lan",
            "so_hieu": "QH-2012/0456", "ngay_cap": "2012-06-30", "so_trang": 1, "so_ban": 3, "ban_dien_tu": True,
            "tep_quet": self._upload(draft, citizen),
        }  # fmt: skip
        self.bus.execute(SaveDraft(draft=draft.id, data=draft.data | {"giay_to": [paper], "cam_doan": True}), citizen)
        filed = self.bus.execute(FileDossier(draft=draft.id), citizen, key=f"file:{draft.id}")
        self.say(f"filed {filed['number']}")
        return str(filed["number"])

    def _pay(self, charge: Charge, citizen: Actor) -> None:
        """Pay at the gateway; its notice comes, and now and then comes again."""
        order = self.bus.execute(BeginPayment(charge=charge.id), citizen)
        url = self.product.gateway.payment_url(
            PaymentIntent(
                reference=order["reference"], amount=Money(order["amount"]), purpose=order["purpose"],
                account=order["account"], bank=order["bank"], beneficiary=order["beneficiary"],
                return_url=self.product.settings.address, created_at=self.product.clock.now(),
            )
        )  # fmt: skip
        notice = self.product.gateway.read_notice(self.payment.order(url))
        for _ in range(self._chance.choice((1, 1, 2))):
            self.bus.execute(self._told(notice), SYSTEM)

    def _told(self, notice: PaymentNotice) -> RecordPayment:
        return RecordPayment(
            gateway=self.product.gateway.name, reference=notice.reference, amount=notice.amount,
            transaction=notice.transaction, succeeded=notice.succeeded, paid_at=notice.paid_at, raw=dict(notice.raw),
        )  # fmt: skip
