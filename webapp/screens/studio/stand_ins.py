"""What stands outside while a draft is tried: all in memory, nothing on the network, nothing of the installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from connectors.registry.sandbox import RegistrySandbox
from engine.errors import ConnectorRefused, ConnectorUnavailable, NotFound, Text
from engine.ports import (
    Clock,
    Message,
    RegistryAnswer,
    RegistryQuery,
    RegistryRecord,
    SignatureReport,
    SignatureRequest,
)
from engine.values import Digest
from webapp.scenarios.faults import Broken

_MARK = b"\n%motcua-rehearsal-signature "


@dataclass(slots=True)
class MemoryFiles:
    """Port ``ObjectStore``."""

    held: dict[str, bytes] = field(default_factory=dict)

    def put(self, content: bytes) -> Digest:
        """Keep the content."""
        digest = Digest.of(content)
        self.held[digest] = content
        return digest

    def get(self, digest: Digest) -> bytes:
        """The content."""
        if digest not in self.held:
            raise NotFound(what=f"file {digest[:12]}")
        return self.held[digest]

    def exists(self, digest: Digest) -> bool:
        """Whether it is there."""
        return digest in self.held


@dataclass(frozen=True, slots=True)
class TrialSigner:
    """Ports ``Signer`` and ``SignatureVerifier``: notes who signed behind the file; a trial has no legal force."""

    clock: Clock
    broken: Broken

    def sign(self, pdf: bytes, request: SignatureRequest) -> bytes:
        """The file with the signer's name behind it."""
        if "signature" in self.broken.now:
            raise ConnectorRefused(
                system=Text(vi="Ký số", en="signing"), why=Text(vi="thiết bị ký từ chối", en="the token refuses")
            )
        if "time-stamps" in self.broken.now:
            raise ConnectorUnavailable(
                system=Text(vi="dịch vụ dấu thời gian", en="time stamps"), why=Text(vi="không trả lời", en="no answer")
            )
        return pdf + _MARK + request.key.encode()

    def seal_for_archive(self, pdf: bytes) -> bytes:
        """The file as it is."""
        return pdf

    def verify(self, pdf: bytes, *, at: datetime | None = None) -> tuple[SignatureReport, ...]:
        """One report per noted signature; in a trial the number of a certificate is the name of its key."""
        keys = [part.partition(b"\n")[0].decode() for part in pdf.split(_MARK)[1:]]
        return tuple(
            SignatureReport(
                field=f"Trial{place}",
                signer=key,
                serial=key,
                level="B-LTA",
                signed_at=self.clock.now(),
                valid=True,
                intact=True,
                trusted=True,
                revoked=False,
                coverage="whole",
                modification="none",
            )
            for place, key in enumerate(keys, 1)
        )


@dataclass(frozen=True, slots=True)
class TrialRegistry:
    """Port ``Registry`` over the invented people."""

    people: RegistrySandbox
    clock: Clock
    broken: Broken

    def look_up(self, query: RegistryQuery) -> RegistryAnswer:
        """The invented record, empty when there is none."""
        self._down()
        found = self.people.records.get(query.register, {}).get(query.subject, {})
        return RegistryAnswer(source="Dữ liệu thử", at=self.clock.now(), data=orjson.loads(orjson.dumps(found)))

    def register(self, entry: RegistryRecord) -> RegistryAnswer:
        """What the register gives the entry."""
        self._down()
        status, answer = self.people.enter(entry.register, {"key": entry.key, "record": dict(entry.record)})
        data: Mapping[str, Any] = answer.get("data") or {}
        if not data:
            raise ConnectorRefused(
                system=Text(vi="Dữ liệu thử", en="trial register"), why=f"{status}: {answer.get('error')}"
            )
        return RegistryAnswer(source="Dữ liệu thử", at=self.clock.now(), data=dict(data))

    def _down(self) -> None:
        if "register" in self.broken.now:
            raise ConnectorUnavailable(
                system=Text(vi="Cơ sở dữ liệu", en="register"), why=Text(vi="HTTP 503: không trả lời", en="no answer")
            )


@dataclass(slots=True)
class MemoryMail:
    """Port ``Notifier``."""

    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        """Keep the message."""
        self.sent.append(message)
