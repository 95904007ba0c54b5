"""Rows that belong together become one document: fields from the first row that has them, lists row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ordain.engines.importing.goals import Goal
from ordain.engines.importing.plan import Plan


@dataclass(slots=True)
class Piece:
    """A document made of rows; `rows` tells for each list which row its items came from."""

    data: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)


def assemble(goals: Mapping[str, Goal], values: Sequence[Mapping[str, Any]]) -> Piece:
    """Return the document of one or more rows' values; field names stay flat, items of lists have their own names."""
    made = Piece()
    for place, row in enumerate(values):
        items: dict[str, dict[str, Any]] = {}
        for name, value in row.items():
            inside = goals[name].inside
            if inside:
                items.setdefault(inside, {})[name.removeprefix(f"{inside}.")] = value
            else:
                made.data.setdefault(name, value)
        for inside, item in items.items():
            made.data.setdefault(inside, []).append(item)
            made.rows.setdefault(inside, []).append(place)
    return made


def place_of(plan: Plan, piece: Piece, path: str) -> tuple[int, int | None]:
    """Return the row (of the document's) and column a problem's path speaks of; no column where none fills it."""
    head, _, rest = path.partition(".")
    number, _, inner = rest.partition(".")
    if number.isdecimal() and head in piece.rows:
        rows = piece.rows[head]
        row = rows[int(number)] if int(number) < len(rows) else 0
        return row, plan.column_of(f"{head}.{inner}")
    steps = path.split(".")
    for length in range(len(steps), 0, -1):
        column = plan.column_of(".".join(steps[:length]))
        if column is not None:
            return 0, column
    return 0, None
