"""Where the visible signatures of a result go: boxes in points (left, bottom, right, top) on its last page.

They hold for every template that ends in ``parts.results_signatures``; no printed text lies inside them.
"""

from __future__ import annotations

#: Below the post and above the name of the officer who signs.
OFFICER_BOX = (330, 88, 542, 160)
#: Below "chữ ký số của cơ quan", where the unit's electronic seal goes.
SEAL_BOX = (97, 72, 267, 160)
