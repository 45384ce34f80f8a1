"""Dossiers for tests of the interface, filed through the commands."""

from __future__ import annotations

from engine.commands.intake import AttachUpload, FileDossier, SaveDraft, StartDraft
from engine.ports import RegistryQuery
from tests.conftest import MORNING, person
from webapp.bootstrap import Product
from webapp.demo.run import DemoRun, sample_paper


def filed(product: Product, login: str = "lan", *, unit: str = "H56.12") -> str:
    """A filed dossier whose paper nobody has read and whose fee nobody has paid; its number."""
    actor, bus = person(product, login), product.bus
    query = RegistryQuery(register="population", subject=actor.person_id, purpose="Thử", dossier="", officer=login)
    answer = product.ports.registries["population"].look_up(query)
    known = {
        "source": answer.source,
        "at": answer.at.isoformat(),
        "data": dict(answer.data),
        "subject": actor.person_id,
        "purpose": query.purpose,
    }
    draft = bus.execute(StartDraft(procedure="2.000815", unit=unit, registers={"requester": known}), actor)["draft"]
    content = sample_paper(MORNING)
    upload = AttachUpload(
        draft=draft,
        name="a.png",
        digest=str(product.ports.files.put(content)),
        media_type="image/png",
        pages=1,
        size=len(content),
        view="",
        paper="ban_chinh",
    )
    document = bus.execute(upload, actor)["document"]
    with product.database.begin() as uow:
        data = uow.drafts.get(draft).data
    paper = {"ten": "Bằng", "loai": "van_bang", "so_trang": 1, "so_ban": 1, "tep_quet": document}
    bus.execute(SaveDraft(draft=draft, data=data | {"giay_to": [paper], "cam_doan": True}), actor)
    return str(bus.execute(FileDossier(draft=draft), actor)["number"])


def at_desk(product: Product) -> str:
    """A filed dossier whose paper is read and whose fee is paid, so that the desk has a task; its number."""
    number = filed(product)
    run = DemoRun(product, say=lambda _line: None)
    run.worker.drain()
    run.pay(person(product, "lan"), number)
    run.worker.drain()
    return number
