"""Saying clearly that a port is taken, before anything is started."""

from __future__ import annotations

import socket

from engine.errors import DomainError


class PortTaken(DomainError):
    """Port {port} of {host} is in use: stop the program that listens there, or choose another with {setting}."""

    code = "port-taken"
    vi = "Cổng {port} của {host} đang có chương trình khác dùng: hãy dừng chương trình đó hoặc đổi cổng bằng {setting}."


def require_free(host: str, port: int, setting: str) -> None:
    """Refuse unless ``port`` can be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(port=port, host=host, setting=setting) from error
