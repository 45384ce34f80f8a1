"""Loopback ports: finding free ones, and saying clearly that one is taken before anything is started."""

from __future__ import annotations

import random
import socket

from engine.errors import ConnectorUnavailable, DomainError, Text

#: Below the range from which the kernel takes the local ports of outgoing connections: a
#: port found here is not lost to some program's connection before a server listens on it.
_FIRST, _LAST = 15_000, 32_000
#: Ports that are tried before the search is given up.
_TRIES = 500


class PortTaken(DomainError):
    """Port {port} of {host} is in use: stop the program that listens there, or choose another with {setting}."""

    code = "port-taken"
    vi = "Cổng {port} của {host} đang có chương trình khác dùng: hãy dừng chương trình đó hoặc đổi cổng bằng {setting}."


def require_free(host: str, port: int, setting: str) -> None:
    """Refuse unless ``port`` can be listened on now."""
    if not _is_free(host, port):
        raise PortTaken(port=port, host=host, setting=setting)


def free_ports(count: int = 1) -> int:
    """The first of ``count`` neighbouring loopback ports that are free now.

    The place is drawn by chance, so that programs that search at the same time do not find
    the same ports.

    Raises:
        ConnectorUnavailable: when no such place was found.
    """
    chance = random.SystemRandom()
    for _ in range(_TRIES):
        first = chance.randrange(_FIRST, _LAST - count)
        if all(_is_free("127.0.0.1", port) for port in range(first, first + count)):
            return first
    raise ConnectorUnavailable(system="127.0.0.1", why=Text(vi="không có cổng trống", en="no free neighbouring ports"))


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
