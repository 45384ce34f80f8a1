"""The client of a national register behind the data-sharing platform.

Path and field names of the real platform are not public: this shape is a setting's default, unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import httpx

from connectors.http import PATIENCE, ask
from engine.errors import ConnectorRefused, ConnectorUnavailable, Text
from engine.ports import RegistryAnswer, RegistryQuery, RegistryRecord

#: The header in which the register says when it answered.
_ANSWERED = "X-Answered-At"


class HttpRegistry:
    """Port ``Registry`` over JSON; every question carries purpose, dossier and officer (Law 91/2025)."""

    def __init__(self, *, name: str, url: str, token: str, patience: float = PATIENCE) -> None:
        self.name, self._url, self._token = name, url, token
        self._patience = patience  #: seconds for a whole answer

    def look_up(self, query: RegistryQuery) -> RegistryAnswer:
        """The record of the subject; empty data when the register knows nobody."""
        asked = {
            "subject": query.subject,
            "purpose": query.purpose,
            "dossier": query.dossier,
            "officer": query.officer,
        }
        response = self._post(query.register, asked)
        if response.status_code == httpx.codes.NOT_FOUND and _ANSWERED in response.headers:
            return RegistryAnswer(source=self.name, at=self._moment(response), data={})
        return self._answer(response)

    def register(self, entry: RegistryRecord) -> RegistryAnswer:
        """The number the register gave the entry; the same key is answered the same."""
        told = {
            "key": entry.key,
            "purpose": entry.purpose,
            "dossier": entry.dossier,
            "officer": entry.officer,
            "record": dict(entry.record),
        }
        return self._answer(self._post(f"{entry.register}/entries", told))

    def _post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        try:
            return ask(
                "POST",
                f"{self._url}/{path}",
                json=body,
                headers={"Authorization": f"Bearer {self._token}"},
                patience=self._patience,
            )
        except httpx.HTTPError as error:
            raise ConnectorUnavailable(system=self.name, why=type(error).__name__) from error

    def _answer(self, response: httpx.Response) -> RegistryAnswer:
        if response.is_client_error and response.status_code != httpx.codes.NOT_FOUND:
            raise ConnectorRefused(system=self.name, why=f"HTTP {response.status_code}: {response.text[:200]}")
        if response.is_error:
            raise ConnectorUnavailable(system=self.name, why=f"HTTP {response.status_code}")
        try:
            return RegistryAnswer(source=self.name, at=self._moment(response), data=dict(response.json()["data"]))
        except (KeyError, ValueError, TypeError) as error:
            raise self._unreadable() from error

    def _moment(self, response: httpx.Response) -> datetime:
        """When the register answered; what does not say so was not said by it but by something on the way."""
        try:
            return datetime.fromisoformat(response.headers[_ANSWERED])
        except (KeyError, ValueError) as error:
            raise self._unreadable() from error

    def _unreadable(self) -> ConnectorUnavailable:
        return ConnectorUnavailable(system=self.name, why=Text(vi="trả lời không đọc được", en="unreadable answer"))
