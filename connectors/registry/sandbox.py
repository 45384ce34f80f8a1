"""Registers of invented people on loopback, for demo, scenarios and tests. It refuses production."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from engine.errors import InvalidInput

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class RegistrySandbox:
    """Answers ``POST /{register}`` from a JSON file: register → subject → record; refuses a question without purpose.

    ``POST /{register}/entries`` makes an entry, once for a key. ``civil-status`` gives a newborn a personal number and
    refuses a child that is registered already (same name, day of birth and mother).
    """

    def __init__(self, people: Path, *, token: str, now: Callable[[], datetime], production: bool = False) -> None:
        if production:
            raise InvalidInput(what="registry sandbox", why="it never runs in production; configure the platform")
        self.records: Mapping[str, Mapping[str, Any]] = json.loads(people.read_text(encoding="utf-8"))
        self.token, self.now = token, now
        self.asked: list[dict[str, str]] = []
        self.entries: dict[str, dict[str, Any]] = {}  #: what was entered, by key
        self.down = False  #: answer nothing, as when the platform is being maintained
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    def start(self, port: int = 0) -> str:
        """Serve on loopback; the address."""
        sandbox = self

        class Handler(_Handler):
            registers = sandbox

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self._server.serve_forever, name="registry-sandbox", daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def enter(self, register: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer of one entry."""
        key, record = str(body["key"]), dict(body.get("record") or {})
        with self._lock:
            if key in self.entries:
                return 200, {"data": self.entries[key]["given"]}
            born = str(record.get("ngay_sinh") or "")
            if register != "civil-status" or not record.get("ho_ten") or not _DAY.fullmatch(born):
                return 422, {"error": "an entry needs ho_ten and ngay_sinh, and only civil-status takes one"}
            child = (record["ho_ten"], born, record.get("me"))
            if any(child == entry["child"] for entry in self.entries.values()):
                return 409, {"error": "trẻ đã được đăng ký khai sinh / the child is registered already"}
            given = {"so_dinh_danh": _personal_number(born, str(record.get("gioi_tinh")), len(self.entries) + 1)}
            self.entries[key] = {"register": register, "child": child, "given": given, "record": record}
            return 200, {"data": given}

    def stop(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Handler(BaseHTTPRequestHandler):
    registers: RegistrySandbox

    def do_POST(self) -> None:
        """One look-up."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        register, _, action = self.path.strip("/").partition("/")
        if self.registers.down:
            self._answer(503, {"error": "maintenance"})
        elif self.headers.get("Authorization") != f"Bearer {self.registers.token}":
            self._answer(401, {"error": "unknown client"})
        elif not body.get("purpose") or not body.get("officer"):
            self._answer(422, {"error": "a look-up needs its purpose and officer"})
        elif register not in self.registers.records:
            self._answer(422, {"error": f"unknown register {register}"})
        elif action == "entries":
            self._answer(*self.registers.enter(register, body))
        else:
            self.registers.asked.append({"register": register} | {key: str(value) for key, value in body.items()})
            record = self.registers.records[register].get(str(body.get("subject")))
            self._answer(404 if record is None else 200, {"data": record})

    def _answer(self, status: int, body: Mapping[str, object]) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Answered-At", self.registers.now().isoformat())
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Stay quiet: look-ups are logged by the product, with their purpose."""


def _personal_number(born: str, sex: str, number: int) -> str:
    """Twelve digits: province, century and sex, two digits of the year, six of a running number (invented)."""
    century = (int(born[:4]) // 100 - 19) * 2 + (sex != "Nam")
    return f"038{century}{born[2:4]}{number:06d}"
