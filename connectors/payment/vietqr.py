"""VietQR: the payment order that every Vietnamese banking application can scan (EMVCo merchant-presented, NAPAS)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engine.errors import InvalidInput, Text
from engine.values import Money

_GUID = "A000000727"
_MAX_FIELD = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A transfer order: to which account, how much, for what."""

    bank: str  #: BIN, six digits
    account: str  #: account number, at most 19 letters and digits
    amount: Money | None = None  #: None = the payer types it (static code)
    purpose: str = ""  #: at most 25 characters once folded to ASCII


def encode(order: Order) -> str:
    """The text of the QR code; ``InvalidInput`` for what the standard cannot carry."""
    if not re.fullmatch(r"\d{6}", order.bank):
        raise InvalidInput(what="bank", why=Text(vi="mã BIN phải có 6 chữ số", en="the BIN has 6 digits"))
    if not re.fullmatch(r"[0-9A-Za-z]{1,19}", order.account):
        raise InvalidInput(what="account", why=Text(vi="số tài khoản không hợp lệ", en="malformed account number"))
    beneficiary = _field("00", order.bank) + _field("01", order.account)
    merchant = _field("00", _GUID) + _field("01", beneficiary) + _field("02", "QRIBFTTA")
    parts = [_field("00", "01"), _field("01", "11" if order.amount is None else "12"), _field("38", merchant)]
    parts.append(_field("53", "704"))
    if order.amount is not None:
        parts.append(_field("54", str(int(order.amount))))
    parts.append(_field("58", "VN"))
    purpose = ascii_purpose(order.purpose)
    if purpose:
        parts.append(_field("62", _field("08", purpose)))
    body = "".join(parts) + "6304"
    return body + f"{crc16(body.encode('ascii')):04X}"


def decode(text: str) -> Order:
    """The order of a QR text; wrong lengths, duplicate tags or a wrong check sum are refused."""
    if len(text) < 8 or text[-8:-4] != "6304" or f"{crc16(text[:-4].encode('ascii', 'replace')):04X}" != text[-4:]:
        raise InvalidInput(what="VietQR", why=Text(vi="sai mã kiểm tra CRC", en="wrong check sum"))
    fields = _fields(text[:-8])
    merchant = _fields(fields.get("38", ""))
    if merchant.get("00") != _GUID or merchant.get("02") not in {"QRIBFTTA", "QRIBFTTC"}:
        raise InvalidInput(
            what="VietQR", why=Text(vi="không phải mã chuyển khoản NAPAS", en="not a NAPAS transfer code")
        )
    beneficiary = _fields(merchant.get("01", ""))
    if fields.get("53") != "704" or fields.get("58") != "VN":
        raise InvalidInput(what="VietQR", why=Text(vi="không phải đồng Việt Nam", en="not in đồng"))
    amount = fields.get("54")
    return Order(
        bank=beneficiary.get("00", ""),
        account=beneficiary.get("01", ""),
        amount=Money(int(amount)) if amount and amount.isdigit() else None,
        purpose=_fields(fields.get("62", "")).get("08", ""),
    )


def ascii_purpose(text: str) -> str:
    """Purpose as banks carry it: no tone marks, letters, digits, dots, dashes and spaces, at most 25 characters."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^A-Za-z0-9 .\-]", " ", plain).strip()[:25].strip()


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = ((value << 1) ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value


def _field(tag: str, value: str) -> str:
    if len(value) > _MAX_FIELD:
        raise InvalidInput(what=f"VietQR {tag}", why=Text(vi="dài quá 99 ký tự", en="longer than 99 characters"))
    return f"{tag}{len(value):02d}{value}"


def _fields(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        tag, length = text[place : place + 2], text[place + 2 : place + 4]
        if not (tag.isdigit() and length.isdigit()) or place + 4 + int(length) > len(text):
            raise InvalidInput(what="VietQR", why=Text(vi="độ dài trường sai", en="a field's length is wrong"))
        if tag in found:
            raise InvalidInput(what="VietQR", why=Text(vi=f"trường {tag} lặp lại", en=f"field {tag} twice"))
        found[tag] = text[place + 4 : place + 4 + int(length)]
        place += 4 + int(length)
    return found
