"""What holds for every change to a signed file and every order of work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import LABEL, Bench
from .forgery import byte_range

EXAMPLES = int(os.environ.get("MOTCUA_FUZZ_EXAMPLES", "25"))
LAW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="MOTCUA_FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def signed(plain: bytes, bench: Bench) -> Iterator[bytes]:
    """One good signature at B-T."""
    yield bench.sign(plain, "officer:LD01", LABEL)


@LAW
@given(place=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_any_changed_covered_byte_is_never_valid(place: float, mask: int, signed: bytes, bench: Bench) -> None:
    _, length, start, rest = byte_range(signed)
    spot = int(place * (length + rest))
    spot = spot if spot < length else start + spot - length
    changed = bytearray(signed)
    changed[spot] ^= mask

    assert not any(report.valid for report in bench.connector.verifier.verify(bytes(changed)))


@LAW
@given(place=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_any_changed_byte_of_the_signature_never_raises(place: float, mask: int, signed: bytes, bench: Bench) -> None:
    _, length, start, _ = byte_range(signed)
    changed = bytearray(signed)
    changed[length + int(place * (start - length))] ^= mask

    (report,) = bench.connector.verifier.verify(bytes(changed))
    assert report.valid or report.problem


@LAW
@given(tail=st.binary(max_size=200))
def test_any_appended_bytes_never_raise(tail: bytes, signed: bytes, bench: Bench) -> None:
    for report in bench.connector.verifier.verify(signed + tail):
        assert report.valid != bool(report.problem)


def test_signers_are_safe_to_share_between_threads(plain: bytes, bench: Bench) -> None:
    keys = ["officer:LD01", "officer:LD02", "specimen:p256", "seal:H56.12"] * 3
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda key: bench.sign(plain, key, LABEL), keys))

    for key, pdf in zip(keys, made, strict=True):
        (report,) = bench.connector.verifier.verify(pdf)
        assert report.valid and report.serial == bench.pki.record(key).serial


def test_many_signatures_of_both_libraries_stay_valid(scan: bytes, bench: Bench) -> None:
    keys = ["officer:LD01", "specimen:p256", "seal:H56.12", "officer:LD02", "specimen:rsa3072"]
    pdf = scan
    for key in keys:
        pdf = bench.sign(pdf, key, LABEL)

    reports = bench.connector.verifier.verify(bench.connector.signer.seal_for_archive(pdf))
    assert [(r.valid, r.level) for r in reports] == [(True, "B-LTA")] * len(keys)
    assert [r.field for r in reports] == [f"Signature{number}" for number in range(1, len(keys) + 1)]


def test_file_with_a_form_and_links_is_signed(plain: bytes, bench: Bench) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(plain)) as pdf:
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Link,
            Rect=[10, 10, 60, 30],
            A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.vn"),
        )
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                FT=pikepdf.Name.Tx,
                T="ho_ten",
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                Rect=[10, 40, 60, 60],
                P=pdf.pages[0].obj,
            )
        )
        pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(link), field]))
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array([field])))
        pdf.save(out)

    reports = bench.connector.verifier.verify(bench.result(out.getvalue()))
    assert [(r.valid, r.problem) for r in reports] == [(True, "")] * 2
