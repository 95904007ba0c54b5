"""Which parts of a large form are drawn: the others stand folded, and a form posted back keeps them as they were.

A folded part posts one name, `//kept`, with a mark of its content: what stood there is taken up whole. Rows are named
by their place, so the names of what is drawn follow when rows move.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ordain.base import json
from ordain.engines.form.names import IS, ROW

SMALL: Final = 300  # values; a form of no more is drawn as a whole
_MARK: Final = 16


def mark_of(value: Any) -> str:
    """Return the mark of a part's content, by which it is known again."""
    return json.content_hash(value)[:_MARK]


def kept(mark: str, standing: Any, siblings: Sequence[Any]) -> tuple[Any, bool]:
    """Return what a folded part holds, what stands there or the sibling that moved; and whether it is the same."""
    if mark_of(standing) == mark:
        return standing, True
    moved = next((one for one in siblings if mark_of(one) == mark), None)
    return (standing, False) if moved is None else (moved, True)


def size(value: Any, most: int = SMALL) -> int:
    """Return how many values a document holds; counting ends soon after `most`."""
    count, waiting = 0, [value]
    while waiting and count <= most:
        one = waiting.pop()
        if isinstance(one, Mapping | list):
            waiting.extend(one.values() if isinstance(one, Mapping) else one)
        else:
            count += 1
    return count


def drawn(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Return the names of the parts that a posted form had drawn, each under its place in the order posted."""
    posted = list(pairs)
    return placed(posted, (name.removesuffix(IS) for name, _ in posted if name.endswith(IS)))


def placed(pairs: Iterable[tuple[str, str]], names: Iterable[str]) -> set[str]:
    """Return names as posted with each row's mark turned into its place: rows may have been dragged."""
    rows: dict[str, list[str]] = {}
    for name, text in pairs:
        if name.endswith(ROW):
            rows.setdefault(name.removesuffix(ROW), []).append(text)
    places = {owner: {mark: f"r{place}" for place, mark in enumerate(marks)} for owner, marks in rows.items()}
    return {_replaced(name, places) for name in names}


def after(names: Iterable[str], word: str, name: str, length: int) -> set[str]:
    """Return what is drawn after an act: `add` draws the new row, rows below one that went or moved follow it.

    `length` is how many rows the list has after the act.
    """
    owner, _, mark = name.rpartition("/")
    if word == "add":
        return {*names, name, f"{name}/r{length - 1}"}
    place = int(mark[1:]) if mark.startswith("r") and mark[1:].isdecimal() else None
    if place is None:
        return set(names)
    to = {"remove": None, "up": place - 1, "down": place + 1}.get(word, place)
    found = set()
    for one in names:
        steps = one[len(owner) + 1 :].split("/") if one.startswith(f"{owner}/") else []
        row = int(steps[0][1:]) if steps and steps[0][:1] == "r" and steps[0][1:].isdecimal() else None
        if row is None:
            found.add(one)
            continue
        if row == place and to is None:
            continue
        new = row - 1 if to is None and row > place else to if row == place else place if row == to else row
        found.add("/".join([owner, f"r{new}", *steps[1:]]))
    return found


def _replaced(name: str, places: Mapping[str, Mapping[str, str]]) -> str:
    """Return a name with the mark of each row on its way turned into the row's place."""
    old, new = "", ""
    for step in name.split("/"):
        place = places.get(old, {}).get(step, step)
        old, new = (f"{old}/{step}", f"{new}/{place}") if old else (step, place)
    return new
