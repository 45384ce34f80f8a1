"""A certified copy must take the official's signature, the seal and the archive time stamp, and stay one valid file."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from connectors.letters.places import OFFICER_BOX, SEAL_BOX
from connectors.letters.renderer import Renderer
from connectors.signing.sandbox import DevelopmentPki, SigningSandbox, create_pki
from connectors.signing.signers import SigningConnector, connect
from connectors.signing.signing_settings import SigningSettings
from engine.clock import ZONE, SteppingClock
from engine.ports import SignatureRequest
from webapp.ports import free_ports

TEMPLATES = Path(__file__).parents[3] / "processes" / "_shared" / "letters"


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigningConnector]:
    home = tmp_path_factory.mktemp("pki")
    port = free_ports()
    clock = SteppingClock(datetime(2026, 8, 7, 9, 0, tzinfo=ZONE))
    officers = [("LD01", "Trần Quốc Toàn", "H56.12")]
    units = [("H56.12", "Ủy ban nhân dân xã Hoa Lộc")]
    create_pki(home, officers=officers, units=units, url=f"http://127.0.0.1:{port}", clock=clock)
    sandbox = SigningSandbox(home, clock=clock)
    url = sandbox.start(port)
    pki = DevelopmentPki(home)
    yield connect(SigningSettings(keys=pki.keys, roots=pki.roots, time_stamp_url=f"{url}/tsa", timeout=5), clock)
    sandbox.stop()


def photo() -> bytes:
    image = Image.new("RGB", (620, 877), "ivory")
    ImageDraw.Draw(image).rectangle((80, 80, 540, 300), outline="navy", width=6)
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def digital() -> bytes:
    data = json.loads((TEMPLATES / "decision.sample.json").read_text())
    return Renderer(TEMPLATES).render("decision", data)


@pytest.mark.parametrize(
    "template",
    [
        "apology", "birth-certificate", "certified-copy", "construction-permit", "decision", "decline-slip",
        "halt-notice", "inspection-report", "opinion-request", "supplement-request", "withdrawal-slip",
    ],
)  # fmt: skip
def test_visible_signatures_cover_no_printed_text(template: str) -> None:
    renderer, source = Renderer(TEMPLATES), TEMPLATES / f"{template}.html"
    data = json.loads((TEMPLATES / f"{template}.sample.json").read_text())
    result = "results_signatures" in source.read_text()
    with pypdfium2.PdfDocument(renderer.render(template, data)) as letter:
        text = letter[len(letter) - 1].get_textpage()
        covered = [text.get_text_bounded(*box) for box in renderer.signature_boxes(result=result)]
    assert [words.strip() for words in covered] == ["", ""]


@pytest.mark.parametrize("kind", ["image/jpeg", "application/pdf"])
def test_certified_copy_is_signed_sealed_and_archived(kind: str, signing: SigningConnector) -> None:
    original = photo() if kind == "image/jpeg" else digital()
    data = json.loads((TEMPLATES / "certified-copy.sample.json").read_text())
    copy = Renderer(TEMPLATES).certified_copy(original, kind, "certified-copy", data)
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        last = len(pdf.pages) - 1
    for key, box, label in (
        ("officer:LD01", OFFICER_BOX, "Người ký: Trần Quốc Toàn"),
        ("seal:H56.12", SEAL_BOX, "Ủy ban nhân dân xã Hoa Lộc"),
    ):
        request = SignatureRequest(key=key, reason="Chứng thực", location="Hoa Lộc", label=label, page=last, box=box)
        copy = signing.signer.sign(copy, request)
    reports = signing.verifier.verify(signing.signer.seal_for_archive(copy))
    assert len(reports) >= 2
    assert all(report.valid for report in reports), [report.problem for report in reports]
