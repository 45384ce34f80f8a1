"""Registers of invented people on loopback, for demo, scenarios and tests. It refuses production."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from engine.errors import InvalidInput


class RegistrySandbox:
    """Answers ``POST /{register}`` from a JSON file: register → subject → record; refuses a question without purpose."""

    def __init__(self, people: Path, *, token: str, now: Callable[[], datetime], production: bool = False) -> None:
        if production:
            raise InvalidInput(what="registry sandbox", why="it never runs in production; configure the platform")
        self.records: Mapping[str, Mapping[str, Any]] = json.loads(people.read_text(encoding="utf-8"))
        self.token, self.now = token, now
        self.asked: list[dict[str, str]] = []
        self._server: ThreadingHTTPServer | None = None

    def start(self, port: int = 0) -> str:
        """Serve on loopback; the address."""
        sandbox = self

        class Handler(_Handler):
            registers = sandbox

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self._server.serve_forever, name="registry-sandbox", daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

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
        register = self.path.strip("/")
        if self.headers.get("Authorization") != f"Bearer {self.registers.token}":
            self._answer(401, {"error": "unknown client"})
        elif not body.get("purpose") or not body.get("officer"):
            self._answer(422, {"error": "a look-up needs its purpose and officer"})
        elif register not in self.registers.records:
            self._answer(422, {"error": f"unknown register {register}"})
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
