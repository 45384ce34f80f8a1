"""QR and bar codes on a page, read before any letter."""

from __future__ import annotations

import numpy as np
import zxingcpp
from PIL import Image


def read_codes(picture: Image.Image) -> tuple[str, ...]:
    """The contents of all codes, each once, in the order found; a code that fails its check is left out."""
    grey = np.ascontiguousarray(np.asarray(picture.convert("L")))
    found = zxingcpp.read_barcodes(grey, text_mode=zxingcpp.TextMode.Plain)
    return tuple(dict.fromkeys(code.text for code in found if code.valid and code.text))
