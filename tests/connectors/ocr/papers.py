"""Invented Vietnamese papers, drawn with Tinos and then damaged as desks, phones and scanners damage them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine.ports import FieldRule

FONTS = Path("/usr/share/fonts/truetype/croscore")
#: label, value as printed, key, kind, value as it has to be read
BIRTH = (
    ("Họ, chữ đệm, tên", "NGUYỄN HOÀNG BẢO NGỌC", "child_name", "name", "NGUYỄN HOÀNG BẢO NGỌC"),
    ("Ngày, tháng, năm sinh", "21/09/2026", "born_on", "date", "2026-09-21"),
    ("Giới tính", "Nữ", "sex", "text", "Nữ"),
    ("Dân tộc", "Kinh", "ethnicity", "text", "Kinh"),
    ("Quốc tịch", "Việt Nam", "nationality", "text", "Việt Nam"),
    ("Nơi sinh", "Bệnh viện Phụ sản tỉnh Thanh Hóa", "place", "text", "Bệnh viện Phụ sản tỉnh Thanh Hóa"),
    ("Số định danh cá nhân", "038326004567", "child_id", "id12", "038326004567"),
    ("Họ, chữ đệm, tên người mẹ", "LÊ THỊ QUỲNH TRANG", "mother_name", "name", "LÊ THỊ QUỲNH TRANG"),
    ("Năm sinh của mẹ", "1996", "mother_year", "number", "1996"),
    ("Giấy tờ tùy thân của mẹ", "038196001234", "mother_id", "id12", "038196001234"),
    ("Nơi cư trú của mẹ", "Thôn Hoa Trường, xã Hoa Lộc", "mother_home", "text", "Thôn Hoa Trường, xã Hoa Lộc"),
    ("Họ, chữ đệm, tên người cha", "NGUYỄN ĐỨC VƯỢNG", "father_name", "name", "NGUYỄN ĐỨC VƯỢNG"),
    ("Năm sinh của cha", "1993", "father_year", "number", "1993"),
    ("Giấy tờ tùy thân của cha", "038093005678", "father_id", "id12", "038093005678"),
    ("Lệ phí", "8.000 đồng", "fee", "number", "8000"),
)
LETTER = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "",
    "Kính gửi: Ủy ban nhân dân xã Hoa Lộc",
    "",
    "Căn cứ Nghị định quy định về thực hiện thủ tục hành chính theo cơ chế",
    "một cửa, một cửa liên thông, gia đình chúng tôi đề nghị quý cơ quan xem xét",
    "việc cấp lại bản sao các giấy tờ đã bị hư hỏng trong đợt mưa lũ vừa qua.",
    "Chúng tôi cam đoan những lời khai trên đây là đúng sự thật và chịu trách",
    "nhiệm trước pháp luật. Rất mong được quý cơ quan giúp đỡ, giải quyết sớm",
    "để gia đình kịp hoàn thiện hồ sơ nhập học cho cháu vào tháng tới.",
    "",
    "Hoa Lộc, ngày 23 tháng 11 năm 2026",
    "Người viết đơn",
    "Lê Thị Quỳnh Trang",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A drawn page with what is written on it."""

    picture: Image.Image
    text: str
    dpi: int

    def jpeg(self, picture: Image.Image | None = None, quality: int = 85) -> bytes:
        out = io.BytesIO()
        (picture or self.picture).save(out, "JPEG", quality=quality, dpi=(self.dpi, self.dpi))
        return out.getvalue()


def birth_rules(*, expected: bool = True) -> list[FieldRule]:
    return [
        FieldRule(key=key, labels=(label,), kind=kind, expected=value if expected else "")
        for label, _, key, kind, value in BIRTH
    ]


def _sheet(dpi: int) -> tuple[Image.Image, ImageDraw.ImageDraw, Callable[[float, str], ImageFont.FreeTypeFont]]:
    picture = Image.new("RGB", (round(8.27 * dpi), round(11.69 * dpi)), (252, 252, 250))

    def font(points: float, style: str) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(FONTS / f"Tinos-{style}.ttf"), round(points * dpi / 72))

    return picture, ImageDraw.Draw(picture), font


