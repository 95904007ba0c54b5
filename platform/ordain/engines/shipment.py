"""What leaves when a part of a reservation is shipped: pure arithmetic over its lines."""

from collections.abc import Mapping
from dataclasses import replace

from ordain.records.stock import Line, Part

Leaving = tuple[Line, list[Part]]


def ship(line: Line, pieces: int) -> Leaving:
    """Return the line with `pieces` more of it shipped, and the parts that leave; of a bundle its parts leave.

    What it takes from several pools leaves the first of them first. No more leaves than was taken.
    """
    pieces = min(pieces, line.taken - line.shipped)
    if pieces <= 0:
        return line, []
    each = _each(line)
    left = {sku: pieces * number for sku, number in each.items()}
    kept, leaving = [], []
    for part in line.parts:
        gone = min(left[part.sku], part.open)
        left[part.sku] -= gone
        kept.append(replace(part, shipped=part.shipped + gone))
        if gone:
            leaving.append(Part(part.sku, part.pool, gone))
    return replace(line, parts=tuple(kept), shipped=line.shipped + pieces), leaving


def _each(line: Line) -> Mapping[str, int]:
    """Return how many of each SKU one piece of the line takes."""
    totals: dict[str, int] = {}
    for part in line.parts:
        totals[part.sku] = totals.get(part.sku, 0) + part.quantity
    return {sku: total // line.taken for sku, total in totals.items()}
