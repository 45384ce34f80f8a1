"""Whether the signed record of publication that came with an archive vouches for just this version.

The record is a PDF signed by the approver. Its signature states what is published, in words that only the product
writes there (``reason_of``), so that no other signed paper, whatever is printed on it, passes for a record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.definitions.archive import RECORD
from engine.errors import DefinitionRefused, Problem, Text
from engine.ports import SignatureReport

_AGAIN: Final = Text(
    vi="Xin lại tệp từ nơi đã ban hành. Không dùng tệp này.",
    en="Ask for the file again where it was published. Do not use this one.",
)
_TRUST: Final = Text(
    vi="Nếu tin nơi cấp chứng thư của người ký, đề nghị quản trị thêm chứng thư gốc của nơi đó rồi nhập lại.",
    en="If the signer's authority is to be trusted, have the operator add its root certificate, then import again.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouching:
    """Who vouched for a version by signing its record."""

    signer: str
    serial: str
    signed_at: datetime | None


def reason_of(code: str, digest: str) -> str:
    """What the approver's signature states: the procedure and the whole digest of the version."""
    return f"Ban hành {code} {digest}"


def vouched(reports: Sequence[SignatureReport], *, code: str, digest: str, file: str) -> Vouching:
    """Who signed the record of this version; ``DefinitionRefused`` when any of its signatures is in doubt.

    ``reports`` is what the verifier says of the record, ``file`` the name of the archive.
    """
    if not reports:
        raise _refused(
            "archive-record-unsigned", file, "biên bản ban hành không có chữ ký", "the record is not signed", _AGAIN
        )
    for report in reports:
        if not report.intact or (report.trusted and not report.valid):
            raise _refused(
                "archive-record-changed",
                file,
                f"biên bản ban hành đã bị sửa hoặc hỏng ({_half(report.problem, 0)})",
                f"the record was changed or damaged ({_half(report.problem, 1)})",
                _AGAIN,
            )
        if report.revoked:
            raise _refused(
                "archive-record-revoked",
                file,
                f"chứng thư của “{report.signer}” trên biên bản ban hành đã bị thu hồi ({_half(report.problem, 0)})",
                f"the certificate of “{report.signer}” on the record was revoked ({_half(report.problem, 1)})",
                _AGAIN,
            )
        if not report.valid:
            raise _refused(
                "archive-record-foreign",
                file,
                f"không tin được chữ ký của “{report.signer}” trên biên bản ban hành ({_half(report.problem, 0)})",
                f"the signature of “{report.signer}” on the record cannot be trusted ({_half(report.problem, 1)})",
                _TRUST,
            )
    stating = [report for report in reports if report.reason == reason_of(code, digest)]
    if not stating:
        raise _refused(
            "archive-record-other",
            file,
            f"biên bản ban hành không phải của thủ tục {code}, mã băm {digest[:12]}",
            f"the record is not of procedure {code} with the digest {digest[:12]}",
            _AGAIN,
        )
    return Vouching(signer=stating[0].signer, serial=stating[0].serial, signed_at=stating[0].signed_at)


def unvouched(file: str) -> Problem:
    """What is to be known of an archive that has no record: nobody vouches for it."""
    return Problem(
        code="archive-unsigned",
        file=file,
        element=RECORD,
        severity="warning",
        message=Text(
            vi=f"{file}: không có biên bản ban hành đã ký số, nên không rõ ai đã duyệt nội dung này.",
            en=f"{file}: there is no signed record of publication, so nobody vouches for this content.",
        ),
        remedy=Text(
            vi="Hãy đọc kỹ từng phần như bản soạn mới, hoặc xin tệp xuất từ phiên bản đã ban hành.",
            en="Read every part as a new draft, or ask for the file exported from the published version.",
        ),
    )


def _half(problem: str, place: int) -> str:
    """The Vietnamese (0) or English (1) of a verifier's sentences, which are written ``vi / en; vi / en``."""
    halves = [part.split(" / ", 1) for part in problem.split("; ")]
    return "; ".join(half[min(place, len(half) - 1)] for half in halves)


def _refused(code: str, file: str, vi: str, en: str, remedy: Text) -> DefinitionRefused:
    return DefinitionRefused(
        problems=(
            Problem(
                code=code,
                file=file,
                element=RECORD,
                message=Text(vi=f"{file}: {vi}.", en=f"{file}: {en}."),
                remedy=remedy,
            ),
        )
    )
