"""The visible face of a signature: Vietnamese text in Tinos, laid out once for both signing libraries."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock

from fontTools import subset
from fontTools.ttLib import TTFont, TTLibError
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import PdfContent, ResourceType
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.layout import BoxConstraints

from engine.errors import ConnectorRefused, Text

FONT_FILE = "Tinos-Regular.ttf"
_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_LARGEST_SIZE, _SMALLEST_SIZE = 10.0, 4.0  # points
#: Distance of lines in font sizes, and the free edge in points.
LEADING = 1.2
MARGIN = 2.0  # points
_CUT = "/MOTCUA+Tinos"  # a cut font carries a tag of six letters (ISO 32000-1, 9.6.4)
_loading = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Text broken into lines that fit a box, with the size that makes them fit."""

    lines: tuple[str, ...]
    size: float  #: points
    width: float
    height: float


class Font:
    """A TrueType font, opened once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._font = TTFont(path, lazy=False)  # complete now: threads share it
            self._letters: dict[int, str] = self._font.getBestCmap()
            self._per_em: int = self._font["head"].unitsPerEm
            self._advances = {name: int(pair[0]) for name, pair in self._font["hmtx"].metrics.items()}
            self._numbers: dict[str, int] = self._font.getReverseGlyphMap()
        except (OSError, TTLibError, KeyError) as error:
            raise ConnectorRefused(
                system=Text(vi="phông chữ", en="font"),
                why=Text(vi=f"tệp phông {path.name} không dùng được", en=f"the font file {path.name} cannot be used"),
            ) from error

    def layout(self, text: str, width: float, height: float) -> Face:
        """``text`` in the largest size up to 10 points at which it fits; below 4 points it may overflow."""
        text = unicodedata.normalize("NFC", text)
        size = _LARGEST_SIZE
        while True:
            lines = self._wrap(text, (width - 2 * MARGIN) / size)
            fits = len(lines) * size * LEADING <= height - 2 * MARGIN
            if fits or size <= _SMALLEST_SIZE:
                return Face(lines=tuple(lines), size=size, width=width, height=height)
            size -= 0.5

    def advance(self, text: str) -> float:
        """Width of ``text`` at size 1."""
        units = sum(self._advances[self._letters.get(ord(letter), ".notdef")] for letter in text)
        return units / self._per_em

    def glyph(self, letter: str) -> int:
        """Glyph number of ``letter``, 0 when the font lacks it."""
        name = self._letters.get(ord(letter))
        return 0 if name is None else self._numbers[name]

    def cut(self, letters: str) -> bytes:
        """The font file with the glyphs of ``letters`` only, glyph numbers unchanged."""
        options = subset.Options()
        options.retain_gids, options.notdef_outline, options.hinting = True, True, False
        options.layout_features, options.name_IDs, options.drop_tables = [], [], ["GSUB", "GPOS", "GDEF", "kern"]
        font = TTFont(self.path)
        cutter = subset.Subsetter(options)
        cutter.populate(text=letters)
        cutter.subset(font)
        out = BytesIO()
        font.save(out)
        return out.getvalue()

    def descriptor(self) -> dict[str, float]:
        """Ascent, descent, cap height and italic angle in thousandths of the size."""
        scale = 1000 / self._per_em
        header, horizontal = self._font["head"], self._font["hhea"]
        return {
            "/Ascent": horizontal.ascent * scale,
            "/Descent": horizontal.descent * scale,
            "/CapHeight": getattr(self._font["OS/2"], "sCapHeight", horizontal.ascent) * scale,
            "left": header.xMin * scale,
            "bottom": header.yMin * scale,
            "right": header.xMax * scale,
            "top": header.yMax * scale,
        }

    def _wrap(self, text: str, width: float) -> list[str]:
        lines: list[str] = []
        for paragraph in text.splitlines():
            line = ""
            for word in paragraph.split():
                longer = f"{line} {word}" if line else word
                if line and self.advance(longer) > width:
                    lines.append(line)
                    line = word
                else:
                    line = longer
            lines.append(line)
        return lines


class FaceContent(PdfContent):  # type: ignore[misc,unused-ignore]
    """A face as PDF content for pyHanko."""

    def __init__(self, font: Font, face: Face) -> None:
        super().__init__(box=BoxConstraints(width=face.width, height=face.height))
        self._font, self._face = font, face

    def render(self) -> bytes:
        """The drawing operators; registers the cut font with the writer."""
        face = self._face
        self.set_resource(ResourceType.FONT, pdf_name("/Tinos"), self._embed())
        top = face.height - MARGIN - face.size
        parts = [f"BT 0 g /Tinos {face.size:g} Tf {face.size * LEADING:g} TL {MARGIN:g} {top:g} Td"]
        parts += [f"<{''.join(f'{self._font.glyph(letter):04x}' for letter in line)}> Tj T*" for line in face.lines]
        return " ".join([*parts, "ET"]).encode("ascii")

    def _embed(self) -> generic.IndirectObject:
        """The cut font as a composite font of the writer's: its glyphs, their widths and the way back to letters."""
        writer = self._ensure_writer
        letters = "".join(sorted(set("".join(self._face.lines))))
        return writer.add_object(
            _dictionary(
                {
                    "/Type": pdf_name("/Font"),
                    "/Subtype": pdf_name("/Type0"),
                    "/BaseFont": pdf_name(_CUT),
                    "/Encoding": pdf_name("/Identity-H"),
                    "/DescendantFonts": generic.ArrayObject([writer.add_object(self._glyphs(letters))]),
                    "/ToUnicode": writer.add_object(self._to_unicode(letters)),
                }
            )
        )

    def _descriptor(self, letters: str) -> generic.DictionaryObject:
        file = generic.StreamObject(stream_data=self._font.cut(letters))
        file.compress()
        facts = self._font.descriptor()
        box = [generic.FloatObject(f"{facts[side]:.0f}") for side in ("left", "bottom", "right", "top")]
        return _dictionary(
            {
                "/Type": pdf_name("/FontDescriptor"),
                "/FontName": pdf_name(_CUT),
                "/Flags": generic.NumberObject(4),
                "/FontBBox": generic.ArrayObject(box),
                "/ItalicAngle": generic.NumberObject(0),
                "/StemV": generic.NumberObject(80),
                "/FontFile2": self._ensure_writer.add_object(file),
                **{key: generic.FloatObject(f"{facts[key]:.0f}") for key in ("/Ascent", "/Descent", "/CapHeight")},
            }
        )

    def _glyphs(self, letters: str) -> generic.DictionaryObject:
        widths = generic.ArrayObject()
        for letter in letters:
            advance = generic.FloatObject(f"{self._font.advance(letter) * 1000:.0f}")
            widths += [generic.NumberObject(self._font.glyph(letter)), generic.ArrayObject([advance])]
        system = {"/Registry": "Adobe", "/Ordering": "Identity"}
        return _dictionary(
            {
                "/Type": pdf_name("/Font"),
                "/Subtype": pdf_name("/CIDFontType2"),
                "/BaseFont": pdf_name(_CUT),
                "/CIDSystemInfo": _dictionary(
                    {
                        **{key: generic.TextStringObject(value) for key, value in system.items()},
                        "/Supplement": generic.NumberObject(0),
                    }
                ),
                "/FontDescriptor": self._ensure_writer.add_object(self._descriptor(letters)),
                "/W": widths,
                "/CIDToGIDMap": pdf_name("/Identity"),
            }
        )

    def _to_unicode(self, letters: str) -> generic.StreamObject:
        known = [letter for letter in letters if self._font.glyph(letter)]
        blocks = []
        for start in range(0, len(known), 100):  # a block holds at most 100 entries
            part = known[start : start + 100]
            entries = "\n".join(
                f"<{self._font.glyph(letter):04x}> <{letter.encode('utf-16be').hex()}>" for letter in part
            )
            blocks.append(f"{len(part)} beginbfchar\n{entries}\nendbfchar")
        text = (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
            "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
            + "\n".join(blocks)
            + "\nendcmap CMapName currentdict /CMap defineresource pop end end"
        )
        return generic.StreamObject(stream_data=text.encode("ascii"))


def open_font(setting: Path | None = None) -> Font:
    """The Tinos of ``setting``, or the one installed with Debian's fonts-croscore; refused when there is none."""
    with _loading:
        return _open(setting)


@lru_cache(maxsize=4)
def _open(setting: Path | None) -> Font:
    places: Sequence[Path] = [setting] if setting else [p for f in _FOLDERS for p in sorted(f.rglob(FONT_FILE))]
    for place in places:
        if place.is_file():
            return Font(place)
    raise ConnectorRefused(
        system=Text(vi="phông chữ", en="font"),
        why=Text(
            vi=f"không tìm thấy phông {FONT_FILE}; hãy cài gói fonts-croscore hoặc chỉ đường dẫn trong cấu hình",
            en=f"the font {FONT_FILE} was not found; install the package fonts-croscore or set its path",
        ),
    )


def _dictionary(entries: dict[str, generic.PdfObject]) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(key): value for key, value in entries.items()})
