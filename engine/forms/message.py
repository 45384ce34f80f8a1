"""Sentences for mistakes, made from the field's title: "Nhập …", "Chọn …", "Tải lên …"."""

from __future__ import annotations

from engine.errors import Text
from engine.forms.form import Field, Kind
from engine.forms.origin import ORIGINS

_CHOOSE = (Kind.CHOICE, Kind.CHOICES, Kind.BOOLEAN)


def in_sentence(title: str) -> str:
    """A title as it reads inside a sentence: the first letter small, unless it begins an abbreviation."""
    if len(title) > 1 and title[0].isupper() and (title[1].islower() or title[1] == " "):
        return title[0].lower() + title[1:]
    return title


def message_for(field: Field, code: str, *, where: Text | None = None) -> Text:
    """The sentence for ``code`` at ``field``; ``where`` names the group when the title alone is ambiguous."""
    text = field.message if field.message is not None and code in _OWN_MESSAGE else _text(field, code)
    if where is None or not where.vi:
        return text
    return Text(vi=f"{text.vi} ({where.vi})", en=f"{text.en} ({where.en})")


#: Codes for which the author's ``x-message`` replaces the sentence.
_OWN_MESSAGE = frozenset({"required", "const", "pattern", "min-length", "min-items", "type", "enum"})


def _text(field: Field, code: str) -> Text:
    vi, en = in_sentence(field.title.vi), in_sentence(field.title.en)
    match code:
        case "required" | "const" if field.kind is Kind.FILE:
            return Text(vi=f"Tải lên {vi}", en=f"Upload: {en}")
        case "required" if field.kind is Kind.BOOLEAN and field.const is True:
            return Text(vi=f"Cần xác nhận: {vi}", en=f"You must confirm: {en}")
        case "required" | "enum" if field.kind in _CHOOSE:
            return Text(vi=f"Chọn {vi}", en=f"Select: {en}")
        case "required":
            return Text(vi=f"Nhập {vi}", en=f"Enter: {en}")
        case "min-items" | "max-items":
            return _items(field, code)
    rest = _SENTENCES.get(code, _SENTENCES["type"])
    facts = {
        "vi": field.title.vi,
        "en": field.title.en,
        "least": _number(field.minimum),
        "most": _number(field.maximum),
        "short": field.min_length,
        "long": field.max_length,
        "origin_vi": ORIGINS[field.source].vi if field.source else "nguồn dữ liệu",
        "origin_en": ORIGINS[field.source].en if field.source else "its source",
        "earliest": _day(field.earliest, "vi"),
        "earliest_en": _day(field.earliest, "en"),
        "latest": _day(field.latest, "vi"),
        "latest_en": _day(field.latest, "en"),
    }
    return Text(vi=rest.vi.format_map(facts), en=rest.en.format_map(facts))


_SENTENCES: dict[str, Text] = {
    "type": Text(vi="{vi}: giá trị không đúng dạng", en="{en}: the value is not of the right form"),
    "integer": Text(vi="{vi}: nhập số nguyên, chỉ gồm chữ số", en="{en}: enter a whole number, digits only"),
    "number": Text(vi="{vi}: nhập một số, ví dụ 12,5", en="{en}: enter a number, for example 12.5"),
    "date": Text(vi="{vi}: nhập ngày có thật, ví dụ 31/12/2025", en="{en}: enter a real date, for example 31/12/2025"),
    "month": Text(vi="{vi}: nhập tháng và năm, ví dụ 12/2026", en="{en}: enter month and year, for example 12/2026"),
    "enum": Text(vi="{vi}: chọn trong danh sách", en="{en}: choose from the list"),
    "const": Text(vi="{vi}: giá trị không được chấp nhận", en="{en}: this value is not accepted"),
    "pattern": Text(vi="{vi}: chưa đúng dạng yêu cầu", en="{en}: not in the required form"),
    "control": Text(vi="{vi}: có ký tự không dùng được", en="{en}: contains characters that cannot be used"),
    "min-length": Text(vi="{vi}: ít nhất {short} ký tự", en="{en}: at least {short} characters"),
    "max-length": Text(vi="{vi}: nhiều nhất {long} ký tự", en="{en}: at most {long} characters"),
    "minimum": Text(vi="{vi}: từ {least} trở lên", en="{en}: {least} or more"),
    "maximum": Text(vi="{vi}: không quá {most}", en="{en}: {most} or less"),
    "too-early": Text(vi="{vi}: không trước {earliest}", en="{en}: not before {earliest_en}"),
    "too-late": Text(vi="{vi}: không sau {latest}", en="{en}: not after {latest_en}"),
    "file": Text(
        vi="{vi}: tệp không thuộc hồ sơ này, hãy tải lên lại",
        en="{en}: the file does not belong to this dossier, upload it again",
    ),
    "duplicate": Text(vi="{vi}: một lựa chọn lặp lại", en="{en}: an option is repeated"),
    "hidden": Text(
        vi="{vi}: trường này không áp dụng, hãy bỏ giá trị", en="{en}: this field does not apply, remove its value"
    ),
    "locked": Text(
        vi="{vi}: lấy từ {origin_vi}, không sửa được ở đây",
        en="{en}: taken from {origin_en}, it cannot be changed here",
    ),
    "source-missing": Text(
        vi="{vi}: chưa có trong {origin_vi}; hãy đến Bộ phận Một cửa để được cập nhật",
        en="{en}: missing in {origin_en}; ask the one-stop desk to have it updated",
    ),
}


def _items(field: Field, code: str) -> Text:
    noun = field.item_noun or field.title
    vi, en = in_sentence(noun.vi), in_sentence(noun.en)
    if code == "min-items" and field.kind is Kind.CHOICES:
        return Text(vi=f"Chọn {in_sentence(field.title.vi)}", en=f"Select: {in_sentence(field.title.en)}")
    if code == "min-items":
        return Text(vi=f"Thêm ít nhất {field.min_items} {vi}", en=f"Add at least {field.min_items}: {en}")
    return Text(vi=f"Nhiều nhất {field.max_items} {vi}", en=f"At most {field.max_items}: {en}")


def unknown_message(name: str) -> Text:
    """The sentence for a value the form does not ask for."""
    return Text(vi=f"Biểu mẫu không có trường {name[:80]}", en=f"The form has no field {name[:80]}")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}".replace(".", ",") if value != int(value) else str(int(value))


def _day(limit: str, language: str) -> str:
    if limit == "today":
        return "ngày hôm nay" if language == "vi" else "today"
    year, _, rest = limit.partition("-")
    month, _, day = rest.partition("-")
    return f"{day}/{month}/{year}"
