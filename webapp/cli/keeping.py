"""Verbs that keep the records: checkpoint, backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click

from engine.errors import MotcuaError
from engine.queries import checkpoints as queries
from engine.store.unit_of_work import UnitOfWork
from engine.worker.checkpoints import make_checkpoint
from webapp.backup import Stock, require_empty_home, restore_secrets, take
from webapp.backup import restore as fill
from webapp.bootstrap import assemble, clock_of, open_database, open_files, reach_database
from webapp.cli.group import show
from webapp.logs import configure_logging
from webapp.settings import read_settings


class KeyMissing(MotcuaError):
    """There is no key to sign checkpoints with: set MOTCUA_CHECKPOINT_KEY to the name of one in MOTCUA_SIGNING_KEYS."""

    code = "checkpoint-key-missing"
    vi = "Chưa có khóa để ký điểm chốt: hãy đặt MOTCUA_CHECKPOINT_KEY là tên một khóa trong MOTCUA_SIGNING_KEYS."


@click.command()
@click.option("--export", type=click.File("w", encoding="utf-8"), help="Write all checkpoints to a file ('-': print).")
@click.option("--proof", metavar="NUMBER", help="Print what proves a dossier's sealed history without this database.")
def checkpoint(export: TextIO | None, proof: str | None) -> None:
    """Sign and time-stamp the heads of all chains that have grown; or give out what was signed.

    Keep exports where nobody who can write the database can write: with them `motcua verify --all --against FILE`
    notices even checkpoints that were cut off.
    """
    settings = read_settings()
    configure_logging("WARNING")
    if export is None and proof is None:
        with assemble(settings) as product:
            if product.ports.sealer is None:
                raise KeyMissing()
            made = make_checkpoint(product.database, product.ports.sealer, product.clock.now())
        click.echo(f"checkpoint {made.number}: {made.statement}" if made else "no chain has grown")
        return
    database = open_database(settings)
    with database.read() as connection:
        uow = UnitOfWork(connection)
        if proof is not None:
            show(queries.proof(uow, proof))
        if export is not None:
            for line in queries.export(uow):
                export.write(line + "\n")
    database.close()


@click.command()
@click.argument("destination", type=click.Path(path_type=Path, file_okay=False))
@click.option("--with-secrets", is_flag=True, help="Copy secrets.json and the folder of keys too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def backup(destination: Path, with_secrets: bool, as_json: bool) -> None:
    """Copy database and files to a new folder below DESTINATION while everybody works on."""
    configure_logging("WARNING")
    settings = read_settings()
    database = open_database(settings)
    stock = Stock(database=database, files=open_files(settings), home=settings.home)
    taken = take(stock, destination, clock_of(database).now(), secrets=with_secrets)
    database.close()
    told = {"folder": str(taken.folder), "dossiers": taken.dossiers, "files": taken.files, "new_files": taken.new_files}
    if as_json:
        show(told)
    else:
        click.echo(f"{taken.folder}: {taken.dossiers} dossiers, {taken.files} files ({taken.new_files} new)")


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def restore(context: click.Context, source: Path, as_json: bool) -> None:
    """Fill an empty installation from the backup SOURCE, then verify it whole."""
    settings = read_settings()
    configure_logging("WARNING")
    require_empty_home(settings.home)
    restore_secrets(settings.home, source)
    database = reach_database(settings)
    stock = Stock(database=database, files=open_files(settings), home=settings.home)
    restored = fill(stock, source, say=(lambda line: None) if as_json else click.echo)
    database.close()
    if as_json:
        show(
            {
                "ok": not restored.findings, "dossiers": restored.dossiers, "files": restored.files,
                "findings": restored.findings,
            }
        )  # fmt: skip
    else:
        for finding in restored.findings:
            click.echo(finding)
        click.echo("BROKEN" if restored.findings else "restored and verified whole")
    context.exit(1 if restored.findings else 0)
