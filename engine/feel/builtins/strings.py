"""String functions; positions count characters (code points) from 1, or from the end as -1."""

from __future__ import annotations

from decimal import Decimal

from engine.feel.errors import Undefined
from engine.feel.kinds import kind
from engine.feel.patterns import compiled, replacer, timed
from engine.feel.run import Run
from engine.feel.signature import Library
from engine.feel.values import Value

LIBRARY = Library()


@LIBRARY.function(
    "substring(string: string, start position: number, length?: number): string",
    vi="Một đoạn của chuỗi.",
    en="A part of the string.",
)
def substring(run: Run, string: str, start: Decimal, length: Decimal | None = None) -> Value:
    at = int(start) if abs(start) <= len(string) else 0
    if not at:
        raise Undefined("index", index=str(start)[:40], length=len(string))
    first = at - 1 if at > 0 else len(string) + at
    if length is None:
        return string[first:]
    if length < 1:
        raise Undefined("argument-value", name="substring", argument="length", value=str(length)[:40])
    return string[first : first + int(min(length, Decimal(len(string))))]


@LIBRARY.function("string length(string: string): number", vi="Số ký tự.", en="How many characters there are.")
def string_length(run: Run, string: str) -> Value:
    return Decimal(len(string))


@LIBRARY.function("upper case(string: string): string", vi="Chữ hoa.", en="In capital letters.")
def upper_case(run: Run, string: str) -> Value:
    run.meter.string_of(len(string))
    return string.upper()


@LIBRARY.function("lower case(string: string): string", vi="Chữ thường.", en="In small letters.")
def lower_case(run: Run, string: str) -> Value:
    run.meter.string_of(len(string))
    return string.lower()


@LIBRARY.function(
    "substring before(string: string, match: string): string", vi="Phần trước match.", en="The part before the match."
)
def substring_before(run: Run, string: str, match: str) -> Value:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@LIBRARY.function(
    "substring after(string: string, match: string): string", vi="Phần sau match.", en="The part after the match."
)
def substring_after(run: Run, string: str, match: str) -> Value:
    return string.partition(match)[2] if match else string


@LIBRARY.function(
    "contains(string: string, match: string): boolean", vi="Có chứa?", en="Whether it contains the match."
)
def contains(run: Run, string: str, match: str) -> Value:
    run.meter.string_of(len(string))
    return match in string


@LIBRARY.function("starts with(string: string, match: string): boolean", vi="Bắt đầu bằng?", en="Whether it starts so.")
def starts_with(run: Run, string: str, match: str) -> Value:
    return string.startswith(match)


@LIBRARY.function("ends with(string: string, match: string): boolean", vi="Kết thúc bằng?", en="Whether it ends so.")
def ends_with(run: Run, string: str, match: str) -> Value:
    return string.endswith(match)


@LIBRARY.function(
    "matches(input: string, pattern: string, flags?: string|null): boolean",
    vi="Khớp biểu thức chính quy?",
    en="Whether the regular expression occurs in it.",
)
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> Value:
    found = compiled(pattern, flags or "")
    run.meter.string_of(len(text))
    return timed(run, lambda left: found.search(text, timeout=left) is not None)


@LIBRARY.function(
    "replace(input: string, pattern: string, replacement: string, flags?: string|null): string",
    vi="Thay mọi chỗ khớp biểu thức chính quy; $1 là nhóm thứ nhất.",
    en="Replaces every match of the regular expression; $1 is its first group.",
)
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    found = compiled(pattern, flags or "")
    build = replacer(found, replacement)
    run.meter.string_of(len(text))

    def work(left: float) -> str:
        if found.search("", timeout=left):
            raise Undefined("regex", pattern=pattern[:60], why="it matches nothing at all")
        parts, at, length = [], 0, 0
        for match in found.finditer(text, timeout=left):
            parts += [text[at : match.start()], build(match)]
            length += len(parts[-1]) + len(parts[-2])
            run.meter.charge(1)
            run.meter.string_of(length)
            at = match.end()
        return "".join([*parts, text[at:]])

    result = timed(run, work)
    run.meter.string_of(len(result))
    return result


@LIBRARY.function(
    "split(string: string, delimiter: string, flags?: string|null): list<string>",
    vi="Tách chuỗi ở mỗi chỗ khớp biểu thức chính quy.",
    en="The parts between the matches of the regular expression.",
)
def split(run: Run, text: str, delimiter: str, flags: str | None = None) -> Value:
    found = compiled(delimiter, flags or "")
    run.meter.string_of(len(text))

    def work(left: float) -> list[str]:
        parts, at = [], 0
        for match in found.finditer(text, timeout=left):
            if match.start() == match.end():
                continue
            parts.append(text[at : match.start()])
            at = match.end()
        return [*parts, text[at:]]

    parts = timed(run, work)
    run.meter.list_of(len(parts))
    return parts


@LIBRARY.function(
    "string join(list: list, delimiter?: string|null): string",
    vi="Nối các chuỗi, bỏ qua null.",
    en="The strings joined; nulls are left out.",
)
def string_join(run: Run, strings: list[Value], delimiter: str | None = None) -> Value:
    kept = [entry for entry in strings if entry is not None]
    for entry in kept:
        if type(entry) is not str:
            raise Undefined("element-type", name="string join", kind=kind(entry))
    run.meter.list_of(len(kept))
    run.meter.string_of(sum(map(len, kept)) + len(delimiter or "") * len(kept))
    return (delimiter or "").join(kept)
