"""Everything that is wrong with a procedure being authored, file by file and as a whole, as far as it can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from engine import bpmn
from engine.bpmn import guard
from engine.bpmn.diagram import Diagram, Node
from engine.commands.definitions import check_package
from engine.decisions import check_model
from engine.definitions.legal_completeness import Drawing, Step, completeness
from engine.definitions.manifest import FILE, Manifest, read_manifest
from engine.definitions.package import Package, belongs
from engine.definitions.scenario import read_scenario
from engine.definitions.skeleton import pruned
from engine.errors import DefinitionRefused, MotcuaError, Problem, Text
from engine.feel import FunctionRegistry
from engine.forms import Form, load_form
from engine.forms.document import read_document

#: Findings that make a file unreadable: nothing can show it again, so it is never stored.
UNREADABLE = frozenset(
    {
        "bpmn-file-too-large", "bpmn-file-empty", "bpmn-doctype", "bpmn-not-xml", "bpmn-not-bpmn", "bpmn-too-deep",
        "bpmn-too-many-elements", "dmn-too-large", "dmn-doctype", "dmn-xml", "dmn-namespace", "dmn-too-deep",
        "form-too-large", "form-encoding", "form-too-deep", "form-duplicate-key", "form-json", "form-root",
        "manifest-broken", "draft-file-name", "draft-file-encoding",
    }
)  # fmt: skip
_SHARED = "forms/_shared/"
_MAX_TEXT = 1024 * 1024


def package_of(files: Mapping[str, bytes]) -> Package:
    """The version that a draft's files would be: shared diagrams that nothing calls are left out."""
    return Package(pruned(files))


def unreadable(name: str, content: bytes) -> tuple[Problem, ...]:
    """Why a file cannot even be kept in a draft; empty when it can, whatever else is wrong with it."""
    if not belongs(name):
        return (_named(name),)
    found = (
        _file_problems(name, content, {}, None) if name.endswith((".bpmn", ".dmn")) else tuple(_document(name, content))
    )
    return tuple(problem for problem in found if problem.code in UNREADABLE)


def _document(name: str, content: bytes) -> Iterator[Problem]:
    """Text files: JSON is an object and not too deep, everything is UTF-8 and not huge."""
    try:
        if name.endswith(".json"):
            read_document(content, file=name)
        elif len(content) > _MAX_TEXT:
            raise UnicodeDecodeError("utf-8", b"", 0, 1, "too large")
        else:
            content.decode()
    except DefinitionRefused as refusal:
        yield from refusal.problems
    except UnicodeDecodeError:
        yield Problem(
            code="draft-file-encoding",
            file=name,
            message=Text(vi="Tệp không phải văn bản UTF-8 dưới 1 MB.", en="The file is no UTF-8 text below 1 MB."),
            remedy=Text(vi="Lưu lại tệp với mã UTF-8.", en="Save the file as UTF-8."),
        )


def problems_of(files: Mapping[str, bytes], *, functions: FunctionRegistry | None = None) -> tuple[Problem, ...]:
    """Every finding about a draft, errors first: each file, how they fit, and legal completeness."""
    package = package_of(files)
    found: dict[Problem, None] = {}
    shared = {name.removeprefix("forms/"): content for name, content in files.items() if name.startswith(_SHARED)}
    diagrams = {name: content for name, content in package.files.items() if name.endswith(".bpmn")}
    checked = guard.inspect(diagrams)
    found.update(dict.fromkeys(checked.problems))
    forms: dict[str, Form] = {}
    for name, content in sorted(package.files.items()):
        if name.startswith("forms/") and not name.startswith(_SHARED):
            form = _form(name, content, shared)
            if isinstance(form, Form):
                forms[name] = form
            else:
                found.update(dict.fromkeys(form))
        elif not name.endswith(".bpmn"):
            found.update(dict.fromkeys(_file_problems(name, content, shared, functions)))
    manifest = _manifest(package, found)
    if not any(problem.severity == "error" for problem in found):
        found.update(dict.fromkeys(_placed(check_package(package, functions=functions), checked.diagrams)))
    if manifest is not None:
        found.update(dict.fromkeys(_complete(manifest, checked.diagrams, forms)))
    return tuple(sorted(found, key=lambda problem: problem.severity != "error"))


def _file_problems(
    name: str, content: bytes, shared: Mapping[str, bytes], functions: FunctionRegistry | None
) -> tuple[Problem, ...]:
    if name.endswith(".bpmn"):
        return guard.check_files({name: content})
    if name.endswith(".dmn"):
        return _tables(content, name, functions)
    if name.startswith("scenarios/") and name.endswith(".json"):
        return _scenario(content, name)
    return ()


