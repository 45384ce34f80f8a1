"""A published version carried to another province: the approver's real signature is checked on import."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from connectors.signing.sandbox import SigningSandbox, create_pki
from connectors.signing.signers import SigningConnector, connect
from connectors.signing.signing_settings import SigningSettings
from engine.clock import SteppingClock
from engine.definitions.archive import INDEX, RECORD
from engine.definitions.package import Package
from engine.definitions.publication_record import reason_of
from engine.ports import SignatureRequest
from tests.conftest import MORNING
from tests.webapp.test_studio_pages import begin, publish
from webapp.bootstrap import Product
from webapp.ports import free_ports

SignIn = Callable[..., FlaskClient]
CODE = "9.000001"
Files = dict[str, bytes]


@pytest.fixture
def exported(client: SignIn, product: Product) -> Files:
    """The files of the archive of a version that was published with a signature."""
    publish(client, begin(client("phuc")))
    with product.database.begin() as uow:
        current = uow.definitions.in_force(CODE, product.clock.now())
    assert current is not None
    content = client("phuc").get(f"/studio/export/{current.digest}.zip").data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files[RECORD].startswith(b"%PDF")
    return files


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigningConnector]:
    """The keys and services of a certification authority that this installation does not trust."""
    home, port = tmp_path_factory.mktemp("foreign"), free_ports(1)
    clock = SteppingClock(MORNING)
    officers, units = [("giang", "Người Lạ", "H99.01")], [("H99.01", "Cơ quan lạ")]
    create_pki(home, officers=officers, units=units, url=f"http://127.0.0.1:{port}", clock=clock)
    sandbox = SigningSandbox(home, clock=clock)
    url = sandbox.start(port)
    pki = home / "pki"
    yield connect(
        SigningSettings(keys=pki / "keys", roots=pki / "roots", time_stamp_url=f"{url}/tsa", timeout=5), clock
    )
    sandbox.stop()


def zipped(files: Files) -> bytes:
    """The files as a zip without an index, as somebody makes it who wants no digest to be compared."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if name != INDEX:
                archive.writestr(name, content)
    return out.getvalue()


def load(analyst: FlaskClient, files: Files, language: str = "vi") -> Any:
    """Import an archive."""
    analyst.get(f"/studio/?lang={language}")
    data = {"way": "archive", "archive": (io.BytesIO(zipped(files)), "a.zip")}
    return analyst.post("/studio/new", data=data)


def digest_of(files: Files) -> str:
    return str(Package({name: content for name, content in files.items() if name not in {INDEX, RECORD}}).digest)


def refused(client: SignIn, files: Files, code: str, *, vi: str, en: str) -> None:
    """An import of ``files`` is refused with the code, and says why in either language."""
    for language, said in (("vi", vi), ("en", en)):
        answer = load(client("phuc"), files, language)
        assert answer.status_code == 422
        assert said in answer.text
        assert code in answer.text


def test_signed_version_is_taken_and_its_signer_named(client: SignIn, exported: Files) -> None:
    answer = load(client("phuc"), exported)
    assert answer.status_code == 302
    page = client("phuc").get(answer.location).text
    assert "Biên bản ban hành đã kiểm đúng: Lưu Hương Giang" in page
    assert digest_of(exported)[:12] in page


def test_content_changed_behind_the_signature_is_refused(client: SignIn, exported: Files) -> None:
    changed = exported | {"process.bpmn": exported["process.bpmn"] + b"<!-- -->"}
    refused(
        client, changed, "archive-record-other", vi="không phải của thủ tục 9.000001", en="is not of procedure 9.000001"
    )


def test_record_changed_after_signing_is_refused(client: SignIn, exported: Files) -> None:
    record = bytearray(exported[RECORD])
    place = record.index(b"/Type")
    record[place + 1] ^= 1
    refused(
        client,
        exported | {RECORD: bytes(record)},
        "archive-record-changed",
        vi="đã bị sửa hoặc hỏng",
        en="was changed or damaged",
    )


def test_foreign_signer_is_refused(
    client: SignIn, product: Product, exported: Files, foreign: SigningConnector
) -> None:
    request = SignatureRequest(key="officer:giang", reason=reason_of(CODE, digest_of(exported)), location="H99")
    record = foreign.signer.sign(unsigned(product), request)
    refused(
        client,
        exported | {RECORD: record},
        "archive-record-foreign",
        vi="không tin được chữ ký của “Người Lạ”",
        en="cannot be trusted",
    )


def test_foreign_signature_beside_a_good_one_is_refused(
    client: SignIn, product: Product, exported: Files, foreign: SigningConnector
) -> None:
    request = SignatureRequest(key="officer:giang", reason=reason_of(CODE, digest_of(exported)), location="H99")
    own = product.ports.signer.sign(unsigned(product), request)
    answer = load(client("phuc"), exported | {RECORD: foreign.signer.sign(own, request)})
    assert answer.status_code == 422
    assert "archive-record-foreign" in answer.text


def test_paper_signed_for_something_else_is_no_record(client: SignIn, product: Product, exported: Files) -> None:
    request = SignatureRequest(key="officer:giang", reason="Chứng thực bản sao", location="H56")
    record = product.ports.signer.sign(unsigned(product), request)
    answer = load(client("phuc"), exported | {RECORD: record})
    assert answer.status_code == 422
    assert "archive-record-other" in answer.text


def test_unsigned_record_is_refused(client: SignIn, product: Product, exported: Files) -> None:
    refused(
        client,
        exported | {RECORD: unsigned(product)},
        "archive-record-unsigned",
        vi="không có chữ ký",
        en="is not signed",
    )


def test_archive_without_a_record_is_taken_and_flagged(client: SignIn, exported: Files) -> None:
    files = {name: content for name, content in exported.items() if name != RECORD}
    for language, said in (("vi", "không rõ ai đã duyệt"), ("en", "nobody vouches for this content")):
        analyst = client("phuc")
        answer = load(analyst, files, language)
        assert answer.status_code == 302
        page = analyst.get(answer.location).text
        assert said in page
        assert "archive-unsigned" in page


def test_nothing_of_a_refused_archive_is_kept(client: SignIn, product: Product, exported: Files) -> None:
    with product.database.begin() as uow:
        before = uow.connection.driver.execute("SELECT COUNT(*) FROM procedure_draft").fetchone()
    assert load(client("phuc"), exported | {"../x.json": b"{}"}).status_code == 422
    assert load(client("phuc"), exported | {RECORD: b"%PDF-1.7"}).status_code == 422
    with product.database.begin() as uow:
        assert uow.connection.driver.execute("SELECT COUNT(*) FROM procedure_draft").fetchone() == before


def unsigned(product: Product) -> bytes:
    """A PDF of the product's own make without a signature."""
    sample = Path(__file__).resolve().parents[2] / "processes/_shared/letters/decision.sample.json"
    return product.ports.letters.render("decision", orjson.loads(sample.read_bytes()))
