"""What is shipped for running the product: containers, units, alerts. No secret, no demo, nothing misspelt."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.errors import InvalidInput
from webapp.screens.health import measuring
from webapp.settings import described, read_settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
_SECRET = re.compile(r"KEY|SECRET|PASSWORD|TOKEN|DATABASE_URL")
_UNITS = sorted((DEPLOY / "systemd").iterdir())
_KNOWN = {name for name, _, _ in described()}


def _example() -> dict[str, str]:
    lines = (DEPLOY / "motcua.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _compose(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text())
    return loaded


def test_example_of_settings_is_known_and_holds_no_secret() -> None:
    given = _example()
    assert set(given) <= _KNOWN
    assert [name for name in given if _SECRET.search(name) and given[name] and not given[name].startswith("/")] == []


def test_example_as_it_stands_does_not_start_and_names_what_is_missing() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_settings(_example())
    missing = refused.value.message("en")
    for name in ("MOTCUA_DATABASE_URL", "MOTCUA_BASE_URL", "MOTCUA_GATEWAY_SECRET", "MOTCUA_REGISTRY_URL"):
        assert name in missing


@pytest.mark.parametrize("name", ["compose.yaml", "compose.machines.yaml"])
def test_containers_are_locked_down_and_carry_no_secret(name: str) -> None:
    services = _compose(name)["services"]
    assert {"web", "worker", "migrate"} <= set(services)
    for service, content in services.items():
        for key, value in content.get("environment", {}).items():
            assert not _SECRET.search(key) or value.startswith("${"), f"{service}: {key}"
            assert key in _KNOWN or key.startswith("POSTGRES_"), key
        if service != "database":
            assert content["read_only"] is True
            assert content["cap_drop"] == ["ALL"]
            assert content["security_opt"] == ["no-new-privileges:true"]
    assert services["worker"]["command"][:2] == ["motcua", "worker"]


def test_image_is_production_and_not_root() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    assert "MOTCUA_ENVIRONMENT=production" in text
    last = text[text.rindex("FROM ") :]
    assert re.search(r"^USER motcua$", last, re.M)
    assert set(re.findall(r"MOTCUA_[A-Z_]+", text)) <= _KNOWN
    assert "--require-hashes" in text
    needed = (ROOT / "tools" / "system-packages.sh").read_text()
    for package in ("tesseract-ocr-vie", "fonts-croscore", "libpango-1.0-0", "libmagic1"):
        assert package in needed and package in last


@pytest.mark.parametrize("unit", [path for path in _UNITS if path.suffix == ".service"], ids=lambda path: path.name)
def test_units_are_hardened(unit: Path) -> None:
    lines = set(unit.read_text().splitlines())
    assert {
        "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "CapabilityBoundingSet=",
        "User=motcua", "EnvironmentFile=/etc/motcua/motcua.env", "RestrictNamespaces=yes",
    } <= lines  # fmt: skip
    assert {name for line in lines for name in re.findall(r"(MOTCUA_[A-Z_]+)=", line)} <= _KNOWN


def test_units_are_understood_by_systemd(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in _UNITS:  # the program and the user are not installed here; the rest of the unit is judged
        text = unit.read_text().replace("/opt/motcua/.venv/bin/motcua", "/bin/true").replace("=motcua\n", "=root\n")
        (tmp_path / unit.name.replace("@.", "@1.")).write_text(text.replace("/opt/motcua", "/"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "motcua" in line]
    assert (done.returncode, ours) == (0, [])


def test_alerts_ask_for_figures_that_exist_and_lead_to_a_page_that_exists() -> None:
    source = Path(measuring.__file__).read_text()
    figures = {f"motcua_{name}" for name in re.findall(r'_gauge\("([a-z_]+)"', source)}
    figures |= {"motcua_outbox_rows", *(f"motcua_request_duration_seconds_{part}" for part in ("bucket", "count"))}
    guide = (ROOT / "docs" / "operations.md").read_text()
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-") for line in re.findall(r"^#+ (.+)$", guide, re.M)
    }
    for rule in _compose("prometheus-alerts.yaml")["groups"][0]["rules"]:
        assert set(re.findall(r"motcua_[a-z_]+", rule["expr"])) <= figures, rule["alert"]
        assert rule["annotations"]["runbook"].partition("#")[2] in headings, rule["alert"]
    for figure in figures - {"motcua_request_duration_seconds_bucket", "motcua_request_duration_seconds_count"}:
        assert figure in guide, figure
