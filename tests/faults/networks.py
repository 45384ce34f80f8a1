"""Two machines on one network: a namespace each, tied to a bridge; or, where that is not allowed, none."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field


def ip(*arguments: str) -> None:
    """Run iproute2's ``ip``."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Where the two machines are. Without namespaces both are on loopback and only their ports differ."""

    real: bool
    host: str  #: the address under which the machines reach the database
    names: tuple[str, str] = ("-", "-")  #: of the namespaces
    addresses: tuple[str, str] = ("127.0.0.1", "127.0.0.1")
    links: tuple[str, str] = field(default=("", ""))

    def cut(self, machine: int) -> None:
        """Pull the cable."""
        ip("link", "set", self.links[machine], "down")

    def mend(self, machine: int) -> None:
        """Put it back."""
        ip("link", "set", self.links[machine], "up")


@contextmanager
def network() -> Iterator[Network]:
    """Two namespaces on a bridge of a private range that nothing else here uses; all removed at the end."""
    if os.getuid() != 0 or not _allowed():
        yield Network(real=False, host="127.0.0.1")
        return
    tag, third = secrets.token_hex(2), secrets.randbelow(200) + 20
    bridge, names = f"mtb{tag}", (f"mta{tag}", f"mtc{tag}")
    links = (f"mtl{tag}0", f"mtl{tag}1")
    with ExitStack() as stack:
        ip("link", "add", bridge, "type", "bridge")
        stack.callback(ip, "link", "del", bridge)
        ip("addr", "add", f"10.213.{third}.1/24", "dev", bridge)
        ip("link", "set", bridge, "up")
        for place, (name, link) in enumerate(zip(names, links, strict=True)):
            ip("netns", "add", name)
            stack.callback(ip, "netns", "del", name)
            ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", link, "master", bridge, "up")
            ip("-n", name, "addr", "add", f"10.213.{third}.{place + 11}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield Network(
            real=True, host=f"10.213.{third}.1", names=names, links=links,
            addresses=(f"10.213.{third}.11", f"10.213.{third}.12"),
        )  # fmt: skip


def _allowed() -> bool:
    """Whether this machine lets us make a namespace and a bridge."""
    name = f"mtp{secrets.token_hex(2)}"
    try:
        ip("netns", "add", name)
        try:
            ip("link", "add", f"{name}b", "type", "bridge")
            ip("link", "del", f"{name}b")
        finally:
            ip("netns", "del", name)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
