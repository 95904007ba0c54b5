"""Units: rows that make one record together, read by the plan."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from ordain.base import json
from ordain.base.errors import Problem
from ordain.engines.importing import Goal, Piece, Plan, RowReader, Trouble, assemble
from ordain.flows.services import Services
from ordain.store.imports.rows import Fate, Row


@dataclass(frozen=True, slots=True)
class Unit:
    """The rows of one record, their values by field, what could not be read in each, and the record that stands."""

    rows: Sequence[Row]
    values: Sequence[Mapping[str, Any]]
    trouble: Sequence[Sequence[Trouble]]
    piece: Piece
    stands: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a target is given to look with: services, an open connection, the plan, the names of the file's columns."""

    services: Services
    conn: sa.Connection
    plan: Plan
    names: Sequence[str]
    reader: RowReader


@dataclass(frozen=True, slots=True)
class Judged:
    """What a unit would become: problems by their path in the record, and what is to be written."""

    fate: Fate
    problems: Sequence[Problem] = ()
    made: Mapping[str, Any] | None = None
    subject: str | None = None


def units_of(
    rows: Sequence[Row], reader: RowReader, goals: Mapping[str, Goal], stands: Mapping[int, str]
) -> Iterator[Unit]:
    """Return the units of rows that come in the order of their heads."""
    for head, group in groupby(rows, key=lambda row: row.head):
        own = list(group)
        read = [reader.read(row.cells) for row in own]
        values = [one for one, _ in read]
        yield Unit(own, values, [trouble for _, trouble in read], assemble(goals, values), stands.get(head, ""))


def told_apart(values: Sequence[Any]) -> str:
    """Return values as one text that is the same whenever they mean the same: 2.50 and 2.5, None and nothing."""
    return json.canonical([_plain(value) for value in values]).decode()


def _plain(value: Any) -> Any:
    match value:
        case bool() | None:
            return value
        case int() | float() | Decimal():
            return str(Decimal(str(value)).normalize())
        case dict():
            return {name: _plain(one) for name, one in value.items() if one not in (None, "", [])}
        case list():
            return [_plain(one) for one in value]
        case _:
            return value
