"""The verbs by name; each module is read only when its verb is called, so that small verbs start fast."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import click

from engine.errors import DefinitionRefused, MotcuaError

#: Verb → module that holds its click command under the same name (with ``_`` for ``-``).
VERBS: dict[str, str] = {
    "init": "webapp.cli.serving",
    "serve": "webapp.cli.serving",
    "worker": "webapp.cli.serving",
    "settings": "webapp.cli.serving",
    "check": "webapp.cli.authoring",
    "scenario": "webapp.cli.authoring",
    "deploy": "webapp.cli.authoring",
    "catalogue": "webapp.cli.authoring",
    "run": "webapp.cli.evaluating",
    "decide": "webapp.cli.evaluating",
    "feel": "webapp.cli.evaluating",
    "tck": "webapp.cli.evaluating",
    "due": "webapp.cli.evaluating",
    "demo": "webapp.cli.records",
    "verify": "webapp.cli.records",
    "export": "webapp.cli.records",
    "explain": "webapp.cli.records",
    "certificate": "webapp.cli.organisation",
    "checkpoint": "webapp.cli.keeping",
    "backup": "webapp.cli.keeping",
    "restore": "webapp.cli.keeping",
    "bench": "webapp.cli.measuring",
    "load": "webapp.cli.loading",
}


class VerbGroup(click.Group):
    """Loads verbs lazily and turns domain errors into sentences and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, imported now."""
        if cmd_name not in VERBS:
            return None
        found = getattr(importlib.import_module(VERBS[cmd_name]), cmd_name.replace("-", "_"))
        assert isinstance(found, click.Command)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; a domain "no" becomes exit 1."""
        try:
            return super().invoke(ctx)
        except DefinitionRefused as refusal:
            problems = [problem.as_json() for problem in refusal.problems]
            if _json_asked():
                show({"problems": problems})
            else:
                for problem in problems:
                    click.echo(problem_line(problem), err=True)
            ctx.exit(1)
        except MotcuaError as error:
            if _json_asked():
                show({"error": {"code": error.code, "message": error.message("en"), "message_vi": error.message("vi")}})
            else:
                click.echo(f"{error.code}: {error.message('en')}\n{error.message('vi')}", err=True)
            ctx.exit(1)


def show(document: Any) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def problem_line(problem: dict[str, Any]) -> str:
    """A finding as one readable block."""
    place = ":".join(part for part in (problem["file"], problem["element"]) if part)
    return f"{problem['severity']} {problem['code']} {place}\n  {problem['message']}\n  → {problem['remedy']}"


def _json_asked() -> bool:
    return "--json" in sys.argv


@click.group(cls=VerbGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="motcua")
def main() -> None:
    """Motcua settles administrative procedures: a procedure is data, and a dossier cannot lie."""
