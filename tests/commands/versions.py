"""Later versions of a shipped procedure, put in force in a test's own database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from engine.commands.definitions import DeployProcedure
from engine.definitions.package import Package, read_folder
from engine.model.permission import SYSTEM
from webapp.bootstrap import PROCESSES, Product


def publish(
    product: Product, code: str, change: Callable[[dict[str, Any]], None], *, files: dict[str, bytes] | None = None
) -> str:
    """Put a version with a changed manifest (and other files) in force now; its digest."""
    package = read_folder(PROCESSES / code)
    manifest = orjson.loads(package.files["procedure.json"])
    manifest["version"] = "1.1"
    change(manifest)
    newer = Package({**package.files, **(files or {}), "procedure.json": orjson.dumps(manifest)})
    return str(product.bus.execute(DeployProcedure(package=newer), SYSTEM)["digest"])


def nothing(manifest: dict[str, Any]) -> None:
    """No change beside the version."""
