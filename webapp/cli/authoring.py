"""Verbs for who authors procedures: check, scenario, deploy."""

from __future__ import annotations

from pathlib import Path

import click

from engine.bpmn import guard
from engine.commands.definitions import DeployProcedure, check_package
from engine.commands.publishing import ImportNationalCatalogue
from engine.decisions import check_model
from engine.definitions.national_catalogue import read_catalogue
from engine.definitions.package import read_folder
from engine.definitions.scenario import read_scenario, scenario_files
from engine.errors import DefinitionRefused, Problem
from engine.forms import load_form, load_shared
from engine.model.permission import SYSTEM
from webapp.bootstrap import assemble
from webapp.cli.group import problem_line, show
from webapp.logs import configure_logging
from webapp.scenarios import Coverage, Outcome, open_stage, play, procedure_in_force
from webapp.settings import read_settings

_PATH = click.Path(exists=True, path_type=Path)
#: Names of what no scenario passed; ``--json`` tells all of them.
_SHOWN = 12
_COUNTED = (("nodes", "passed"), ("flows", "taken"))


@click.command()
@click.argument("paths", nargs=-1, required=True, type=_PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def check(context: click.Context, paths: tuple[Path, ...], as_json: bool) -> None:
    """Say what is wrong with procedures (folders) or single .bpmn, .dmn and e-form .json files."""
    problems = [problem for path in paths for problem in problems_of(path)]
    refused = any(problem.severity == "error" for problem in problems)
    if as_json:
        show({"ok": not refused, "problems": [problem.as_json() for problem in problems]})
    else:
        for problem in problems:
            click.echo(problem_line(problem.as_json()))
        click.echo("refused" if refused else "ok")
    context.exit(1 if refused else 0)


def problems_of(path: Path) -> tuple[Problem, ...]:
    """The findings about one path."""
    if path.is_dir():
        try:
            return check_package(read_folder(path))
        except DefinitionRefused as refusal:
            return refusal.problems
    content = path.read_bytes()
    if path.suffix in {".bpmn", ".xml"}:
        return guard.check_files({path.name: content})
    if path.suffix == ".dmn":
        return check_model(content, file=path.name)
    try:
        load_form(content, file=path.name, shared=load_shared(path.resolve().parent.parent))
    except DefinitionRefused as refusal:
        return refusal.problems
    return ()


@click.command()
@click.argument("paths", nargs=-1, required=True, type=_PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def scenario(context: click.Context, paths: tuple[Path, ...], as_json: bool) -> None:
    """Play scenarios (files, or the folders of procedures) on a temporary installation."""
    files = [file for path in paths for file in scenario_files(path)]
    scenarios = [read_scenario(file.read_bytes(), file=str(file)) for file in files]
    configure_logging("CRITICAL")
    outcomes: list[Outcome] = []
    coverage: dict[str, Coverage] = {}
    with open_stage(min(one.start for one in scenarios)) as installation:
        for one in scenarios:
            outcome = play(one, installation)
            outcomes.append(outcome)
            code = one.procedure
            if code not in coverage:
                coverage[code] = Coverage.of(procedure_in_force(installation, code).definition)
            coverage[code].add(outcome.steps)
            if not as_json:
                click.echo(f"{'ok    ' if outcome.holds else 'FAILED'} {one.file}: {outcome.title}")
                for failure in outcome.failures:
                    click.echo(f"       {failure.en}")
    if as_json:
        show(
            {
                "ok": all(outcome.holds for outcome in outcomes),
                "scenarios": [
                    {
                        "file": one.file,
                        "title": one.title,
                        "number": one.number,
                        "failures": [said.en for said in one.failures],
                    }
                    for one in outcomes
                ],
                "coverage": {code: found.as_json() for code, found in coverage.items()},
            }
        )
    else:
        for code, found in coverage.items():
            counts = found.as_json()
            nodes, flows = (f"{counts[f'{a}_{b}']}/{counts[a]} {a}" for a, b in _COUNTED)
            lacking = [*counts["nodes_missing"], *counts["flows_missing"]]
            missing = ", ".join(lacking[:_SHOWN]) + (f" and {len(lacking) - _SHOWN} more" if lacking[_SHOWN:] else "")
            click.echo(f"{code}: {nodes}, {flows}" + (f"; not passed: {missing}" if missing else ""))
    context.exit(0 if all(outcome.holds for outcome in outcomes) else 1)


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--decision", default="", help="Number and date of the publishing decision.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def deploy(path: Path, decision: str, as_json: bool) -> None:
    """Check a procedure's folder and put it in force from now on."""
    settings = read_settings()
    configure_logging("WARNING")
    with assemble(settings, sandboxes=False) as product:
        answer = product.bus.execute(DeployProcedure(package=read_folder(path), decision=decision), SYSTEM)
    if as_json:
        show(answer)
    else:
        state = "in force" if answer["changed"] else "was in force already"
        click.echo(f"{path.name}: version {answer['digest'][:12]} {state}")


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def catalogue(path: Path, as_json: bool) -> None:
    """Import a national catalogue (JSON Lines) that analysts begin procedures from; it replaces the one before."""
    entries = read_catalogue(path.read_bytes(), file=path.name)
    settings = read_settings()
    configure_logging("WARNING")
    with assemble(settings, sandboxes=False) as product:
        answer = product.bus.execute(ImportNationalCatalogue(entries=entries), SYSTEM)
    if as_json:
        show(answer)
    else:
        click.echo(f"{answer['entries']} procedures")
