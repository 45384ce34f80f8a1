"""The client of a national register behind the data-sharing platform.

Path and field names of the real platform are not public: this shape is a setting's default, unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import httpx

from engine.errors import ConnectorRefused, ConnectorUnavailable, Text
from engine.ports import RegistryAnswer, RegistryQuery, RegistryRecord


class HttpRegistry:
    """Port ``Registry`` over JSON; every question carries purpose, dossier and officer (Law 91/2025)."""

    def __init__(self, *, name: str, url: str, token: str) -> None:
        self.name, self._url, self._token = name, url, token

    def look_up(self, query: RegistryQuery) -> RegistryAnswer:
        """The record of the subject; empty data when the register knows nobody."""
        asked = {
            "subject": query.subject,
            "purpose": query.purpose,
            "dossier": query.dossier,
            "officer": query.officer,
        }
        response = self._post(query.register, asked)
        if response.status_code == httpx.codes.NOT_FOUND:
            return RegistryAnswer(source=self.name, at=_moment(response), data={})
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
            return httpx.post(
                f"{self._url}/{path}",
                json=body,
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=10,
            )
        except httpx.HTTPError as error:
            raise ConnectorUnavailable(system=self.name, why=type(error).__name__) from error

    def _answer(self, response: httpx.Response) -> RegistryAnswer:
        if response.is_client_error:
            raise ConnectorRefused(system=self.name, why=f"HTTP {response.status_code}: {response.text[:200]}")
        if response.is_error:
            raise ConnectorUnavailable(system=self.name, why=f"HTTP {response.status_code}")
        try:
            return RegistryAnswer(source=self.name, at=_moment(response), data=dict(response.json()["data"]))
        except (KeyError, ValueError, TypeError) as error:
            raise ConnectorUnavailable(
                system=self.name, why=Text(vi="trả lời không đọc được", en="unreadable answer")
            ) from error


def _moment(response: httpx.Response) -> datetime:
    return datetime.fromisoformat(response.headers["X-Answered-At"])
