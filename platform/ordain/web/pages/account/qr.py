"""A QR code as one path of an SVG: drawn by the template, no picture travels."""

from dataclasses import dataclass

import segno

_BORDER = 3


@dataclass(frozen=True, slots=True)
class Code:
    """A square of `size` modules; `path` draws the dark ones."""

    size: int
    path: str


def draw(text: str) -> Code:
    """Return the code that carries a text."""
    made = segno.make_qr(text, error="m")
    parts = []
    for y, row in enumerate(map(list, made.matrix_iter(border=_BORDER))):
        x = 0
        while x < len(row):
            length = _run(row, x)
            if row[x]:
                parts.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return Code(int(made.symbol_size(border=_BORDER)[0]), "".join(parts))


def _run(row: list[int], start: int) -> int:
    """Return how many modules from here on look alike."""
    end = start
    while end < len(row) and row[end] == row[start]:
        end += 1
    return end - start
