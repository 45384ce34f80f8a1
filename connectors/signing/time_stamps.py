"""The client of the RFC 3161 time stamp service, and the one error that means "it is down"."""

from __future__ import annotations

from typing import ClassVar

import httpx
from asn1crypto import cms, core, tsp
from pyhanko.sign.timestamps import TimeStamper

from connectors.http import ask
from engine.errors import ConnectorRefused, ConnectorUnavailable, Text

SYSTEM = Text(vi="dịch vụ cấp dấu thời gian", en="time stamp service")
_REPLY = "application/timestamp-reply"


class TimeStampReply(core.Sequence):  # type: ignore[misc,unused-ignore]
    """An answer with or without a token; asn1crypto's own type cannot read a rejection (RFC 3161, 2.4.2)."""

    _fields: ClassVar = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class TimeStampClient(TimeStamper):  # type: ignore[misc,unused-ignore]
    """Asks the service at ``url``; the answer to the size probe is held."""

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url = url
        self.timeout = timeout  #: seconds

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The service's answer, or ``ConnectorUnavailable`` / ``ConnectorRefused``."""
        headers = {"Content-Type": "application/timestamp-query", "Accept": _REPLY}
        try:
            answer = ask("POST", self.url, content=req.dump(), headers=headers, patience=self.timeout)
        except httpx.HTTPError as error:
            raise unavailable(self.url) from error
        if answer.status_code != 200 or answer.headers.get("Content-Type", "").split(";")[0] != _REPLY:
            raise unavailable(self.url, f"HTTP {answer.status_code}")
        try:
            status = TimeStampReply.load(answer.content, strict=True)["status"]["status"].native
        except ValueError as error:
            raise unavailable(self.url, "malformed answer") from error
        if status not in ("granted", "granted_with_mods"):
            raise refused(str(status))
        return tsp.TimeStampResp.load(answer.content)

    def forget(self) -> None:
        """Drop the held probe, after the service changed its certificate."""
        self._dummy_response_cache.clear()
        self._certs.clear()


def unavailable(url: str, detail: str = "") -> ConnectorUnavailable:
    """The service at ``url`` does not answer as it should; the work waits."""
    more = f" ({detail})" if detail else ""
    return ConnectorUnavailable(
        system=SYSTEM,
        why=Text(vi=f"{url} không trả lời đúng{more}", en=f"{url} does not answer properly{more}"),
    )


def refused(status: str) -> ConnectorRefused:
    """The service answered and declined."""
    return ConnectorRefused(
        system=SYSTEM, why=Text(vi=f"không cấp dấu thời gian ({status})", en=f"no time stamp was granted ({status})")
    )
