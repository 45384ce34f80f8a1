"""Papers of invented people, drawn from a scenario's words at 200 dpi."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

from connectors.letters.tinos import tinos_files
from engine.definitions.scenario import Paper


def drawn(paper: Paper) -> tuple[str, bytes]:
    """File name and content of a paper."""
    page = Image.new("L", (1654, 1169), 250)
    draw = ImageDraw.Draw(page)
    regular = str(next(iter(tinos_files().values())))
    big, text = ImageFont.truetype(regular, 58), ImageFont.truetype(regular, 38)
    draw.text((827, 130), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", font=text, fill=20, anchor="mm")
    draw.text((827, 190), "Độc lập - Tự do - Hạnh phúc", font=text, fill=20, anchor="mm")
    draw.text((827, 330), paper.title, font=big, fill=20, anchor="mm")
    for place, line in enumerate(paper.lines):
        draw.text((300, 470 + place * 90), line, font=text, fill=20)
    out = io.BytesIO()
    if paper.type == "pdf":
        page.save(out, "PDF", resolution=200)
    else:
        page.save(out, "PNG", dpi=(200, 200))
    return f"giay-to.{paper.type}", out.getvalue()
