"""The command line ``motcua``: exit 0 on success, 1 on a domain "no", 2 on wrong usage."""

from webapp.cli.group import main

__all__ = ["main"]
