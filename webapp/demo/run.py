"""``motcua demo``: one dossier from filing to signed result, without a browser, through the same commands."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from connectors.letters.tinos import tinos_files
from connectors.payment.sandbox import PaymentSandbox
from engine.commands.fees import BeginPayment, RecordPayment
from engine.commands.intake import AttachUpload, FileDossier, SaveDraft, StartDraft
from engine.commands.results import HandOver
from engine.commands.tasks import ClaimTask, CompleteTask
from engine.errors import InvalidInput, MotcuaError
from engine.model.permission import Actor
from engine.ports import PaymentIntent
from engine.store.records import Task
from engine.values import Digest, Money
from webapp.bootstrap import Product
from webapp.register_answers import SELF, ask

UNIT = "H56.12"
PROCEDURE = "2.000815"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the demo prints."""

    number: str
    record: dict[str, Any]


class DemoRun:
    """Plays citizen, desk, judicial officer and leader one after the other."""

    def __init__(self, product: Product, *, say: Callable[[str], None], payment: PaymentSandbox | None = None) -> None:
        self.product, self.say = product, say
        self._payment = payment or (product.sandboxes.payment if product.sandboxes else None)
        self.worker = product.worker()

    def person(self, login: str) -> Actor:
        """A demo person with the posts held now."""
        with self.product.database.begin() as uow:
            actor = uow.organisation.actor(login, self.product.clock.now())
        assert actor is not None
        return actor

    def play(self) -> Outcome:
        """The whole path of a certified copy; every step goes through the bus."""
        citizen = self.person("lan")
        number = self.file(citizen)
        self.pay(citizen, number)
        self.worker.drain()
        desk = {"da_doi_chieu": True, "quyet_dinh": "accept"}
        self.complete("binh", number, "desk", desk)
        checks = ["ban_chinh", "so_trang", "chu_ky_dau", "noi_dung"]
        self.complete(
            "hoa", number, "prepare", {"ket_luan": "certify", "kiem_tra": checks, "loi_chung": "giay_va_dien_tu"}
        )
        self.complete("toan", number, "sign", {"quyet_dinh": "approve", "da_xem": True})
        self.product.bus.execute(HandOver(dossier=number, way="online"), citizen)
        return Outcome(number=number, record=self.record(number))

    def file(self, citizen: Actor) -> str:
        """Draft, upload, file; the dossier's number."""
        draft = self.prepare(citizen)
        number = str(self.product.bus.execute(FileDossier(draft=draft), citizen)["number"])
        self.say(f"{number}: filed")
        self.worker.drain()
        return number

    def prepare(self, citizen: Actor) -> str:
        """A filled-in draft with its upload; the draft's id."""
        bus, now = self.product.bus, self.product.clock.now()
        known = ask(self.product.ports.registries, "population", citizen.person_id, citizen)
        draft = bus.execute(StartDraft(procedure=PROCEDURE, unit=UNIT, registers={SELF: known}), citizen)["draft"]
        content = sample_paper(now)
        seen = self.product.inspector.inspect("bang-tot-nghiep.png", content)
        upload = AttachUpload(
            draft=draft,
            name="bang-tot-nghiep.png",
            digest=self.product.ports.files.put(content),
            media_type=seen.media_type,
            pages=seen.pages,
            size=len(content),
            view="",
        )
        document = bus.execute(upload, citizen)["document"]
        with self.product.database.begin() as uow:
            data = uow.drafts.get(draft).data
        paper = {
            "ten": "Bằng tốt nghiệp đại học",
            "loai": "van_bang",
            "nguoi_duoc_cap": "Nguyễn Thị Lan",
            "so_hieu": "QH-2012/0456",
            "ngay_cap": "2012-06-30",
            "so_trang": 1,
            "so_ban": 3,
            "ban_dien_tu": True,
            "tep_quet": document,
        }
        bus.execute(SaveDraft(draft=draft, data=data | {"giay_to": [paper], "cam_doan": True}), citizen)
        return str(draft)

    def pay(self, citizen: Actor, number: str) -> None:
        """Pay every charge at the gateway's sandbox; its signed notice is recorded as the web would."""
        assert self._payment is not None
        with self.product.database.begin() as uow:
            charges = [charge for charge in uow.money.charges(number) if charge.state == "due"]
        for charge in charges:
            order = self.product.bus.execute(BeginPayment(charge=charge.id), citizen)
            url = self.product.gateway.payment_url(
                PaymentIntent(
                    reference=order["reference"],
                    amount=Money(order["amount"]),
                    purpose=order["purpose"],
                    account=order["account"],
                    bank=order["bank"],
                    beneficiary=order["beneficiary"],
                    return_url=self.product.settings.address,
                    created_at=datetime.fromisoformat(order["at"]),
                )
            )
            notice = self.product.gateway.read_notice(self._payment.order(url))
            answer = self.product.bus.execute(
                RecordPayment(
                    gateway=self.product.gateway.name,
                    reference=notice.reference,
                    amount=notice.amount,
                    transaction=notice.transaction,
                    succeeded=notice.succeeded,
                    paid_at=notice.paid_at,
                    raw=dict(notice.raw),
                ),
                citizen,
            )
            self.say(f"{number}: paid {charge.amount} đồng ({answer['code']})")

    def task(self, number: str, node: str) -> Task:
        """The open task of a step."""
        with self.product.database.begin() as uow:
            dossier = uow.dossiers.get(number)
            for task in uow.tasks.of(number):
                if task.node == node and task.state == "open":
                    return task
        raise InvalidInput(what=f"{number}/{node}", why=f"no such task is open ({dossier.waiting_for or 'no reason'})")

    def complete(self, login: str, number: str, node: str, data: dict[str, Any]) -> None:
        """Claim and complete a step as somebody, then let the worker do what follows."""
        actor, task = self.person(login), self.task(number, node)
        claimed = self.product.bus.execute(ClaimTask(task=task.id, revision=task.revision), actor)
        self.product.bus.execute(CompleteTask(task=task.id, data=data, revision=claimed["revision"]), actor)
        self.worker.drain()
        self.say(f"{number}: {task.name} – {actor.name}")

    def record(self, number: str) -> dict[str, Any]:
        """Number, trace, chain head, fee, receipt, what was read, and where the signed file lies."""
        with self.product.database.begin() as uow:
            dossier, events = uow.dossiers.get(number), uow.journal.of(number)
            result, receipts = uow.results.of(number), uow.money.receipts(number)
            charges, readings = uow.money.charges(number), uow.documents.readings(number)
        if result is None:
            raise MotcuaError()
        signed = self.product.settings.home / f"{number}.pdf"
        signed.write_bytes(self.product.ports.files.get(Digest(result.digest)))
        return {
            "number": number,
            "trace": [
                {
                    "seq": event.seq,
                    "at": event.at.isoformat(),
                    "kind": event.kind,
                    "actor": event.actor,
                    "node": event.node,
                }
                for event in events
            ],
            "chain_head": dossier.head,
            "fee": sum(charge.amount for charge in charges),
            "receipt": receipts[0].number if receipts else None,
            "ocr": [{field["key"]: field["value"] for field in reading.fields} for reading in readings],
            "result_number": result.number,
            "signatures": result.signatures,
            "due_at": dossier.due_at.isoformat() if dossier.due_at else None,
            "pdf": str(Path(signed).resolve()),
        }


def sample_paper(now: datetime) -> bytes:
    """A scanned degree of an invented person, 200 dpi, as PNG."""
    page = Image.new("L", (1654, 1169), 250)
    draw = ImageDraw.Draw(page)
    regular = str(next(iter(tinos_files().values())))
    big, text = ImageFont.truetype(regular, 58), ImageFont.truetype(regular, 38)
    draw.text((827, 130), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", font=text, fill=20, anchor="mm")
    draw.text((827, 190), "Độc lập - Tự do - Hạnh phúc", font=text, fill=20, anchor="mm")
    draw.text((827, 330), "BẰNG TỐT NGHIỆP ĐẠI HỌC", font=big, fill=20, anchor="mm")
    lines = (
        "Cấp cho: Nguyễn Thị Lan",
        "Ngày sinh: 08/03/1990",
        "Ngành: Quản lý đất đai",
        "Xếp loại: Khá",
        "Số hiệu: QH-2012/0456",
        "Ngày cấp: 30/06/2012",
    )
    for place, line in enumerate(lines):
        draw.text((300, 470 + place * 90), line, font=text, fill=20)
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(200, 200))
    return out.getvalue()
