"""Finding the line of names: exports put titles, dates and notes above it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from ordain.engines.tabular.text import Row

LOOK: Final = 50  # rows from the top
_VALUE: Final = re.compile(r"^[\s¥￥$€+\-]*\d[\d,.\s:/年月日时分秒T%-]*$")
_SUMS: Final = frozenset({"合计", "总计", "小计", "汇总", "total", "totals", "sum", "grand total"})


@dataclass(frozen=True, slots=True)
class Header:
    """The row the names stand in, and a name for each column: never empty, never twice."""

    row: int
    names: tuple[str, ...]


def header_of(rows: Sequence[Row], known: Collection[str] = (), at: int = 0) -> Header:
    """Return the header among the first rows; `known` are names that speak for a row, `at` the row a person chose."""
    chosen = next((row for row in rows if row[0] == at), None) or _best(rows, known)
    return Header(chosen[0], _names(chosen[1]))


def is_sum(cells: Sequence[str]) -> bool:
    """Tell whether a row is a sum below the rows: its first word says so."""
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    return first.rstrip(":：").casefold() in _SUMS


def letter(place: int) -> str:
    """Return a column's letters as spreadsheets show them: 0 is A, 27 is AB."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def _best(rows: Sequence[Row], known: Collection[str]) -> Row:
    width = max((sum(bool(cell.strip()) for cell in cells) for _, cells in rows), default=0)
    scored = [(_score(cells, width, known), -number, (number, cells)) for number, cells in rows[:LOOK]]
    return max(scored, key=lambda item: item[:2])[2]


def _score(cells: Sequence[str], width: int, known: Collection[str]) -> float:
    texts = [cell.strip() for cell in cells if cell.strip()]
    if not texts or len(texts) < max(1, width * 0.5):
        return 0
    names = [text for text in texts if len(text) <= 40 and not _VALUE.match(text)]
    distinct = len(set(texts)) / len(texts)
    said = sum(text.casefold() in known for text in texts)
    return len(names) / len(texts) * distinct + len(texts) / (width or 1) + 3 * said / len(texts)


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    last = max((place for place, cell in enumerate(cells) if cell.strip()), default=-1)
    taken: set[str] = set()
    names = []
    for place in range(last + 1):
        name = " ".join(cells[place].lstrip("\ufeff").split())[:120] or letter(place)
        turn, own = 2, name
        while own in taken:
            own, turn = f"{name} ({turn})", turn + 1
        taken.add(own)
        names.append(own)
    return tuple(names)
