"""Playing every scenario file once for the whole module: outcomes and coverage, shared by its tests."""

from __future__ import annotations

from pathlib import Path

from engine.definitions.scenario import Scenario, read_scenario, scenario_files

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
FILES = tuple(scenario_files(PROCESSES))


def read(file: Path) -> Scenario:
    """The scenario of a file."""
    return read_scenario(file.read_bytes(), file=str(file.relative_to(PROCESSES)))


def name(file: Path) -> str:
    """How a test names a file."""
    return f"{file.parent.parent.name}/{file.stem}"
