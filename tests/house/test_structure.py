"""The rules of the house, executable: layers, sizes, names, documents."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from webapp.cli.group import VERBS
from webapp.settings import described

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "connectors", "webapp")
MAX_LINES, MAX_FUNCTION, MAX_PARAMETERS = 500, 50, 6
#: Names that say nothing.
VAGUE = {"utils", "helpers", "common", "manager", "service", "misc", "base"}
#: Where a broad ``except`` may stand, with the reason beside it.
BROAD = {
    "engine/worker/worker.py",  # one dossier's failure never stops another's work
    "engine/worker/periodic.py",  # one kind of periodic work never stops the others
    "engine/worker/embedded.py",  # the loop outlives the database's absence
    "connectors/dispatch/distributed.py",  # hands a thread's failure to whoever waits for it
    "connectors/signing/verifier.py",  # any doubt about a signature is "invalid"
    "engine/store/database.py",  # rolls back and raises again
    "connectors/files/store.py",  # removes the half-written file and raises again
    "engine/bpmn/instance.py",  # marks the half-moved instance void and raises again
}


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _overload(node: ast.stmt) -> bool:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return any(isinstance(one, ast.Name) and one.id == "overload" for one in decorators)


def test_layers_and_vendor_walls_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]


def test_files_are_short() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in _sources()}
    assert {name: lines for name, lines in long.items() if lines > MAX_LINES} == {}


def test_functions_are_short_and_take_few_parameters() -> None:
    found = []
    for path in _sources():
        for function in _functions(ast.parse(path.read_text())):
            lines = (function.end_lineno or 0) - function.lineno + 1
            arguments = function.args
            count = len(arguments.args) + len(arguments.kwonlyargs) + len(arguments.posonlyargs)
            count -= bool(arguments.args) and arguments.args[0].arg in {"self", "cls"}
            reason = re.search(r"noqa:.*\bPLR0913\W+\w", path.read_text().splitlines()[function.lineno - 1])
            if lines > MAX_FUNCTION or (count > MAX_PARAMETERS and not reason):
                found.append(f"{path.relative_to(ROOT)}:{function.name} {lines} lines, {count} parameters")
    assert found == []


def test_module_names_say_something() -> None:
    assert [str(path.relative_to(ROOT)) for path in _sources() if path.stem in VAGUE] == []


def test_public_things_have_docstrings() -> None:
    bare = []
    for path in _sources():
        tree = ast.parse(path.read_text())
        if path.name != "__init__.py" and ast.get_docstring(tree) is None:
            bare.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            public = isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
            # A built-in of FEEL is described once, in the signature that registers it.
            if public and "builtins" not in path.parts and not _overload(node) and ast.get_docstring(node) is None:
                bare.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert bare == []


def test_broad_except_stands_only_where_allowed() -> None:
    pattern = re.compile(r"^\s*except (Exception|BaseException)\b|^\s*except:", re.MULTILINE)
    found = {str(path.relative_to(ROOT)) for path in _sources() if pattern.search(path.read_text())}
    assert found - BROAD == set()


def test_clock_is_read_in_one_place() -> None:
    pattern = re.compile(r"datetime\.now\(|datetime\.utcnow\(|date\.today\(|time\.time\(")
    found = {str(path.relative_to(ROOT)) for path in _sources() if pattern.search(path.read_text())}
    assert found <= {"engine/clock.py"}


def test_nothing_evaluates_python_text() -> None:
    found = []
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_data_folders_hold_no_code() -> None:
    assert [*(ROOT / "processes").rglob("*.py"), *(ROOT / "forms").rglob("*.py")] == []


def test_migrations_have_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_error_codes_are_unique_and_bilingual() -> None:
    codes: dict[str, str] = {}
    for path in _sources():
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.ClassDef):
                continue
            values = {
                target.id: statement.value.value
                for statement in node.body
                if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
                for target in statement.targets
                if isinstance(target, ast.Name)
            }
            if "code" in values and "vi" in values:
                name = f"{path.relative_to(ROOT)}:{node.name}"
                assert values["code"] not in codes, (values["code"], name, codes.get(str(values["code"])))
                assert values["vi"], name
                codes[str(values["code"])] = name
    assert len(codes) > 30


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_docs_name_every_verb(verb: str) -> None:
    assert f"`motcua {verb}" in (ROOT / "docs" / "command-line.md").read_text()


def test_docs_name_every_setting() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    assert [name for name, _, _ in described() if f"`{name}`" not in text] == []


def test_readme_shows_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert "make run" in text
    assert "make test" in text


def test_commits_of_sources_name_no_machine() -> None:
    paths = [
        path
        for folder in ("engine", "connectors", "webapp", "docs", "processes", "forms", "tools", "migrations")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in {".py", ".md", ".json", ".html", ".sh", ".bpmn", ".dmn"}
        and "vendor" not in path.parts
    ]  # fmt: skip
    pattern = re.compile(r"/(work|root|home)/\w+")
    assert [str(path.relative_to(ROOT)) for path in paths if pattern.search(path.read_text())] == []
