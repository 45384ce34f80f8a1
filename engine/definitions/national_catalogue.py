"""The national catalogue of administrative procedures: a JSON Lines file, read, checked and turned into manifests.

The product contains no catalogue; an installation imports one. What an entry does not say is never invented: it is
left out and told as a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from engine.errors import DefinitionRefused, InvalidInput, Problem, Text
from engine.model.duration import Limit, LimitInvalid
from engine.model.folding import folded
from engine.values import ProcedureCode

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_LINE: Final = 256 * 1024
MAX_ENTRIES: Final = 50_000
#: So many wrong lines are told; more are counted.
_TOLD: Final = 20
_CHANNELS: Final = {"ONLINE": "online", "DIRECT": "desk", "POSTAL": "post"}
_AMOUNT_UNITS: Final = frozenset({"WORKING_DAY", "DAY", "HOUR", "MONTH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One procedure (thủ tục hành chính) of the national catalogue."""

    code: str
    name: str
    field: str
    raw: Mapping[str, Any]

    @property
    def search(self) -> str:
        """The folded words by which it is found."""
        return folded(f"{self.code} {self.name} {self.field}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A manifest filled from an entry, the fee per channel, and what could not be carried over."""

    manifest: dict[str, Any]
    fees: Mapping[str, int]  #: whole đồng by channel of the product; '' = every channel
    notes: tuple[Text, ...]


def read_catalogue(source: bytes, *, file: str = "national_catalogue.jsonl") -> tuple[Entry, ...]:
    """Every entry, or ``DefinitionRefused`` naming each wrong line: a catalogue is taken whole or not at all."""
    if len(source) > MAX_BYTES:
        raise DefinitionRefused(problems=(_line(file, 0, f"lớn hơn {MAX_BYTES >> 20} MB", "too large"),))
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for number, line in enumerate(source.splitlines(), 1):
        if not line.strip():
            continue
        found = _entry(line, file, number)
        if isinstance(found, Problem):
            problems.append(found)
        elif found.code in entries:
            problems.append(_line(file, number, f"mã {found.code} lặp lại", f"code {found.code} occurs twice"))
        else:
            entries[found.code] = found
        if len(problems) >= _TOLD or len(entries) > MAX_ENTRIES:
            break
    if len(entries) > MAX_ENTRIES:
        problems.append(_line(file, 0, f"hơn {MAX_ENTRIES} mục", f"more than {MAX_ENTRIES} entries"))
    if not entries and not problems:
        problems.append(_line(file, 0, "không có mục nào", "no entry"))
    if problems:
        raise DefinitionRefused(problems=tuple(problems))
    return tuple(entries.values())


def parse_entry(data: Any) -> Entry:
    """The entry of a JSON value, or ``InvalidInput`` saying what is wrong."""
    if not isinstance(data, dict):
        raise InvalidInput(
            what=Text(vi="mục", en="entry"), why=Text(vi="phải là một đối tượng JSON", en="expected a JSON object")
        )
    code = ProcedureCode(data.get("code") or "")
    data = data | {"field": data.get("field") or "Lĩnh vực khác"}
    for key in ("name", "field"):
        if not isinstance(data.get(key), str) or not data[key].strip() or len(data[key]) > 2000:
            raise InvalidInput(what=f"{code}.{key}", why=Text(vi="phải là chữ, không trống", en="expected text"))
    for key in ("channels", "results", "legal", "level"):
        if not isinstance(data.get(key, []), list):
            raise InvalidInput(what=f"{code}.{key}", why=Text(vi="phải là danh sách", en="expected a list"))
    return Entry(code=str(code), name=data["name"].strip(), field=data["field"].strip(), raw=data)


def _entry(line: bytes, file: str, number: int) -> Entry | Problem:
    if len(line) > MAX_LINE:
        return _line(file, number, "dài quá 256 KB", "longer than 256 KB")
    try:
        return parse_entry(orjson.loads(line))
    except orjson.JSONDecodeError as error:
        return _line(file, number, f"không phải JSON: {error}", f"not JSON: {error}")
    except InvalidInput as error:
        return _line(file, number, error.message("vi"), error.message("en"))


def fill_manifest(entry: Entry) -> Filled:
    """A manifest with what the entry says: code, name, field, level, limits per channel, fees, papers, results."""
    notes: list[Text] = []
    limits = _limits(entry, notes)
    fees = _fees(entry, notes)
    short = short_name(entry.name)
    manifest: dict[str, Any] = {
        "code": entry.code,
        "version": "1.0",
        "name": {"vi": entry.name, "en": entry.name},
        "short_name": {"vi": short, "en": short},
        "field": {"code": field_code(entry.field), "name": {"vi": entry.field, "en": entry.field}},
        "level": _level(entry, notes),
        "decision": str(entry.raw.get("decision") or "…"),
        "legal": [str(item) for item in entry.raw.get("legal", []) if item],
        "process": f"procedure_{entry.code.replace('.', '_').lower()}",
        "application_form": "application",
        "channels": _channels(entry),
        "limits": limits,
        "fees": [{"item": "phi", "name": {"vi": "Phí, lệ phí giải quyết hồ sơ", "en": "Fee"}}] if fees else [],
        "papers": _papers(entry, notes),
        "results": _results(entry),
        "book": f"so-{entry.code}",
    }
    notes.append(_note("Chưa có tên tiếng Anh.", "The English names are missing."))
    return Filled(manifest=manifest, fees=fees, notes=tuple(notes))


def short_name(name: str) -> str:
    """The name without "Thủ tục", brackets and tail, at most 90 characters."""
    plain = re.sub(r"\s*\([^)]*\)", "", name)
    plain = re.sub(r"^thủ tục\s+", "", plain, flags=re.IGNORECASE).strip(" .;,") or name
    if len(plain) > 90:
        plain = plain[:90].rsplit(" ", 1)[0] + "…"
    return plain[:1].upper() + plain[1:]


def field_code(field: str) -> str:
    """A stable code of a field (lĩnh vực): its folded words, joined."""
    return re.sub(r"[^A-Z0-9]+", "-", folded(field).upper()).strip("-")[:40] or "KHAC"


def _level(entry: Entry, notes: list[Text]) -> str:
    levels = " ".join(str(item) for item in entry.raw.get("level", []))
    if "xã" in levels:
        return "commune"
    if "tỉnh" not in levels:
        notes.append(_note("Cấp thực hiện không phải xã hoặc tỉnh.", "Neither a commune nor a province settles it."))
    return "province"


def _channels(entry: Entry) -> list[str]:
    rows = {str(row.get("channel")) for row in _rows(entry)}
    found = [ours for theirs, ours in _CHANNELS.items() if theirs in rows]
    return found or ["desk"]


def _rows(entry: Entry) -> list[Mapping[str, Any]]:
    """The rows of channels that we know; a name that is no text is none of them."""
    rows = [row for row in entry.raw.get("channels", []) if isinstance(row, dict)]
    return [row for row in rows if isinstance(row.get("channel"), str) and row["channel"] in _CHANNELS]


def _limits(entry: Entry, notes: list[Text]) -> list[dict[str, Any]]:
    """Limits as data; one for all channels where they agree. Several for one channel become cases to be told apart."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(entry):
        limit = _limit(row)
        if limit is None:
            notes.append(
                _note(f"{row['channel']}: không có thời hạn dạng dữ liệu.", f"{row['channel']}: no time limit.")
            )
        elif limit not in found.setdefault(row["channel"], []):
            found[row["channel"]].append(limit)
    shapes = {repr(limits) for limits in found.values()}
    groups: Iterator[tuple[str, list[dict[str, Any]]]] = iter(found.items())
    if len(shapes) == 1:
        groups = iter([("", next(iter(found.values())))])
    limits = []
    for channel, several in groups:
        for place, limit in enumerate(several):
            whole = {"id": f"{channel.lower() or 'chung'}{f'-{place + 1}' if place else ''}"} | limit
            whole |= {"channel": channel} if channel else {}
            whole |= {"case": f"Trường hợp {place + 1}"} if place else {}
            limits.append(whole)
        if len(several) > 1:
            notes.append(_note("Có nhiều thời hạn: đặt tên từng trường hợp.", "Several time limits: name the cases."))
    return limits


def _limit(row: Mapping[str, Any]) -> dict[str, Any] | None:
    time, text = row.get("time"), str(row.get("text") or "")
    if not isinstance(time, dict):
        return None
    shape: dict[str, Any]
    if time.get("rule") == "SAME_DAY":
        shape = {"parts": [{"qty": "1", "unit": "SAME_DAY"}]}
        shape |= {"cutoff": str(time["cutoff"])} if time.get("cutoff") else {}
    elif isinstance(time.get("unit"), str) and time["unit"] in _AMOUNT_UNITS:
        shape = {"parts": [{"qty": str(time.get("max") or time.get("qty")), "unit": time["unit"]}]}
    else:
        return None
    shape["ground"] = text or "Danh mục thủ tục hành chính quốc gia"
    try:
        Limit.from_json(shape)
    except LimitInvalid:
        return None
    return shape


def _fees(entry: Entry, notes: list[Text]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in _rows(entry):
        fees = row.get("fees")
        amounts = sorted({fee["amount"] for fee in fees if _is_amount(fee)}) if isinstance(fees, list) else []
        if amounts:
            found[_CHANNELS[row["channel"]]] = max(amounts[-1], found.get(_CHANNELS[row["channel"]], 0))
        if len(amounts) > 1:
            several = ", ".join(f"{amount:,}".replace(",", ".") for amount in amounts)
            notes.append(_note(f"Có nhiều mức thu ({several}): kiểm tra bảng phí.", f"Several fees ({several})."))
    if not found:
        notes.append(_note("Danh mục không nêu mức phí.", "The catalogue states no fee."))
    return {"": next(iter(found.values()))} if found and len(set(found.values())) == 1 else found


def _is_amount(fee: Any) -> bool:
    return (
        isinstance(fee, dict)
        and isinstance(fee.get("amount"), int)
        and not isinstance(fee["amount"], bool)
        and fee["amount"] > 0
    )


def _papers(entry: Entry, notes: list[Text]) -> list[dict[str, Any]]:
    count = entry.raw.get("papers")
    if not isinstance(count, int) or count < 1:
        return []
    notes.append(_note(f"Danh mục nêu {count} giấy tờ, không nêu tên.", f"{count} papers, their names not told."))
    name = {"vi": "Thành phần hồ sơ theo quy định", "en": "The papers that the law requires"}
    return [{"code": "thanh_phan", "name": name, "required": True}]


def _results(entry: Entry) -> list[dict[str, Any]]:
    results = []
    for place, result in enumerate(entry.raw.get("results", [])):
        name = str(result.get("name") or entry.name) if isinstance(result, dict) else str(result)
        code = str(result.get("code") or "") if isinstance(result, dict) else ""
        results.append({"code": code or f"KQ.{entry.code}.{place + 1}", "name": {"vi": name, "en": name}})
    if not results:
        results = [{"code": f"KQ.{entry.code}", "name": {"vi": short_name(entry.name), "en": short_name(entry.name)}}]
    refusal = {"vi": "Văn bản từ chối giải quyết", "en": "Written refusal"}
    return [*results, {"code": f"TC.{entry.code}", "name": refusal}]


def _note(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


def _line(file: str, number: int, vi: str, en: str) -> Problem:
    place = f"dòng {number}" if number else "tệp"
    return Problem(
        code="catalogue-line",
        file=file,
        element=str(number or ""),
        message=Text(
            vi=f"Danh mục, {place}: {vi}.", en=f"Catalogue, {'line ' + str(number) if number else 'file'}: {en}."
        ),
        remedy=Text(vi="Sửa dòng này rồi nhập lại cả tệp.", en="Correct this line and import the whole file again."),
    )
