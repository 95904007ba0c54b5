"""What buttons do to a document: parts added, removed, moved, turned into another shape."""

from collections.abc import Mapping
from typing import Any, Final

from ordain.engines.form.reading import any_value
from ordain.engines.form.shape import Group, Keyed, Many, Shape, Union, blank, branch_of, resolve

WORDS: Final = ("add", "remove", "up", "down", "branch", "put")


def act(shape: Shape, document: Any, word: str, name: str, setting: str = "") -> Any:
    """Return the document after one act on the part that is posted as `name`; the same where there is no such part.

    `add` puts an absent part there, or a new row at a list's or map's end; `remove` takes a part or row away; `up` and
    `down` move a row; `branch` turns a union into its branch `setting`; `put` adds `setting` as a list's last row, also
    where one value stands that might be a list of them.
    """
    steps = [step.replace("~1", "/").replace("~0", "~") for step in name.split("/")] if name else []
    return _Actor(word, setting).at(shape, document, steps)


def rows_at(document: Any, name: str) -> int:
    """Return how many rows the list or map has that is posted as `name`, or that has the row posted as `name`."""
    for step in name.split("/") if name else ():
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping) and key in document:
            below = document[key]
        else:
            held = (
                list(document.values())
                if isinstance(document, Mapping)
                else document
                if isinstance(document, list)
                else []
            )
            row = _place(step, len(held))
            below = held[row] if row is not None else None
        if not isinstance(below, Mapping | list):
            break
        document = below
    return len(document) if isinstance(document, Mapping | list) else 0


class _Actor:
    def __init__(self, word: str, setting: str) -> None:
        self._word = word
        self._setting = setting

    def at(self, shape: Shape, value: Any, steps: list[str]) -> Any:
        """Return `value` with the act done below `steps`."""
        real = resolve(shape)
        if not steps:
            return self._here(real, value)
        if isinstance(real, Union):
            place = branch_of(real, value)
            return self.at(real.branches[place][2], value, steps)
        step, rest = steps[0], steps[1:]
        match real:
            case Group(parts=parts):
                found = dict(parts).get(step)
                return value if found is None else self._in_group(found, value, step, rest)
            case Many(item=item):
                items = list(value) if isinstance(value, list) else []
                row = _place(step, len(items))
                return items if row is None else self._in_rows(item, items, row, rest)
            case Keyed(item=item):
                entries = list(value.items()) if isinstance(value, Mapping) else []
                row = _place(step, len(entries))
                if row is None:
                    return dict(entries)
                if not rest and self._word != "branch":
                    return dict(_moved(entries, row, self._word))
                key, inner = entries[row]
                entries[row] = (key, self.at(item, inner, rest))
                return dict(entries)
            case _:
                return value

    def _here(self, shape: Shape, value: Any) -> Any:
        real = resolve(shape)
        match real:
            case Many() if self._word == "put":
                return [*(value or ()), any_value(self._setting)]
            case Union(branches=branches) if self._word == "put" and any(
                isinstance(resolve(branch), Many) for _, _, branch in branches
            ):
                standing = value if isinstance(value, list) else [value] if value else []
                return [*standing, any_value(self._setting)]
            case Many(item=item) if self._word == "add" and value is not None:
                return [*value, blank(item)]
            case Many(item=item) if self._word == "add":
                return blank(real) or [blank(item)]
            case Keyed(item=item, begin=begin) if self._word == "add":
                held = dict(value or {})
                return held | {_free(held, begin): blank(item)}
            case Union(branches=branches) if self._word == "branch":
                chosen = next((branch for branch in branches if branch[0] == self._setting), branches[0])
                made = blank(chosen[2])
                return {"type": chosen[0], **made} if real.tagged and isinstance(made, dict) else made
            case _ if self._word == "add" and value is None:
                return blank(real)
        return value

    def _in_group(self, part: Shape, value: Any, key: str, rest: list[str]) -> Any:
        held = dict(value) if isinstance(value, Mapping) else {}
        if not rest and self._word == "remove":
            held.pop(key, None)
            return held
        return held | {key: self.at(part, held.get(key), rest)}

    def _in_rows(self, item: Shape, items: list[Any], place: int, rest: list[str]) -> list[Any]:
        if not rest and self._word in ("remove", "up", "down"):
            return _moved(items, place, self._word)
        items[place] = self.at(item, items[place], rest)
        return items


def _place(step: str, length: int) -> int | None:
    number = step.removeprefix("r")
    return int(number) if number.isdecimal() and len(number) < 7 and int(number) < length else None


def _moved(items: list[Any], place: int, word: str) -> list[Any]:
    if word == "remove":
        return items[:place] + items[place + 1 :]
    other = place - 1 if word == "up" else place + 1 if word == "down" else place
    if 0 <= other < len(items):
        items[place], items[other] = items[other], items[place]
    return items


def _free(held: Mapping[str, Any], begin: str) -> str:
    number = 1
    while f"{begin}{number}" in held:
        number += 1
    return f"{begin}{number}"
