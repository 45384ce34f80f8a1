"""A development PKI made once, and for each test a copy of it with its own clock and services."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw

from connectors.signing.keystore import KeyStore
from connectors.signing.sandbox import DevelopmentPki, SigningSandbox, create_pki
from connectors.signing.signers import SigningConnector, connect
from connectors.signing.signing_settings import SigningSettings
from engine.clock import ZONE, SteppingClock
from engine.ports import SignatureRequest
from webapp.ports import free_ports

START = datetime(2026, 8, 7, 9, 0, tzinfo=ZONE)
OFFICERS = [("LD01", "Nguyễn Thị Ánh Tuyết", "H56.12"), ("LD02", "Trần Văn Đường", "H56.12")]
UNITS = [("H56.12", "Ủy ban nhân dân phường Đông Ngũ")]
LABEL = "Người ký: Nguyễn Thị Ánh Tuyết\nChức vụ: Chủ tịch Ủy ban nhân dân phường Đông Ngũ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Everything one test needs."""

    home: Path
    port: int
    clock: SteppingClock
    sandbox: SigningSandbox
    pki: DevelopmentPki
    settings: SigningSettings
    connector: SigningConnector

    def request(self, key: str, label: str = "") -> SignatureRequest:
        """A signature by ``key``, visible when there is a label."""
        box = (300, 100, 540, 180) if label else (0, 0, 0, 0)
        return SignatureRequest(key=key, reason="Chứng thực bản sao", location="Phường Đông Ngũ", label=label, box=box)

    def sign(self, pdf: bytes, key: str, label: str = "") -> bytes:
        """``pdf`` signed by the library that fits the key."""
        return self.connector.signer.sign(pdf, self.request(key, label))

    def result(self, pdf: bytes) -> bytes:
        """``pdf`` as a result is made: the official, then the seal, then B-LTA."""
        both = self.sign(self.sign(pdf, "officer:LD01", LABEL), "seal:H56.12")
        return self.connector.signer.seal_for_archive(both)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The home of a development PKI and the port its certificates name."""
    port = free_ports()
    home = tmp_path_factory.mktemp("pki")
    url = f"http://127.0.0.1:{port}"
    create_pki(home, officers=OFFICERS, units=UNITS, url=url, clock=SteppingClock(START))
    return home, port


@pytest.fixture(scope="session")
def held(made: tuple[Path, int]) -> KeyStore:
    """The keys, opened once for all tests: checking the primes of a key takes longer than signing with it."""
    return KeyStore(made[0] / "pki" / "keys")


@pytest.fixture
def bench(made: tuple[Path, int], held: KeyStore, tmp_path: Path) -> Iterator[Bench]:
    """Services running over a copy of the PKI, and the connector that uses them."""
    template, port = made
    home = tmp_path / "home"
    shutil.copytree(template, home)
    clock = SteppingClock(START)
    sandbox = SigningSandbox(home, clock=clock)
    url = sandbox.start(port)
    pki = DevelopmentPki(home)
    settings = SigningSettings(keys=pki.keys, roots=pki.roots, time_stamp_url=f"{url}/tsa", timeout=5)
    yield Bench(
        home=home,
        port=port,
        clock=clock,
        sandbox=sandbox,
        pki=pki,
        settings=settings,
        connector=connect(settings, clock, held),
    )
    sandbox.stop()


@pytest.fixture(scope="session")
def letter() -> bytes:
    """A page by WeasyPrint."""
    import weasyprint

    page = "<html lang=vi><meta charset=utf-8><title>Giấy</title><h1>Bản sao chứng thực</h1><p>Số 12</p></html>"
    pdf: bytes = weasyprint.HTML(string=page).write_pdf()
    return pdf


@pytest.fixture(scope="session")
def plain() -> bytes:
    """A page made by hand with pikepdf, classic reference table, its text in a form XObject."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    text = pikepdf.Stream(pdf, b"BT /F1 20 Tf 60 700 Td (Amount 1000) Tj ET")
    text.Type, text.Subtype, text.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 595, 842]
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    text.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X1=pdf.make_indirect(text)))
    page.Contents = pdf.make_indirect(pikepdf.Stream(pdf, b"/X1 Do"))
    out = BytesIO()
    pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    return out.getvalue()


@pytest.fixture(scope="session")
def scan() -> bytes:
    """A scanned page with a cross-reference stream and object streams."""
    image = Image.new("L", (620, 877), 250)
    ImageDraw.Draw(image).rectangle((60, 60, 560, 120), fill=30)
    raw = BytesIO()
    image.save(raw, "PDF", resolution=75)
    out = BytesIO()
    with pikepdf.open(raw) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


@pytest.fixture
def pdfsig(tmp_path: Path) -> Callable[[bytes], str]:
    """The second opinion: what Debian's pdfsig prints about a file."""

    def ask(pdf: bytes) -> str:
        path = tmp_path / "asked.pdf"
        path.write_bytes(pdf)
        done = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False)
        return done.stdout

    return ask
