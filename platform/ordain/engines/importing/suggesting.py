"""Which column is which: by what the header calls it, in Chinese or English, and by what its cells look like."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from ordain.base.phones import plausible_phone
from ordain.engines.importing.goals import Goal
from ordain.engines.importing.plan import Column, Plan
from ordain.engines.importing.values import Unreadable, reader_of

_BRACKETS: Final = re.compile(r"[（(\[【].*?[)）\]】]")
_APART: Final = re.compile(r"[\s_\-./:：*#]+")
_MAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_SAME, _ALMOST, _PART, _SHAPE = 100, 90, 60, 30
_ENOUGH: Final = 0.6  # of the cells that hold something
_UTC: Final = ZoneInfo("UTC")


def suggest(goals: Sequence[Goal], names: Sequence[str], samples: Sequence[Sequence[str]]) -> Plan:
    """Return a plan of what is told by name and value; the surest pairs first, no column and no field twice."""
    pairs = sorted(_pairs(goals, names, samples), key=lambda pair: -pair[0])
    columns: dict[int, Column] = {}
    taken: set[str] = set()
    for _, place, goal, how in pairs:
        if place not in columns and goal.name not in taken:
            columns[place] = Column(goal.name, how)
            taken.add(goal.name)
    return Plan(dict(sorted(columns.items())))


def known_words(goals: Sequence[Goal]) -> frozenset[str]:
    """Return all that headers call these fields, for finding the header's row."""
    return frozenset(word.casefold() for goal in goals for word in goal.words)


def _pairs(
    goals: Sequence[Goal], names: Sequence[str], samples: Sequence[Sequence[str]]
) -> Iterator[tuple[float, int, Goal, str]]:
    shaped = {goal.name: [p for p, cells in enumerate(samples) if _speaks(goal, cells)] for goal in goals}
    for place, name in enumerate(names):
        cells = [cell for cell in samples[place] if cell.strip()] if place < len(samples) else []
        for order, goal in enumerate(goals):
            said = _said(goal, name)
            how, part = _how(goal, name, cells)
            if said >= _PART and (part >= _ENOUGH or said >= _ALMOST):
                yield said + part - order / 1000, place, goal, how
            elif part >= _ENOUGH and shaped[goal.name] == [place]:
                yield _SHAPE + part - order / 1000, place, goal, how


def _said(goal: Goal, name: str) -> float:
    """Tell how surely a header means a field: its very word, its word without remarks, a word inside it."""
    plain, bare = _plain(name), _plain(_BRACKETS.sub("", name))
    best = 0.0
    for rank, word in enumerate(goal.words):
        wanted = _plain(word)
        if wanted == plain:
            return _SAME - rank / 10
        if wanted == bare:
            best = max(best, _ALMOST - rank / 10)
        elif len(wanted) >= 2 and bare.endswith(wanted):
            best = max(best, _PART + min(len(wanted), 10) - rank / 10)
    return best


def _plain(text: str) -> str:
    return _APART.sub("", text).casefold()


def _how(goal: Goal, name: str, cells: Sequence[str]) -> tuple[str, float]:
    """Return how a column's cells are best understood as this field, and the share of them that then can be."""
    if not cells:
        return "", 1.0
    ways = ("", "dmy", "mdy") if goal.kind in ("date", "datetime", "moment") else ("",)
    if goal.kind == "money" and ("分" in name or "cents" in name.casefold()):
        ways = ("minor",)
    shares = [(_readable(goal, cells, way) / len(cells), -turn, way) for turn, way in enumerate(ways)]
    share, _, way = max(shares)
    return way, share


def _readable(goal: Goal, cells: Sequence[str], how: str) -> int:
    """Return how many cells can be read as this field."""
    read, count = reader_of(goal, how, _UTC), 0
    for cell in cells:
        try:
            read(cell)
        except Unreadable:
            continue
        count += 1
    return count


def _speaks(goal: Goal, cells: Sequence[str]) -> bool:
    """Tell whether cells look like this field and hardly like another: phones, mail, the words of a choice."""
    held = [cell.strip() for cell in cells if cell.strip()]
    if not held:
        return False
    last = goal.name.rpartition(".")[2]
    if last in ("phone", "mobile", "tel"):
        like = sum(map(plausible_phone, held))
    elif last in ("email", "mail"):
        like = sum(_MAIL.match(cell) is not None for cell in held)
    elif goal.kind == "choice" or (goal.kind in ("moment", "datetime") and goal.required):
        like = _readable(goal, [cell for cell in held if not cell.isdecimal()], "")
    else:
        return False
    return like >= 0.8 * len(held)


def usable(plan: Plan, goals: Mapping[str, Goal], width: int) -> Plan:
    """Return a plan kept from another time without what is there no more."""
    columns = {place: one for place, one in plan.columns.items() if place < width and one.to in goals}
    fixed = {name: text for name, text in plan.fixed.items() if name in goals}
    return Plan(columns, fixed, tuple(name for name in plan.match if name in goals))
