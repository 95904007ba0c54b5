"""Two documents side by side: what changed by its path, and the lines with what is the same left out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from ordain.base import json
from ordain.engines.compare import Difference, compare
from ordain.web.pages.definitions.context import Change, DiffRow
from ordain.web.pages.texts import _, many

AROUND: Final = 3
_LONGEST: Final = 160
_MOST: Final = 200


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], called: Callable[[str], str] = lambda _: ""
) -> list[Change]:
    """Return the differences by path, values written short; `called` gives a path's name for people, "" for none."""
    words = {"added": _("added"), "removed": _("removed"), "changed": _("changed")}
    found = [change for change in compare(before, after) if change.path != "schema_version"]
    return [
        Change(change.path, called(change.path), change.change, words[change.change], *_values(change))
        for change in found[:_MOST]
    ]


def rows(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[DiffRow]:
    """Return both documents as lines side by side; long stretches that are the same become one row."""
    left, right = json.pretty(before).splitlines(), json.pretty(after).splitlines()
    matcher = SequenceMatcher(a=left, b=right, autojunk=False)
    groups = list(matcher.get_grouped_opcodes(AROUND))
    found: list[DiffRow] = []
    reached = 0
    for group in groups:
        found.extend(_gap(group[0][1] - reached))
        for how, left_from, left_to, right_from, right_to in group:
            found.extend(_pairs(how, left, right, range(left_from, left_to), range(right_from, right_to)))
        reached = group[-1][2]
    found.extend(_gap(len(left) - reached))
    return found


def _pairs(how: str, left: Sequence[str], right: Sequence[str], ours: range, theirs: range) -> Iterator[DiffRow]:
    for place in range(max(len(ours), len(theirs))):
        one = ours[place] if place < len(ours) else None
        other = theirs[place] if place < len(theirs) else None
        yield DiffRow(
            "" if one is None else str(one + 1),
            "" if one is None else left[one],
            _look(how, one, "del"),
            "" if other is None else str(other + 1),
            "" if other is None else right[other],
            _look(how, other, "add"),
        )


def _look(how: str, place: int | None, changed: str) -> str:
    if how == "equal":
        return ""
    return "none" if place is None else changed


def _gap(count: int) -> list[DiffRow]:
    if count <= 0:
        return []
    return [DiffRow("", "", "", "", "", "", many("%(num)s line the same", "%(num)s lines the same", count))]


def _values(change: Difference) -> tuple[str, str]:
    return (
        "" if change.change == "added" else _short(change.before),
        "" if change.change == "removed" else _short(change.after),
    )


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
