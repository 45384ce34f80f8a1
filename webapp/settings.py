"""All settings of an installation, read once from ``MOTCUA_*`` environment variables into one frozen record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from engine.errors import InvalidInput, Text


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``motcua settings`` prints every name with its default and meaning."""

    home: Path = _setting(Path("var"), "folder of database, files, mail and development keys")
    database_url: str = _setting("", "SQLAlchemy URL; empty = SQLite in the home folder")
    database_pool: int = _setting(12, "connections to the database that a process keeps; half as many more under load")
    database_statement_seconds: int = _setting(30, "a statement on PostgreSQL that takes longer is stopped; 0 = never")
    database_lock_seconds: int = _setting(10, "a statement on PostgreSQL that waits longer for a lock is stopped")
    s3_endpoint: str = _setting("", "https address of the S3 server of the files; empty = the home folder")
    s3_bucket: str = _setting("", "bucket of the files")
    s3_region: str = _setting("us-east-1", "region that requests to the bucket are signed for")
    s3_access_key: str = _setting("", "access key of the bucket")
    s3_secret_key: str = _setting("", "secret key of the bucket")
    s3_prefix: str = _setting("", "beginning of every key in the bucket, so that installations can share one")
    environment: str = _setting("demo", "demo (sandboxes, demo people) or production (neither)")
    host: str = _setting("127.0.0.1", "address to serve on")
    port: int = _setting(8000, "port to serve on")
    base_url: str = _setting("", "public address, printed in QR codes; empty = http://host:port")
    threads: int = _setting(8, "threads of each process of the web server")
    proxies: int = _setting(0, "reverse proxies in front whose X-Forwarded-For and -Proto are believed")
    processes: int = _setting(1, "processes of the web server; more than one are gunicorn's")
    worker: bool = _setting(True, "run a worker inside the served process")
    dispatcher: str = _setting("embedded", "who hands out work: embedded, or distributed (PostgreSQL, procrastinate)")
    concurrency: int = _setting(4, "rows that a worker has in hand at once")
    lease_seconds: int = _setting(60, "how long a silent worker keeps what it held before another takes it over")
    stop_seconds: int = _setting(30, "how long a worker that is told to stop may finish what it has in hand")
    sandbox_port: int = _setting(8010, "first of four loopback ports for the sandboxes (demo)")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")
    owner: str = _setting("Tỉnh mẫu", "who runs this service, shown in the footer")
    secret_key: str = _setting("", "secret of the sessions; empty = made at first start, kept in the home folder")
    smtp_host: str = _setting("", "mail server; empty in the demo = the mail folder's own")
    smtp_port: int = _setting(25, "port of the mail server")
    smtp_user: str = _setting("", "log-in at the mail server")
    smtp_password: str = _setting("", "password at the mail server")
    smtp_starttls: bool = _setting(False, "use STARTTLS; the certificate must be the host's and trusted")
    mail_from: str = _setting("motcua@example.vn", "sender of notifications")
    gateway_name: str = _setting("sandbox", "name of the payment gateway")
    gateway_pay_url: str = _setting("", "where a payment order goes")
    gateway_query_url: str = _setting("", "where the gateway answers queries")
    gateway_merchant: str = _setting("MOTCUA01", "our code at the gateway")
    gateway_secret: str = _setting("", "secret shared with the gateway; made at first start in the demo")
    registry_url: str = _setting("", "address of the data-sharing platform")
    registry_token: str = _setting("", "token at the data-sharing platform")
    signing_keys: Path | None = _setting(None, "folder of PKCS#12 keys; empty = development keys (demo)")
    signing_roots: Path | None = _setting(None, "folder of trusted root certificates")
    time_stamp_url: str = _setting("", "RFC 3161 time stamp service")
    checkpoint_key: str = _setting("", "key that signs checkpoints of the journal; empty = none (demo: seal:H56)")
    clamd_socket: Path | None = _setting(None, "socket of the virus scanner; empty = uploads are not scanned")
    upload_mb: int = _setting(20, "largest upload in megabytes")
    metrics_token: str = _setting("", "bearer token that /metrics asks for; empty = loopback alone may read it")

    def __post_init__(self) -> None:
        if self.environment not in {"demo", "production"}:
            raise InvalidInput(what="MOTCUA_ENVIRONMENT", why=Text(vi="demo hoặc production", en="demo or production"))
        if self.dispatcher not in {"embedded", "distributed"}:
            raise InvalidInput(
                what="MOTCUA_DISPATCHER", why=Text(vi="embedded hoặc distributed", en="embedded or distributed")
            )
        if self.dispatcher == "distributed" and not self.database_url.startswith("postgresql"):
            raise InvalidInput(
                what="MOTCUA_DISPATCHER", why=Text(vi="distributed cần PostgreSQL", en="distributed needs PostgreSQL")
            )
        for name, least in (("concurrency", 1), ("lease_seconds", 2)):
            if getattr(self, name) < least:
                raise InvalidInput(
                    what=f"MOTCUA_{name.upper()}", why=Text(vi=f"ít nhất {least}", en=f"at least {least}")
                )
        needed: tuple[str, ...] = (
            "database_url", "base_url", "smtp_host", "gateway_pay_url", "gateway_secret", "registry_url",
            "signing_keys", "signing_roots", "time_stamp_url",
        )  # fmt: skip
        missing = [f"MOTCUA_{name.upper()}" for name in needed if not getattr(self, name)]
        if self.s3_endpoint:
            s3 = ("s3_bucket", "s3_access_key", "s3_secret_key")
            lacking = [f"MOTCUA_{name.upper()}" for name in s3 if not getattr(self, name)]
            if lacking:
                raise InvalidInput(
                    what="settings",
                    why=Text(
                        vi=f"MOTCUA_S3_ENDPOINT cần {', '.join(lacking)}",
                        en=f"MOTCUA_S3_ENDPOINT needs {', '.join(lacking)}",
                    ),
                )
        if self.production and missing:
            raise InvalidInput(
                what="settings",
                why=Text(vi=f"production cần {', '.join(missing)}", en=f"production needs {', '.join(missing)}"),
            )

    @property
    def production(self) -> bool:
        """Whether real citizens use it: no sandbox starts and no demo person exists."""
        return self.environment == "production"

    @property
    def address(self) -> str:
        """The public address without a slash at its end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")


def read_settings(environ: Mapping[str, str] | None = None, *, given: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this process; what is ``given`` goes first. ``InvalidInput`` names the variable that is wrong."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for entry in fields(Settings):
        text = environ.get(f"MOTCUA_{entry.name.upper()}")
        if text is not None and text != "":
            values[entry.name] = _value(entry.name, str(entry.type), text)
    return Settings(**values | {name: value for name, value in (given or {}).items() if value is not None})


def _value(name: str, kind: str, text: str) -> Any:
    if kind.startswith("Path"):
        return Path(text)
    if kind == "bool":
        if text.lower() not in {"1", "0", "true", "false", "yes", "no"}:
            raise InvalidInput(what=f"MOTCUA_{name.upper()}", why=Text(vi="1 hoặc 0", en="1 or 0"))
        return text.lower() in {"1", "true", "yes"}
    if kind == "int":
        if not text.isdigit():
            raise InvalidInput(what=f"MOTCUA_{name.upper()}", why=Text(vi="phải là số", en="must be a number"))
        return int(text)
    return text


def described() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting."""
    return [
        (f"MOTCUA_{entry.name.upper()}", "" if entry.default is None else str(entry.default), entry.metadata["meaning"])
        for entry in fields(Settings)
    ]
