"""A plan: which column fills which field, what stands for a whole column, what tells records apart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from ordain.base.text import Text
from ordain.engines.importing.goals import Goal
from ordain.engines.importing.values import Unreadable, reader_of


@dataclass(frozen=True, slots=True)
class Column:
    """What one column fills, and how its text is to be understood."""

    to: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Columns by their place; `fixed` gives a field one text for all rows, `match` names what tells records apart."""

    columns: Mapping[int, Column] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    match: tuple[str, ...] = ()

    def column_of(self, name: str) -> int | None:
        """Return the place of the column that fills a field."""
        return next((place for place, column in self.columns.items() if column.to == name), None)

    def fills(self, name: str) -> bool:
        """Tell whether a field gets a value at all."""
        return self.column_of(name) is not None or bool(self.fixed.get(name))

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        columns = {str(place): {"to": column.to, "how": column.how} for place, column in sorted(self.columns.items())}
        return {"columns": columns, "fixed": dict(self.fixed), "match": list(self.match)}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Plan":
        """Read the stored form."""
        columns = {
            int(place): Column(one["to"], one.get("how", "")) for place, one in stored.get("columns", {}).items()
        }
        return cls(columns, dict(stored.get("fixed", {})), tuple(stored.get("match", ())))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a cell; `column` is None where no column of the file is to blame."""

    column: int | None
    path: str
    code: str
    text: Text


class RowReader:
    """Reads rows by a plan; each column's reader is made once."""

    def __init__(self, plan: Plan, goals: Mapping[str, Goal], zone: ZoneInfo) -> None:
        self._columns = [
            (place, column.to, reader_of(goals[column.to], column.how, zone))
            for place, column in plan.columns.items()
            if column.to in goals
        ]
        self._fixed: dict[str, Any] = {}
        self._trouble: list[Trouble] = []
        for name, text in plan.fixed.items():
            if text and name in goals:
                _read(self._fixed, self._trouble, name, None, reader_of(goals[name], "", zone), text)

    def read(self, cells: Sequence[str]) -> tuple[dict[str, Any], list[Trouble]]:
        """Return the values of one row by field, and what could not be read."""
        found, trouble, width = dict(self._fixed), list(self._trouble), len(cells)
        for place, name, read in self._columns:
            if place < width:
                _read(found, trouble, name, place, read, cells[place])
        return found, trouble


def _read(
    found: dict[str, Any],
    trouble: list[Trouble],
    name: str,
    place: int | None,
    read: Callable[[str], Any],
    text: str,
) -> None:
    try:
        value = read(text)
    except Unreadable as error:
        trouble.append(Trouble(place, name, error.code, error.text))
    else:
        if value is not None:
            found[name] = value
