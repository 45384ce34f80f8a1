"""Forms of the tree, invented people, and a loopback gallery of the look under the product's own CSP."""

from __future__ import annotations

import mimetypes
import threading
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from engine.forms import Form, Page, UploadedFile, layout, load_form, load_shared

ROOT = Path(__file__).resolve().parents[2]
FORMS = ROOT / "forms"
CSP = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
TODAY = date(2026, 11, 3)

REGISTERS: dict[str, dict[str, Any]] = {
    "requester": {
        "so_dinh_danh": "034190001234",
        "ho_ten": "Nguyễn Thị Hoa",
        "ngay_sinh": "1990-05-14",
        "gioi_tinh": "Nữ",
        "dan_toc": "Kinh",
        "quoc_tich": "Việt Nam",
        "noi_cu_tru": "Thôn 3, xã Đông Hưng, tỉnh Hưng Yên",
        "dien_thoai": "0912345678",
    },
}
REGISTERS["mother"] = REGISTERS["requester"]
FILES = {"file-1": UploadedFile(id="file-1", name="bang-tot-nghiep.pdf", size=655_360, media_type="application/pdf")}

Load = Callable[[str], Form]


@pytest.fixture(scope="session")
def load() -> Load:
    """Loads a form of the tree by its path below ``forms/``."""
    shared = load_shared(FORMS)

    def open_form(path: str) -> Form:
        return load_form((FORMS / path).read_bytes(), file=path, shared=shared)

    return open_form


@pytest.fixture(scope="session")
def registers() -> dict[str, dict[str, Any]]:
    """Answers of the population register about invented people."""
    return REGISTERS


@pytest.fixture(scope="session")
def today() -> date:
    """The day of the tests."""
    return TODAY


def gallery_environment() -> Environment:
    """The product's base template and the gallery's pages, with the few globals Flask would supply."""
    loader = FileSystemLoader([ROOT / "webapp/templates", Path(__file__).parent / "gallery"])
    environment = Environment(loader=loader, autoescape=True)
    environment.globals.update(
        _=lambda text: text,
        url_for=lambda _endpoint, filename: f"/static/{filename}",
        get_flashed_messages=lambda with_categories: [("success", "Đã lưu nháp lúc 08:12.")],
        csrf_token=lambda: "token",
        nav=[
            {"url": "#", "label": "Việc của tôi", "current": True, "count": 25},
            {"url": "#", "label": "Nộp hồ sơ"},
            {"url": "#", "label": "Theo dõi"},
        ],
        account={"name": "Lê Văn Nam", "role": "Bộ phận Một cửa", "sign_out_url": "#"},
        owner={
            "name": "UBND xã Đông Hưng",
            "address": "Số 1, đường Trung tâm",
            "phone": "02210000000",
            "email": "motcua@example.org",
        },
    )
    return environment


class Gallery:
    """A loopback server of pages by path; every answer carries the strict CSP."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.posts: list[tuple[str, str, dict[str, str]]] = []
        self.answer = 204
        gallery = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/static/"):
                    file = ROOT / "webapp" / self.path.lstrip("/")
                    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                    self._send(200 if file.is_file() else 404, kind, file.read_bytes() if file.is_file() else b"")
                elif self.path.split("?")[0] in gallery.pages:
                    self._send(200, "text/html; charset=utf-8", gallery.pages[self.path.split("?")[0]].encode())
                else:
                    self._send(404, "text/plain", b"")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
                gallery.posts.append((self.path, body, dict(self.headers)))
                self._send(gallery.answer, "application/json", b"")

            def _send(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", CSP)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def page(self, path: str, template: str, **context: object) -> str:
        """Publish a template of the gallery and return its address."""
        self.pages[path] = gallery_environment().get_template(template).render(**context)
        return self.url + path

    def form(self, path: str, page: Page, markup: Markup, title: str) -> str:
        """Publish a rendered form inside the base page."""
        return self.page(path, "form.html", title=title, heading=page.title, markup=markup, language=page.language)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


@pytest.fixture()
def gallery() -> Iterator[Gallery]:
    """A running gallery."""
    running = Gallery()
    yield running
    running.close()


@pytest.fixture(scope="session")
def files() -> dict[str, UploadedFile]:
    """One file bound to the draft."""
    return FILES


@pytest.fixture(scope="session")
def draw() -> Callable[..., Page]:
    """``layout`` under a short name."""
    return layout