@lru_cache(maxsize=64)
def _tables(content: bytes, name: str, functions: FunctionRegistry | None) -> tuple[Problem, ...]:
    return check_model(content, file=name, functions=functions)


@lru_cache(maxsize=256)
def _scenario(content: bytes, name: str) -> tuple[Problem, ...]:
    try:
        read_scenario(content, file=name)
    except DefinitionRefused as refusal:
        return refusal.problems
    return ()


def _form(name: str, content: bytes, shared: Mapping[str, bytes]) -> Form | tuple[Problem, ...]:
    try:
        return load_form(content, file=name, shared=shared)
    except DefinitionRefused as refusal:
        return refusal.problems


def _manifest(package: Package, found: dict[Problem, None]) -> Manifest | None:
    try:
        return read_manifest(package.files.get(FILE, b""))
    except DefinitionRefused as refusal:
        found.update(dict.fromkeys(refusal.problems))
    except MotcuaError as error:  # a value that the schema lets through and the record does not
        said = Text(vi=error.message("vi"), en=error.message("en"))
        fix = Text(vi="Sửa trong thông tin thủ tục.", en="Correct it in the manifest.")
        found[Problem(code="manifest-invalid", file=FILE, message=said, remedy=fix)] = None
    return None


def _placed(problems: tuple[Problem, ...], diagrams: tuple[Diagram, ...]) -> Iterator[Problem]:
    """Findings about a step, with the file that draws it."""
    home = {node.id: diagram.file for diagram in diagrams for node in diagram.nodes}
    for problem in problems:
        yield problem if problem.file else replace(problem, file=home.get(problem.element, FILE))


def _complete(manifest: Manifest, diagrams: tuple[Diagram, ...], forms: Mapping[str, Form]) -> Iterator[Problem]:
    papers = frozenset(field.paper for form in forms.values() for field in form.fields() if field.paper)
    main = drawing_of(diagrams, manifest.process)
    if manifest.process not in main.processes:
        yield Problem(
            code="manifest-process",
            file=FILE,
            element="process",
            message=Text(
                vi=f"Sơ đồ không có quy trình {manifest.process}.", en=f"No diagram has the process {manifest.process}."
            ),
            remedy=Text(vi="Ghi đúng mã quy trình trong sơ đồ.", en="Give the id of the process in the diagram."),
        )
        return
    home = {node.id: diagram.file for diagram in diagrams for node in diagram.nodes}
    for problem in completeness(manifest, main, papers):
        yield replace(problem, file=home.get(problem.element, problem.file))


def drawing_of(diagrams: tuple[Diagram, ...], main: str) -> Drawing:
    """What legal completeness looks at."""
    processes: dict[str, dict[str, Step]] = {}
    for diagram in diagrams:
        for process in diagram.processes:
            processes[process.id] = {
                node.id: _step(
                    node,
                    tuple(flow.target for flow in process.outgoing.get(node.id, ()))
                    + tuple(event.id for event in process.boundaries.get(node.id, ())),
                )
                for node in process.nodes
            }
    return Drawing(main=main, processes=processes)


def _step(node: Node, follows: tuple[str, ...]) -> Step:
    return Step(
        id=node.id,
        name=node.name,
        kind=node.kind,
        attributes={name.removeprefix("motcua:"): value for name, value in node.attributes.items()},
        inputs={mapping.target: mapping.source for mapping in node.mappings if mapping.direction == "input"},
        called=node.called,
        follows=follows,
    )


def own_flows(files: Mapping[str, bytes], definition: bpmn.Definition) -> frozenset[str]:
    """The ids of the sequence flows that the procedure's own diagrams draw: what its scenarios have to cover."""
    own = guard.inspect(
        {name: content for name, content in files.items() if name.endswith(".bpmn") and "/" not in name}
    )
    graph = bpmn.loaded_graph(definition)
    drawn = {process.id for diagram in own.diagrams for process in diagram.processes}
    return frozenset(flow for process, found in graph.items() if process in drawn for _, _, flow in found["flows"])


def _named(name: str) -> Problem:
    return Problem(
        code="draft-file-name",
        file=name[:120],
        message=Text(
            vi=f"Tên tệp {name[:120]!r} không thuộc bộ thủ tục.",
            en=f"A file {name[:120]!r} does not belong in a package.",
        ),
        remedy=Text(
            vi="Dùng tên như process.bpmn, decisions.dmn, forms/application.json, scenarios/cap.json.",
            en="Use names such as process.bpmn, decisions.dmn, forms/application.json, scenarios/granted.json.",
        ),
    )
