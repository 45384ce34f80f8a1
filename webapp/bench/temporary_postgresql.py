"""A PostgreSQL server of its own for a bench or a test run, on a free loopback port; stopped by its process id."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from engine.errors import MotcuaError

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


class PostgresqlMissing(MotcuaError):
    """No PostgreSQL server can be had here: {why}"""

    code = "postgresql-missing"
    vi = "Không có máy chủ PostgreSQL: {why}"


class PostgresqlServer:
    """A cluster below ``folder``: a fresh one, or the one that an earlier run left there."""

    def __init__(
        self, folder: Path, port: int, *, options: Sequence[str] = ("shared_buffers=128MB",), listen: str = "127.0.0.1"
    ) -> None:
        if not _BINARIES:
            raise PostgresqlMissing(why="it is not installed; run: apt-get install postgresql")
        self._binaries, self.folder, self.port = _BINARIES[-1], folder / "cluster", port
        self._options = tuple(options)
        self._listen = listen  #: an address of this machine or of a private network made for a test
        self._process: subprocess.Popen[bytes] | None = None
        self._user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")

    def start(self) -> None:
        """Make the cluster where there is none yet and serve; waits until it answers."""
        if not (self.folder / "PG_VERSION").exists():
            self._run(
                "initdb", "-D", str(self.folder), "-U", "motcua", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"
            )
            if self._listen != "127.0.0.1":
                with (self.folder / "pg_hba.conf").open("a") as access:
                    access.write(f"host all all {self._listen}/24 trust\n")
        command = [
            str(self._binaries / "postgres"), "-D", str(self.folder), "-p", str(self.port), "-h", self._listen,
            "-k", "", "-c", "max_connections=120", *(part for option in self._options for part in ("-c", option)),
        ]  # fmt: skip
        log = (self.folder / "server.log").open("ab")
        self._process = subprocess.Popen(self._as_user(command), stdout=log, stderr=log)
        for _ in range(200):
            ready = subprocess.run(
                [str(self._binaries / "pg_isready"), "-q", "-h", self._listen, "-p", str(self.port)], check=False
            )
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        raise PostgresqlMissing(why=f"it did not start: {(self.folder / 'server.log').read_text()[-300:]}")

    @property
    def pid(self) -> int:
        """The process that was started; the server may be its child."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        """Stop the server that was started here, as for a restart: connections are cut, nothing committed is lost."""
        if self._process is not None:
            # To the server itself, not to who started it as another user; SIGINT is its fast shutdown.
            os.kill(int((self.folder / "postmaster.pid").read_text().split()[0]), signal.SIGINT)
            self._process.wait(timeout=30)
            self._process = None

    def wait(self) -> None:
        """Until the server has ended by itself."""
        if self._process is not None:
            self._process.wait(timeout=30)
            self._process = None

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database."""
        return f"postgresql+psycopg://motcua@{self._listen}:{self.port}/{database}"

    def sql(self, statement: str) -> None:
        """Run one statement as the superuser."""
        subprocess.run(
            [str(self._binaries / "psql"), "-q", "-h", self._listen, "-p", str(self.port), "-U", "motcua",
             "-d", "postgres", "-c", statement],
            check=True, capture_output=True,
        )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        command = self._as_user([str(self._binaries / program), *arguments])
        done = subprocess.run(command, capture_output=True, check=False, cwd="/")
        if done.returncode:
            raise PostgresqlMissing(why=f"{program} failed: {done.stderr.decode()[-300:]}")

    def _as_user(self, command: list[str]) -> list[str]:
        return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else command
