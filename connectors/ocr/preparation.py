"""A photographed or scanned page made ready for reading: grey, upright, evenly lit, with its resolution.

Page quad → red-ink channel → background flattening → denoising when noisy → deskew. The page is never binarised
adaptively: measured, that turns mild noise into loss of nearly all text. Thresholds are the measured ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Grey = npt.NDArray[np.uint8]

_A4_MM = (210.0, 297.0)
_FINE_DPI = (180.0, 260.0)
#: Pixels. A page drawn too sharply loses marks on bold capitals (Ễ read as Ê); measured in docs/papers.md.
_SOFTEN = 0.5
_QUAD_SHARE = 0.35
_RED_SHARE = 0.002
_UNEVEN = 12.0
_NOISY = 8.0
_SKEW_RANGE = 8.0
_SKEW_LEAST = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPage:
    """A page to recognise. ``grey`` has 8 bits a pixel; ``steps`` says what was done to it, in order."""

    grey: Grey
    dpi: int
    steps: tuple[str, ...]


def prepare(picture: Image.Image, *, dpi: float = 0.0) -> PreparedPage:
    """Prepare an RGB or grey page; ``dpi`` 0 means unknown: it is then taken from the size of an A4 sheet."""
    colour = np.asarray(picture.convert("RGB"))
    steps: list[str] = []
    quad = page_quad(colour)
    if quad is not None:
        colour = _straighten(colour, quad)
        steps.append("page-quad")
        dpi = 0.0
    resolution = dpi if dpi >= 70 else guess_dpi(colour.shape[1], colour.shape[0])
    grey, red = _without_red_ink(colour)
    if red:
        steps.append("red-ink")
    if background_deviation(grey) > _UNEVEN:
        grey = _flatten(grey, resolution)
        steps.append("flatten")
    if red:
        grey = _whiten(grey)
    if _noise(grey) > _NOISY:
        grey = _as_grey(cv2.GaussianBlur(grey, (0, 0), resolution / 300))
        steps.append("denoise")
    angle = skew(grey)
    if abs(angle) >= _SKEW_LEAST:
        grey = _turn(grey, angle)
        steps.append(f"deskew {angle:+.2f}")
    grey, resolution, resized = _reading_size(grey, resolution)
    if resized:
        steps.append(f"resize to {resolution:.0f} dpi")
    grey = _as_grey(cv2.GaussianBlur(grey, (0, 0), _SOFTEN))
    return PreparedPage(grey=grey, dpi=round(resolution), steps=tuple(steps))


def _reading_size(grey: Grey, dpi: float) -> tuple[Grey, float, bool]:
    """Letters of 13 points are read best at 200–240 dpi (measured, in docs/papers.md); 200 itself is left alone."""
    if _FINE_DPI[0] <= dpi <= _FINE_DPI[1]:
        return grey, dpi, False
    goal = 225.0 if dpi < _FINE_DPI[0] else 240.0
    how = cv2.INTER_CUBIC if goal > dpi else cv2.INTER_AREA
    return _as_grey(cv2.resize(grey, None, fx=goal / dpi, fy=goal / dpi, interpolation=how)), goal, True


def guess_dpi(width: int, height: int) -> float:
    """The resolution if the picture is a whole A4 sheet, within 70–600."""
    long_side, short_side = max(width, height), min(width, height)
    dpi = max(long_side / (_A4_MM[1] / 25.4), short_side / (_A4_MM[0] / 25.4))
    return float(min(600.0, max(70.0, dpi)))


def page_quad(colour: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32] | None:
    """Corners (top left, top right, bottom right, bottom left) of a sheet lying on something else, if there is one.

    Convex, four corners, more than 35 % of the frame, and not simply the frame itself.
    """
    height, width = colour.shape[:2]
    scale = 700 / max(height, width)
    small = cv2.resize(colour, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    best: npt.NDArray[np.float32] | None = None
    best_area = _QUAD_SHARE * soft.size
    for mask in _sheet_masks(soft):
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            hull = cv2.convexHull(contour)
            corners = cv2.approxPolyDP(hull, 0.02 * cv2.arcLength(hull, True), True)
            area = cv2.contourArea(corners)
            if len(corners) == 4 and cv2.isContourConvex(corners) and area > best_area:
                points = corners.reshape(4, 2).astype(np.float32)
                if not _touches_frame(points, soft.shape):
                    best, best_area = points, area
    return None if best is None else _ordered(best) / np.float32(scale)


def _sheet_masks(soft: Any) -> list[Any]:
    _, bright = cv2.threshold(soft, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    kernel = np.ones((9, 9), np.uint8)
    edges = cv2.dilate(cv2.Canny(soft, 40, 120), np.ones((3, 3), np.uint8))
    return [cv2.morphologyEx(bright, cv2.MORPH_CLOSE, kernel), cv2.morphologyEx(edges, cv2.MORPH_CLOSE, kernel)]


def _touches_frame(points: npt.NDArray[np.float32], shape: tuple[int, ...]) -> bool:
    """At least three corners on the frame: the picture is the sheet already, there is nothing to cut out."""
    height, width = shape[:2]
    near = 0
    for x, y in points:
        near += bool(min(x, width - 1 - x) < 5 and min(y, height - 1 - y) < 5)
    return near >= 3


def _ordered(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    total, difference = points.sum(axis=1), points[:, 0] - points[:, 1]
    order = [total.argmin(), difference.argmax(), total.argmax(), difference.argmin()]
    return points[order]


def _straighten(colour: npt.NDArray[np.uint8], quad: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    top_left, top_right, bottom_right, bottom_left = quad
    width = round(max(math.dist(top_left, top_right), math.dist(bottom_left, bottom_right)))
    height = round(max(math.dist(top_left, bottom_left), math.dist(top_right, bottom_right)))
    goal = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), goal)
    flat = cv2.warpPerspective(colour, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8)


def _without_red_ink(colour: npt.NDArray[np.uint8]) -> tuple[Grey, bool]:
    """Grey, from the red channel when more than 0.2 % of the pixels are saturated red: a seal turns into paper."""
    red, green, blue = (colour[..., index].astype(np.int16) for index in range(3))
    saturated = (red - np.maximum(green, blue) > 60) & (red > 100)
    if float(saturated.mean()) > _RED_SHARE:
        return np.ascontiguousarray(colour[..., 0]), True
    return _as_grey(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)), False


def background_deviation(grey: Grey) -> float:
    """Standard deviation of the paper's brightness (0–255), ink taken away."""
    return float(_background(grey, 96).std())


