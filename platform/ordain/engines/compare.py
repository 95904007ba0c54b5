"""Comparing two documents, part by part: what came, what went, what changed from what to what.

Values are compared as the JSON they are: 0.8 as it was typed and 0.8 as it was stored are the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ordain.base import json


@dataclass(frozen=True, slots=True)
class Difference:
    """One change, by dotted path; items of lists that carry a `key` are named by it."""

    path: str
    change: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


def compare(before: Any, after: Any) -> list[Difference]:
    """Return the differences from one document to another, in the order of their paths."""
    return sorted(_compare("", before, after), key=lambda found: found.path)


def _compare(path: str, before: Any, after: Any) -> Iterator[Difference]:
    one, other = _parts(before), _parts(after)
    if one is None or other is None:
        if json.canonical(before) != json.canonical(after):
            yield Difference(path, "changed", before, after)
        return
    for name in {**one, **other}:
        below = f"{path}.{name}" if path else name
        if name not in one:
            yield Difference(below, "added", None, other[name])
        elif name not in other:
            yield Difference(below, "removed", one[name], None)
        else:
            yield from _compare(below, one[name], other[name])


def _parts(value: Any) -> dict[str, Any] | None:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list) and value and all(isinstance(item, Mapping) and "key" in item for item in value):
        return {str(item["key"]): item for item in value}
    return None
