"""A citizen in tests: what one does by hand, through the application's own pages, without a browser."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from PIL import Image, ImageDraw
from werkzeug.test import TestResponse

from webapp.bootstrap import Product

UNIT = "H56.12"


def paper(width: int = 600, height: int = 420, kind: str = "PNG") -> bytes:
    """A small scanned paper of nobody."""
    page = Image.new("L", (width, height), 250)
    ImageDraw.Draw(page).text((40, 60), "BANG TOT NGHIEP\nSo hieu: QH-2012/0456", fill=20)
    out = io.BytesIO()
    page.save(out, kind, dpi=(200, 200))
    return out.getvalue()


def answers(**changes: Any) -> dict[str, Any]:
    """A post of the form of 2.000815 with one paper, as a browser would send it; ``None`` leaves a name out."""
    post: dict[str, Any] = {
        "lien_he.dien_thoai": "0912000111",
        "lien_he.email": "lan@example.vn",
        "giay_to.count": "1",
        "giay_to.0.ten": "Bằng tốt nghiệp đại học",
        "giay_to.0.loai": "van_bang",
        "giay_to.0.so_trang": "3",
        "giay_to.0.so_ban": "2",
        "giay_to.0.ban_dien_tu": "true",
        "nhan.hinh_thuc": "online",
        "cam_doan": "true",
        "act": "submit",
    }
    post |= {name.replace("__", "."): value for name, value in changes.items()}
    return {name: value for name, value in post.items() if value is not None}


@dataclass
class Citizen:
    """Somebody at the portal."""

    client: FlaskClient
    product: Product

    def start(self, procedure: str = "2.000815", unit: str = UNIT) -> str:
        """Begin an application; the draft's id."""
        begun = self.client.post("/drafts", data={"procedure": procedure, "unit": unit})
        assert begun.status_code == 302, begun.text
        return begun.location.rpartition("/")[2]

    def post(self, draft: str, data: dict[str, Any], file: tuple[bytes, str] | None = None) -> TestResponse:
        """Post the draft's form, with a scan for the first paper if given."""
        if file is not None:
            data = data | {"giay_to.0.tep_quet": (io.BytesIO(file[0]), file[1])}
        return self.client.post(f"/drafts/{draft}", data=data, content_type="multipart/form-data")

    def filled(self) -> str:
        """A draft ready to be filed."""
        draft = self.start()
        answer = self.post(draft, answers(), (paper(), "bang.png"))
        assert answer.status_code == 302, re.sub(r"\s+", " ", answer.text)[:3000]
        return draft

    def file(self, draft: str) -> str:
        """File a draft; the dossier's number."""
        filed = self.client.post(f"/drafts/{draft}/file")
        assert filed.status_code == 302, filed.text
        return filed.location.rpartition("/")[2].partition("?")[0]

    def filed(self) -> str:
        """A filed dossier whose fee is demanded."""
        number = self.file(self.filled())
        self.product.worker().drain()
        return number

    def order(self, number: str) -> str:
        """Begin to pay the dossier's charge; the gateway's address."""
        begun = self.client.post(f"/payments/{self.charge(number)}/begin")
        assert begun.status_code == 303, begun.text
        return begun.location

    def charge(self, number: str) -> str:
        """The id of the dossier's charge."""
        with self.product.database.begin() as uow:
            return uow.money.charges(number)[0].id

    def notice(self, order: str, *, succeeded: bool = True) -> dict[str, str]:
        """Pay at the sandbox; its signed notice, not yet sent."""
        assert self.product.sandboxes is not None
        return self.product.sandboxes.payment.order(order, succeeded=succeeded)

    def paid(self) -> str:
        """A filed dossier, paid, its slip made."""
        number = self.filed()
        told = self.client.get("/payments/notice", query_string=self.notice(self.order(number)))
        assert told.json == {"RspCode": "00", "Message": "confirmed"}
        self.product.worker().drain()
        return number
