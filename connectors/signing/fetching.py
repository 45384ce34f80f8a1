"""Fetches CRLs and OCSP answers and remembers every address that did not answer.

Whether a certificate is bad or a service is down looks the same to a path validator; the memory tells them apart.
Certificates are never fetched: their addresses stand in material that nobody has vouched for yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import requests
from pyhanko_certvalidator.fetchers import FetcherBackend, Fetchers
from pyhanko_certvalidator.fetchers.requests_fetchers.cert_fetch_client import RequestsCertificateFetcher
from pyhanko_certvalidator.fetchers.requests_fetchers.crl_client import RequestsCRLFetcher
from pyhanko_certvalidator.fetchers.requests_fetchers.ocsp_client import RequestsOCSPFetcher

from connectors.http import ask, line

#: Largest CRL that is read, bytes.
_LARGEST = 20 * 1024 * 1024


class _Line:
    """One HTTP session with its failures."""

    def __init__(self, timeout: float) -> None:
        self.failures: list[str] = []
        self.client = line()
        self._timeout = timeout

    def exchange(self, url: str, headers: dict[str, str], data: bytes | None) -> requests.Response:
        """The answer of ``url``; a failure is remembered and raised as ``requests.RequestException``."""
        try:
            answer = ask(
                "GET" if data is None else "POST",
                url,
                content=data,
                headers=headers,
                patience=self._timeout,
                largest=_LARGEST,
                client=self.client,
            )
            if answer.status_code != httpx.codes.OK:
                raise requests.RequestException(f"status code {answer.status_code}")
        except requests.RequestException:
            self.failures.append(url)
            raise
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self.failures.append(url)
            raise requests.RequestException(str(error)) from error
        response = requests.Response()  # what the library's fetchers read
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        response._content = answer.content
        return response


class _CrlFetcher(RequestsCRLFetcher):  # type: ignore[misc,unused-ignore]
    line: _Line

    async def _get(self, url: str, *, acceptable_content_types: Sequence[str]) -> requests.Response:
        return self.line.exchange(url, {"Accept": ",".join(acceptable_content_types)}, None)


class _OcspFetcher(RequestsOCSPFetcher):  # type: ignore[misc,unused-ignore]
    line: _Line

    async def _post(
        self, url: str, data: bytes, *, content_type: str, acceptable_content_types: Sequence[str]
    ) -> requests.Response:
        headers = {"Accept": ",".join(acceptable_content_types), "Content-Type": content_type}
        return self.line.exchange(url, headers, data)


class RevocationFetcher(FetcherBackend):
    """Gets revocation data over one HTTP session; make a new one for each operation and close it."""

    def __init__(self, timeout: float) -> None:
        self._line = _Line(timeout)
        crl = _CrlFetcher()  # type: ignore[no-untyped-call]
        ocsp = _OcspFetcher(certid_hash_algo="sha256")
        crl.line = ocsp.line = self._line
        self._fetchers = Fetchers(ocsp_fetcher=ocsp, crl_fetcher=crl, cert_fetcher=RequestsCertificateFetcher())

    @property
    def failures(self) -> tuple[str, ...]:
        """Addresses that did not answer, in order."""
        return tuple(self._line.failures)

    def get_fetchers(self) -> Fetchers:
        """The same fetchers each time: an operation asks for each answer once."""
        return self._fetchers

    async def close(self) -> None:
        """Close the session."""
        self.shut()

    def shut(self) -> None:
        """Close the session, outside an event loop."""
        self._line.client.close()


def describe(failures: Sequence[Any]) -> str:
    """The addresses for a person, each once."""
    return ", ".join(dict.fromkeys(str(failure) for failure in failures))
