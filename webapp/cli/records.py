"""Verbs about dossiers: demo, verify, export, explain."""

from __future__ import annotations

from typing import TextIO

import click

from engine.clock import SystemClock
from engine.errors import ConnectorUnavailable, InvalidInput
from engine.model.citation import citation
from engine.ports import Sealer
from engine.queries.checkpoints import flaws
from engine.queries.explanation import explain_deadline
from engine.queries.export import as_csv, as_json_history, as_xes
from engine.queries.verification import Finding, Verification
from engine.store.unit_of_work import UnitOfWork
from webapp.bootstrap import assemble, open_database, open_files, open_sealer
from webapp.calendar_files import read_calendar, read_office
from webapp.cli.group import show
from webapp.demo.run import DemoRun
from webapp.demo.seed import seed
from webapp.logs import configure_logging
from webapp.settings import read_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def demo(as_json: bool) -> None:
    """Take one dossier from filing to its signed result, headless."""
    settings = read_settings()
    configure_logging("WARNING")
    with assemble(settings, sandboxes=not settings.production) as product:
        seed(product)
        outcome = DemoRun(product, say=(lambda line: None) if as_json else click.echo).play()
    if as_json:
        show(outcome.record)
    else:
        click.echo(f"{outcome.number}: {outcome.record['pdf']}")


@click.command()
@click.argument("number", required=False)
@click.option("--all", "every", is_flag=True, help="Check every dossier.")
@click.option("--against", type=click.File(encoding="utf-8"), help="Checkpoints exported before, kept elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def verify(context: click.Context, number: str | None, every: bool, against: TextIO | None, as_json: bool) -> None:
    """Check a dossier's chain, files and rows by executing it again; with --all the signed checkpoints too."""
    if bool(number) == every:
        raise click.UsageError("give one NUMBER or --all")
    settings = read_settings()
    configure_logging("WARNING")
    database = open_database(settings)
    with database.begin() as uow:
        files = open_files(settings)
        verification = Verification(uow, files, calendar=read_calendar(), office=read_office())
        verdicts = [verification.verify(one) for one in (uow.dossiers.numbers() if every else (str(number),))]
        findings = [finding for verdict in verdicts for finding in verdict.findings]
        if every:
            findings += _checkpoints(uow, open_sealer(settings, SystemClock()), against.read() if against else "")
    database.close()
    if as_json:
        show(
            {
                "ok": not findings,
                "dossiers": len(verdicts),
                "events": sum(verdict.events for verdict in verdicts),
                "files": sum(verdict.files for verdict in verdicts),
                "findings": [finding.as_json() for finding in findings],
            }
        )
    else:
        for finding in findings:
            click.echo(f"{finding.dossier or '-'}: {finding.place}: {finding.what}")
        total = sum(verdict.events for verdict in verdicts)
        click.echo(f"{len(verdicts)} dossiers, {total} events: {'BROKEN' if findings else 'intact'}")
    context.exit(1 if findings else 0)


def _checkpoints(uow: UnitOfWork, sealer: Sealer | None, exported: str) -> list[Finding]:
    """What does not hold of the checkpoints; signatures are left out, and that is said, when nobody can judge them."""
    try:
        found = list(flaws(uow, sealer, exported))
    except ConnectorUnavailable as error:
        click.echo(f"signatures of checkpoints were not checked: {error.message('en')}", err=True)
        found = list(flaws(uow, None, exported))
    return [Finding(dossier=one.dossier, place=one.place, what=one.what) for one in found]


@click.command()
@click.argument("number")
@click.option("--format", "form", type=click.Choice(["json", "xes", "csv"]), default="json")
def export(number: str, form: str) -> None:
    """Print a dossier's history."""
    database = open_database(read_settings())
    with database.begin() as uow:
        dossier, events = uow.dossiers.get(number), uow.journal.of(number)
    database.close()
    write = {"json": as_json_history, "xes": as_xes, "csv": as_csv}[form]
    click.echo(write(dossier, events))


@click.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def explain(number: str, as_json: bool) -> None:
    """Say which hours of a dossier's term were counted, which were skipped, and on what ground."""
    database = open_database(read_settings())
    with database.begin() as uow:
        deadline = explain_deadline(uow, number, read_calendar())
    database.close()
    if deadline is None:
        raise InvalidInput(what=number, why="its term has not begun: the filing is not complete")
    if as_json:
        show(deadline.as_json())
        return
    for line in deadline.explanation:
        click.echo(
            f"{line.start:%d/%m %H:%M}–{line.end:%d/%m %H:%M}  {line.minutes:>5} ph  {line.text.vi} [{line.ground}]"
        )
        click.echo(f"{'':30}{line.text.en} [{citation(line.ground, 'en')}]")
    click.echo(f"{deadline.due_at:%H:%M %d/%m/%Y}" if deadline.due_at else "tạm dừng / paused")
