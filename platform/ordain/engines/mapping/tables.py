"""Lookup tables as a grid: rows changed by hand, pasted from a spreadsheet or CSV. Order is kept."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ordain.base import json
from ordain.base.errors import Problem, problem

MOST: Final = 50_000
_FORMULA: Final = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was posted: the key it stood under ("" for a new one), its key and value now."""

    was: str
    key: str
    value: str


def edited(table: Mapping[str, Any], rows: Iterable[Row], removed: str | None = None) -> dict[str, Any]:
    """Return the table after changes by hand: keys renamed in place, values replaced, new rows at the end.

    An empty key leaves a row as it was; a key that another row has already is taken over by the row changed last.
    """
    changes = {row.was: row for row in rows if row.was in table}
    found: dict[str, Any] = {}
    for key, value in table.items():
        row = changes.get(key)
        if key == removed:
            continue
        if row is None:
            found.setdefault(key, value)
        else:
            found[row.key.strip() or key] = _typed(row.value, value)
    for row in rows:
        if not row.was and row.key.strip() and row.value.strip():
            found[row.key.strip()] = row.value.strip()
    return found


def pasted(table: Mapping[str, Any], text: str) -> tuple[dict[str, Any], list[Problem]]:
    """Return the table with the rows of a spreadsheet or CSV taken in: known keys get the new value, others are added.

    The first two columns count. Refused as a whole where a row has but one, or the table would be too large.
    """
    found = dict(table)
    rows = _cells(text)
    short = [number for number, cells in enumerate(rows, 1) if len(cells) < 2 or not cells[0].strip()]
    if short:
        zh, en = f"第{short[0]}行不足两列：键、值", f"row {short[0]} has no two columns: key, value"
        return found, [problem("grid", "two_columns", zh, en)]
    for cells in rows:
        key, value = _plain(cells[0]), _plain(cells[1])
        found[key] = _typed(value, found.get(key, ""))
    if len(found) > MOST:
        zh, en = f"对照表最多{MOST}行", f"a lookup table has at most {MOST} rows"
        return dict(table), [problem("grid", "too_many_rows", zh, en)]
    return found, []


def shown(value: Any) -> str:
    """Return a value as its cell shows it."""
    return value if isinstance(value, str) else json.canonical(value).decode()


def _cells(text: str) -> Sequence[list[str]]:
    first = text.split("\n", 1)[0]
    mark = "\t" if "\t" in first else ";" if ";" in first and "," not in first else ","
    return [cells for cells in csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=mark) if any(cells)]


def _typed(text: str, before: Any) -> Any:
    """Return a cell's value: text, but what was a number, a list or the like stays one where it can."""
    if isinstance(before, str) or text == "":
        return text.strip()
    try:
        return json.loads(text)
    except json.BadJson:
        return text.strip()


def _plain(text: str) -> str:
    """Return a cell without the apostrophe that keeps a spreadsheet from running it."""
    text = text.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
