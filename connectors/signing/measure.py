"""How long signing takes on this machine, in real calls against the configured services."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from connectors.signing.signers import SigningConnector
from engine.ports import SignatureRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Median of some rounds, milliseconds."""

    name: str
    wall_ms: float
    cpu_ms: float  #: of this process, all its threads
    rounds: int


def measure(
    connector: SigningConnector, pdf: bytes, *, official: str, seal: str, other: str = "", rounds: int = 5
) -> tuple[Timing, ...]:
    """Time each step a result takes: ``official`` and ``seal`` are RSA keys, ``other`` an EC key or empty."""

    def request(key: str) -> SignatureRequest:
        return SignatureRequest(key=key, reason="bench", location="bench")

    official_signed = connector.endesive.sign(pdf, request(official))
    both = connector.endesive.sign(official_signed, request(seal))
    result = connector.signer.seal_for_archive(both)
    steps: dict[str, Callable[[], object]] = {
        "sign_endesive_b_t": lambda: connector.endesive.sign(pdf, request(official)),
        "sign_pyhanko_b_t": lambda: connector.pyhanko.sign(pdf, request(official)),
        "archive_two_signatures": lambda: connector.signer.seal_for_archive(both),
        "verify_b_t": lambda: connector.verifier.verify(official_signed),
        "verify_b_lta_two_signatures": lambda: connector.verifier.verify(result),
    }
    if other:
        steps["sign_pyhanko_ec_b_t"] = lambda: connector.pyhanko.sign(pdf, request(other))
    return tuple(_time(name, step, rounds) for name, step in steps.items())


def _time(name: str, step: Callable[[], object], rounds: int) -> Timing:
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        step()
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    return Timing(name=name, wall_ms=round(median(walls), 1), cpu_ms=round(median(cpus), 1), rounds=rounds)
