"""Verbs that evaluate one file without any database: run, decide, feel, tck, due."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from engine.bpmn.run_script import run_script
from engine.clock import SystemClock
from engine.decisions import decide_json
from engine.decisions.tck import run_tck, write_csv
from engine.errors import InvalidInput
from engine.feel import evaluate_text
from engine.model.clock_cases import due_cases
from engine.model.schedule import WorkSchedule
from webapp.calendar_files import read_calendar, read_hours
from webapp.cli.group import problem_line, show

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("model", type=_FILE)
@click.option("--script", type=_FILE, help="JSON list of steps; none = start only.")
@click.option("--process", help="Id of the process to run; default: the executable one that no other calls.")
@click.option("--restart", is_flag=True, help="Save and load the instance between every two steps.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def run(
    context: click.Context, model: Path, script: Path | None, process: str | None, restart: bool, as_json: bool
) -> None:
    """Drive MODEL.bpmn with the given answers and print its trace."""
    steps = _read_json(script) if script else []
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise InvalidInput(what=str(script), why="expected a JSON list of steps, each an object")
    name = model.name if model.name.lower().endswith((".bpmn", ".xml")) else f"{model.name}.bpmn"
    files = {name: model.read_bytes()} | _beside(model)
    outcome = run_script(files, steps, process=process, restart=restart)
    if as_json:
        show(outcome)
    else:
        for problem in outcome.get("problems", ()):
            click.echo(problem_line({"severity": "error", "file": "", "remedy": ""} | problem), err=True)
        for entry in outcome.get("trace", ()):
            click.echo(f"{entry['event']:<10} {entry['element']}")
        if "open" in outcome:
            click.echo(f"open: {', '.join(outcome['open']) or '–'}; completed: {outcome['completed']}")
    context.exit(1 if "problems" in outcome else 0)


def _beside(model: Path) -> dict[str, bytes]:
    """Decision tables that lie in the same folder, for business rule tasks."""
    return {path.name: path.read_bytes() for path in sorted(model.parent.glob("*.dmn"))[:50]}


@click.command()
@click.argument("model", type=_FILE)
@click.option("--decision", help="Name or id; default: the only one.")
@click.option("--input", "inputs", type=_FILE, help="JSON object of inputs.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def decide(model: Path, decision: str | None, inputs: Path | None, as_json: bool) -> None:
    """Evaluate a decision of MODEL.dmn."""
    others = {path.name: path.read_bytes() for path in model.parent.glob("*.dmn") if path != model}
    outcome = decide_json(
        model.read_bytes(),
        decision,
        _read_json(inputs) if inputs else {},
        imports=others,
        now=SystemClock().now(),
    )
    if as_json:
        show(outcome)
        return
    click.echo(json.dumps(outcome["value"], ensure_ascii=False))
    for reason in _list(outcome.get("reasons")):
        click.echo(f"  {reason.get('code')}: {reason.get('message')}", err=True)


@click.command()
@click.argument("expression")
@click.option("--context", "context_file", type=_FILE, help="JSON object of variables.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def feel(expression: str, context_file: Path | None, as_json: bool) -> None:
    """Evaluate a FEEL EXPRESSION."""
    outcome = evaluate_text(expression, _read_json(context_file) if context_file else {}, now=SystemClock().now())
    if as_json:
        show(outcome)
        return
    click.echo(json.dumps(outcome["value"], ensure_ascii=False))
    for reason in _list(outcome.get("reasons")):
        click.echo(f"  {reason.get('line')}:{reason.get('column')} {reason.get('message')}", err=True)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=_FOLDER)
@click.option("--csv", "as_csv", is_flag=True, help="Print a row a case.")
def tck(folders: tuple[Path, ...], as_csv: bool) -> None:
    """Run test folders of the DMN Technology Compatibility Kit."""
    if as_csv:
        successes, total = write_csv(run_tck(folders), sys.stdout)
    else:
        rows = list(run_tck(folders))
        successes, total = sum(row.success for row in rows), len(rows)
        for row in rows:
            if not row.success:
                click.echo(f"ERROR {row.folder}/{row.case_id} {row.result_node}: {row.got} ≠ {row.expected}")
    click.echo(f"{successes} of {total} passed", err=True)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document: a list of answers.")
@click.pass_context
def due(context: click.Context, file: Path, as_json: bool) -> None:
    """Compute due moments for the cases of FILE.jsonl (docs/clock.md)."""
    with file.open(encoding="utf-8") as lines:
        answers = list(due_cases(lines, read_calendar(), WorkSchedule.from_json(read_hours())))
    if as_json:
        show(answers)
    else:
        for answer in answers:
            said = answer["error"]["message"] if "error" in answer else answer.get("due_at") or "paused"
            click.echo(f"{answer.get('id', answer['line'])}\t{said}")
    context.exit(1 if any("error" in answer for answer in answers) else 0)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(what=path.name, why=f"not JSON in UTF-8: {error}") from error


def _list(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else []
