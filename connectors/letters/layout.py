"""HTML to PDF pages by WeasyPrint, which may fetch nothing."""

from __future__ import annotations

from collections.abc import Mapping

import weasyprint
from PIL import ImageFile
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

# Importing WeasyPrint tells Pillow, for the whole process, to take a truncated image for a whole one. That would
# silently switch off a check of every upload; this is the only module that imports it, and it takes the switch back.
ImageFile.LOAD_TRUNCATED_IMAGES = False


class ForeignAddress(FatalURLFetchingError):  # type: ignore[misc]
    """A page asked for something outside itself."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class _DataOnly(URLFetcher):  # type: ignore[misc]
    """No network, no file; only ``data:`` addresses."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        if not url.lower().startswith("data:"):
            raise ForeignAddress(url)
        return super().fetch(url, headers)


def to_pdf(html: str, *, variant: str | None = "pdf/a-2u") -> bytes:
    """The pages as PDF; raises ``ForeignAddress`` (not an ``Exception``) when the page wants to fetch."""
    document = weasyprint.HTML(string=html, base_url=None, url_fetcher=_DataOnly())
    pdf: bytes = document.write_pdf(pdf_variant=variant)
    return pdf
