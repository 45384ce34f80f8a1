"""Runs test folders of the public DMN Technology Compatibility Kit (layout of its ``testCases.xsd``)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from lxml import etree

from engine.decisions.model import DecisionModel, read_model
from engine.decisions.running import shown_value
from engine.decisions.tck_values import read_value, same
from engine.errors import DefinitionRefused, MotcuaError, NotFound
from engine.feel import FunctionRegistry, Value

_NAMESPACE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
#: Every case is evaluated at this moment, so that a run gives the same rows always.
_NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TckRow:
    """One result node of one test case. ``status`` is ``SUCCESS`` or ``ERROR``."""

    folder: str
    file: str
    case_id: str
    result_node: str
    status: str
    expected: str
    got: str

    @property
    def success(self) -> bool:
        """Whether the expected value came out."""
        return self.status == "SUCCESS"


def run_tck(
    folders: Iterable[Path], *, functions: FunctionRegistry | None = None, now: datetime | None = None
) -> Iterator[TckRow]:
    """A row for each result node below ``folders``, in order of folder, file and case.

    A folder with ``*.xml`` test files is run; other folders are searched for such folders.
    """
    moment = now or _NOW
    for root in folders:
        for folder in _test_folders(Path(root)):
            for file in sorted(folder.glob("*.xml")):
                yield from _run_file(folder, file, functions, moment)


def write_csv(rows: Iterable[TckRow], out: IO[str]) -> tuple[int, int]:
    """Write a header and the rows; returns successes and all. Columns: folder … got, as in ``TckRow``."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("folder", "file", "case_id", "result_node", "status", "expected", "got"))
    successes = total = 0
    for row in rows:
        total += 1
        successes += row.success
        writer.writerow((row.folder, row.file, row.case_id, row.result_node, row.status, row.expected, row.got))
    return successes, total


def _test_folders(root: Path) -> Iterator[Path]:
    if any(root.glob("*.xml")):
        yield root
    for child in sorted(path for path in root.iterdir() if path.is_dir()):
        yield from _test_folders(child)


def _run_file(folder: Path, file: Path, functions: FunctionRegistry | None, now: datetime) -> Iterator[TckRow]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    root = etree.parse(str(file), parser).getroot()
    if root.tag != f"{_NAMESPACE}testCases":
        return
    model = _model(folder, (root.findtext(f"{_NAMESPACE}modelName") or "").strip(), functions)
    for case in root.iterchildren(f"{_NAMESPACE}testCase"):
        runner = _Case(case, model, functions, now)
        for node in case.iterchildren(f"{_NAMESPACE}resultNode"):
            status, expected, got = runner.outcome(node)
            yield TckRow(
                folder=folder.name,
                file=file.name,
                case_id=case.get("id", ""),
                result_node=node.get("name", ""),
                status=status,
                expected=expected,
                got=got,
            )


def _model(folder: Path, name: str, functions: FunctionRegistry | None) -> DecisionModel | str:
    """The model of a test file, or why there is none."""
    try:
        source = (folder / name).read_bytes()
        return read_model(source, file=name, imports=_siblings(folder), functions=functions)
    except OSError:
        return f"model {name!r} cannot be read"
    except DefinitionRefused as refused:
        return "; ".join(found.message.en for found in refused.problems)


def _siblings(folder: Path) -> Mapping[str, bytes]:
    """The models of a folder by namespace and by file name."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.glob("*.dmn")):
        source = path.read_bytes()
        found[path.name] = source
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        try:
            found.setdefault(etree.fromstring(source, parser).get("namespace", ""), source)
        except etree.XMLSyntaxError:  # reported when it is imported
            continue
    return found


class _Case:
    """One test case: its inputs, and the outcomes of its result nodes."""

    def __init__(
        self,
        case: etree._Element,
        model: DecisionModel | str,
        functions: FunctionRegistry | None,
        now: datetime,
    ) -> None:
        self.case, self.model, self.functions, self.now = case, model, functions, now
        self.inputs: dict[str, Value] = {}
        for node in case.iterchildren(f"{_NAMESPACE}inputNode"):
            name, namespace = node.get("name", ""), node.get("namespace")
            self.inputs[f"{namespace}#{name}" if namespace else name] = read_value(node)

    def outcome(self, node: etree._Element) -> tuple[str, str, str]:
        """Status, expected and got, as text."""
        holder = node.find(f"{_NAMESPACE}expected")
        expected = None if holder is None else read_value(holder)
        try:
            value = self._value(node.get("name", ""))
        except MotcuaError as error:
            accepted = expected is None and node.get("errorResult") == "true"
            return ("SUCCESS" if accepted else "ERROR"), shown_value(expected), error.message("en")
        status = "SUCCESS" if same(expected, value) else "ERROR"
        return status, shown_value(expected), shown_value(value)

    def _value(self, name: str) -> Value:
        if isinstance(self.model, str):
            raise NotFound(what=self.model)
        invocable = self.case.get("invocableName")
        if invocable is None or self.case.get("type", "decision") == "decision":
            return self.model.decide(name, self.inputs, functions=self.functions, now=self.now).value
        value = self.model.decide(invocable, self.inputs, functions=self.functions, now=self.now).value
        several = len(self.model.outputs_of(invocable)) > 1
        return value.get(name) if several and name != invocable and isinstance(value, dict) else value
