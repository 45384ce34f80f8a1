"""Checked values that the whole product shares. Each is a ``str`` or ``int`` that cannot be wrong."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any, ClassVar, Self

from engine.errors import InvalidInput

#: A value that JSON can carry.
Json = dict[str, Any] | list[Any] | str | int | float | bool | None


class _Pattern(str):
    __slots__ = ()
    _rule: ClassVar[re.Pattern[str]]
    _what: ClassVar[str]
    _why: ClassVar[str]

    def __new__(cls, text: str) -> Self:
        if not isinstance(text, str) or not cls._rule.fullmatch(text):
            raise InvalidInput(what=cls._what, why=f"{cls._why} ({str(text)[:60]!r})")
        return super().__new__(cls, text)


class ProcedureCode(_Pattern):
    """Mã thủ tục hành chính, such as ``2.000815``."""

    __slots__ = ()
    _rule = re.compile(r"\d{1,2}\.\d{6}(\.[A-Z0-9.]{1,12})?")
    _what = "procedure code"
    _why = "expected digits such as 2.000815"


class DossierNumber(_Pattern):
    """Mã hồ sơ, such as ``H56.12-250807-0001``; its pattern is dated configuration, so the check is loose."""

    __slots__ = ()
    _rule = re.compile(r"[A-Z0-9][A-Z0-9.]{1,20}-\d{6,8}-\d{4,10}")
    _what = "dossier number"
    _why = "expected agency-yymmdd-number"


class Digest(_Pattern):
    """SHA-256 in lower-case hexadecimal."""

    __slots__ = ()
    _rule = re.compile(r"[0-9a-f]{64}")
    _what = "digest"
    _why = "expected 64 hexadecimal digits"

    @classmethod
    def of(cls, content: bytes) -> Self:
        """The digest of ``content``."""
        return cls(hashlib.sha256(content).hexdigest())


class SerialMalformed(InvalidInput):
    """{serial} is no serial number of a certificate: expected 1 to 40 hexadecimal digits, not all zero."""

    code = "certificate-serial-malformed"
    vi = "{serial} không phải số hiệu chứng thư: cần 1 đến 40 chữ số thập lục phân, không toàn số 0."


class CertificateSerial(str):
    """Serial number of a certificate: lower-case hexadecimal without leading zeros.

    Read as authorities and tools print it: capitals, and ``:`` or spaces between the digits, are let pass.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        digits = re.sub(r"[\s:]", "", text).lower().removeprefix("0x").lstrip("0")
        if not re.fullmatch(r"[0-9a-f]{1,40}", digits):
            raise SerialMalformed(serial=repr(text[:60]))
        return super().__new__(cls, digits)


class Money(int):
    """An amount in whole đồng; never negative, never a fraction."""

    __slots__ = ()

    def __new__(cls, amount: int) -> Self:
        if isinstance(amount, bool) or int(amount) != amount or amount < 0 or amount > 10**15:
            raise InvalidInput(what="amount", why=f"expected whole đồng ≥ 0 ({amount!r})")
        return super().__new__(cls, amount)


def aware(moment: datetime, *, what: str = "moment") -> datetime:
    """``moment`` itself, refused when it has no zone."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise InvalidInput(what=what, why="a moment without a time zone")
    return moment
