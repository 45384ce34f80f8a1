"""The code by which anybody finds a dossier's result on the public check page."""

from __future__ import annotations

import base64
import hashlib

_PURPOSE = b"motcua result check code\n"
#: Characters of a code: 96 bits.
_LENGTH = 16


def check_code(tracking: str) -> str:
    """The check code of the dossier with this secret tracking code: fixed before the result is drawn and signed.

    It is as unguessable as the tracking code (96 bits of chance) and does not lead back to it: whoever holds a printed
    result can see that it was issued, not follow the dossier.
    """
    digest = hashlib.sha256(_PURPOSE + tracking.encode()).digest()
    return base64.urlsafe_b64encode(digest)[:_LENGTH].decode()