def draw_birth_form(dpi: int) -> Paper:
    picture, pen, font = _sheet(dpi)
    unit = dpi / 25.4
    centre = picture.width / 2
    pen.text((centre, 20 * unit), LETTER[0], "black", font(13, "Bold"), anchor="mm")
    pen.text((centre, 27 * unit), LETTER[1], "black", font(13, "Bold"), anchor="mm")
    pen.text((centre, 45 * unit), "TỜ KHAI ĐĂNG KÝ KHAI SINH", "black", font(15, "Bold"), anchor="mm")
    lines = [*LETTER[:2], "TỜ KHAI ĐĂNG KÝ KHAI SINH"]
    for row, (label, value, *_) in enumerate(BIRTH):
        y = (62 + row * 13) * unit
        pen.text((28 * unit, y), f"{label}:", "black", font(13, "Regular"), anchor="lm")
        width = pen.textlength(f"{label}: ", font(13, "Regular"))
        pen.text((28 * unit + width, y), value, "black", font(13, "Bold"), anchor="lm")
        lines.append(f"{label}: {value}")
    return Paper(picture=picture, text="\n".join(lines), dpi=dpi)


def draw_letter(dpi: int) -> Paper:
    picture, pen, font = _sheet(dpi)
    unit = dpi / 25.4
    for row, line in enumerate(LETTER):
        style = "Bold" if row < 2 else "Regular"
        pen.text((25 * unit, (30 + row * 11) * unit), line, "black", font(13, style), anchor="lm")
    return Paper(picture=picture, text="\n".join(line for line in LETTER if line), dpi=dpi)


def shadow(picture: Image.Image) -> Image.Image:
    """A hand and a lamp: brightness falls to a fifth over the page, with a soft edge across it."""
    page = np.asarray(picture).astype(np.float32)
    height, width = page.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    edge = 1 / (1 + np.exp(((x / width) * 0.7 + (y / height) - 0.75) * 18))
    light = 0.22 + 0.6 * edge + 0.15 * (1 - x / width)
    return Image.fromarray(np.clip(page * light[..., None], 0, 255).astype(np.uint8))


def stamp(picture: Image.Image, places: tuple[tuple[float, float], ...] = ((0.32, 0.3), (0.5, 0.6))) -> Image.Image:
    """Red seals pressed over the text."""
    layer = Image.new("RGB", picture.size, "white")
    pen = ImageDraw.Draw(layer)
    radius = picture.width * 0.17
    face = ImageFont.truetype(str(FONTS / "Tinos-Bold.ttf"), round(radius * 0.3))
    for left, top in places:
        x, y = picture.width * left, picture.height * top
        for size in (1.0, 0.92, 0.6, 0.3):
            box = (x - radius * size, y - radius * size, x + radius * size, y + radius * size)
            pen.ellipse(box, outline=(222, 40, 48), width=max(3, round(radius * 0.05)))
        pen.text((x, y), "U.B.N.D XÃ HOA LỘC", (222, 40, 48), face, anchor="mm")
        pen.text((x, y + radius * 0.45), "★ ★ ★", (222, 40, 48), face, anchor="mm")
    return Image.fromarray(np.minimum(np.asarray(picture), np.asarray(layer)))


def skewed(picture: Image.Image, degrees: float = 3.0) -> Image.Image:
    return picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(252, 252, 250))


def noisy(picture: Image.Image, amount: float = 0.13) -> Image.Image:
    chance = np.random.default_rng(7)
    page = np.asarray(picture).astype(np.float32)
    grain = chance.normal(0, amount * 255, page.shape[:2])[..., None]
    return Image.fromarray(np.clip(page + grain, 0, 255).astype(np.uint8))


def photographed(picture: Image.Image) -> Image.Image:
    """On a dark table, seen at an angle, unevenly lit, a little soft and grainy."""
    page = np.asarray(picture)
    height, width = page.shape[:2]
    frame = (round(width * 1.15), round(height * 1.12))
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    goal = np.array(
        [
            [width * 0.09, height * 0.05],
            [width * 1.05, height * 0.07],
            [width * 1.10, height * 1.06],
            [width * 0.05, height * 1.04],
        ],
        np.float32,
    )
    matrix = cv2.getPerspectiveTransform(source, goal)
    table = cv2.warpPerspective(page, matrix, frame, flags=cv2.INTER_AREA, borderValue=(74, 58, 46))
    x = np.linspace(0.72, 1.0, frame[0], dtype=np.float32)[None, :, None]
    lit = cv2.GaussianBlur(table.astype(np.float32) * x, (0, 0), 0.8)
    return noisy(Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8)), 0.02)


def character_error(truth: str, read: str) -> float:
    """Edit distance over the length of the truth, in percent, spaces folded."""
    a, b = " ".join(truth.split()), " ".join(read.split())
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        previous, row = row, [i]
        for j, other in enumerate(b, start=1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (letter != other)))
    return 100 * row[-1] / max(1, len(a))