def _background(grey: Grey, size: int) -> npt.NDArray[np.float32]:
    """The paper without ink, at ``size`` pixels on its longer side: the brightest of each neighbourhood."""
    scale = size / max(grey.shape)
    shape = (max(8, round(grey.shape[1] * scale)), max(8, round(grey.shape[0] * scale)))
    # The brighter part of each cell is paper wherever less than about half of the cell is ink.
    lit = cv2.dilate(cv2.resize(grey, (shape[0] * 6, shape[1] * 6), interpolation=cv2.INTER_AREA), np.ones((9, 9)))
    small = cv2.resize(cv2.medianBlur(lit, 9), shape, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _flatten(grey: Grey, dpi: float) -> Grey:
    """Divide by the lighting, so that paper is white in a shadow too."""
    height, width = grey.shape
    light = cv2.GaussianBlur(_background(grey, max(64, round(max(grey.shape) / dpi * 10))), (0, 0), 1.2)
    full = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    even = grey.astype(np.float32) * np.float32(245) / np.maximum(full, np.float32(8))
    return np.asarray(np.clip(even, 0, 255), np.uint8)


def _whiten(grey: Grey) -> Grey:
    """What the red channel leaves of a seal is nearly paper; it becomes paper, ink keeps its greys."""
    paper = float(np.percentile(grey, 75))
    lifted = (grey.astype(np.float32) - 10) * np.float32(255 / max(60.0, 0.80 * paper - 10))
    return np.asarray(np.clip(lifted, 0, 255), np.uint8)


def _noise(grey: Grey) -> float:
    """Mean difference to a 3×3 median."""
    return float(cv2.absdiff(grey, cv2.medianBlur(grey, 3)).mean())


def skew(grey: Grey) -> float:
    """Degrees (counter-clockwise positive) to turn the page by so that its lines lie level, within ±8."""
    scale = min(1.0, 1000 / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, ink = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    if ink.mean() < 0.2:
        return 0.0
    best = _sharpest(ink, np.arange(-_SKEW_RANGE, _SKEW_RANGE + 0.01, 1.0))
    best = _sharpest(ink, np.arange(best - 0.8, best + 0.81, 0.2))
    best = _sharpest(ink, np.arange(best - 0.15, best + 0.16, 0.05))
    return best if abs(best) <= _SKEW_RANGE else 0.0


def _sharpest(ink: Any, angles: npt.NDArray[np.float64]) -> float:
    """The angle whose row sums change most from row to row: text lines level."""
    scores = []
    for angle in angles:
        rows = np.asarray(_turn(ink, float(angle), fill=0), np.float64).sum(axis=1)
        scores.append(float(((rows[1:] - rows[:-1]) ** 2).sum()))
    return float(angles[int(np.argmax(scores))])


def _turn(grey: Any, angle: float, *, fill: int = 255) -> Grey:
    height, width = grey.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    how = cv2.INTER_CUBIC if fill else cv2.INTER_NEAREST
    turned = cv2.warpAffine(grey, matrix, (width, height), flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=fill)
    return _as_grey(turned)


def _as_grey(picture: Any) -> Grey:
    return np.asarray(picture, np.uint8)
