"""Where the visible signatures go: boxes in points (left, bottom, right, top) on a document's last page.

No printed text lies inside them. On a result that is so because its template ends in ``parts.results_signatures``; on
letters and slips, whose text ends anywhere, they lie in the lower margin.
"""

from __future__ import annotations

from typing import Final

from engine.ports import Box

#: On a result: below the post and above the name of the officer who signs.
OFFICER_BOX: Final[Box] = (330, 88, 542, 160)
#: On a result: below "chữ ký số của cơ quan", where the unit's electronic seal goes.
SEAL_BOX: Final[Box] = (97, 72, 267, 160)
#: On a letter or slip: the officer's to the right, the seal to the left.
LETTER_BOXES: Final[tuple[Box, Box]] = ((320, 60, 560, 120), (60, 60, 300, 120))
