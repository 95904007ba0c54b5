"""Fields that stand in a JSON column, as SQL reads them: one expression per kind, the very one that its index holds.

What is of another kind than its field says now (the field's type was changed) reads as nothing, never as an error.
Texts are looked at up to their first characters only: no index takes texts of any length.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

LOOKED_AT: Final = 200
NUMBERS: Final = frozenset({"integer", "decimal", "money"})
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """What one field must be: one of `values` where there are any, and within `low` and `high`, both inclusive."""

    name: str
    kind: str
    values: Sequence[Any] = ()
    low: Any = None
    high: Any = None


def is_sound(name: str) -> bool:
    """Tell whether a field's name may stand in SQL; fields called otherwise are shown but not looked for."""
    return _NAME.fullmatch(name) is not None


def json_field(column: sa.ColumnElement[Any], name: str, kind: str) -> sa.ColumnElement[Any]:
    """Return a field of a JSON column as a number, as true and false, or as text; ValueError for an unsound name."""
    if not is_sound(name):
        raise ValueError(f"no field can be called {name!r} here")
    reading = _number if kind in NUMBERS else _truth if kind == "bool" else _text
    return reading(column, sa.literal_column(f"'{name}'"))


def matches(column: sa.ColumnElement[Any], wanted: FieldFilter) -> sa.ColumnElement[bool]:
    """Return the condition that a field is what is wanted."""
    found: list[sa.ColumnElement[bool]] = []
    if wanted.values:
        found.append(column.in_([_bound(value) for value in wanted.values]))
    if wanted.low is not None:
        found.append(column >= _bound(wanted.low))
    if wanted.high is not None:
        found.append(column <= _bound(wanted.high))
    return sa.and_(sa.true(), *found)


def _bound(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LOOKED_AT]
    return float(value) if isinstance(value, Decimal) else value


class _number(FunctionElement[Any]):  # noqa: N801 read as a function
    type = sa.types.NullType()
    inherit_cache = True


class _truth(FunctionElement[Any]):  # noqa: N801 read as a function
    type = sa.Text()
    inherit_cache = True


class _text(FunctionElement[Any]):  # noqa: N801 read as a function
    type = sa.Text()
    inherit_cache = True


@compiles(_text)
def _beginning(element: FunctionElement[Any], compiler: Any, **more: Any) -> str:
    return f"substr({_arrow(element, compiler, **more)}, 1, {LOOKED_AT})"


@compiles(_truth, "postgresql")
def _plain(element: FunctionElement[Any], compiler: Any, **more: Any) -> str:
    return f"({_arrow(element, compiler, **more)})"


@compiles(_truth, "sqlite")
def _sqlite_truth(element: FunctionElement[Any], compiler: Any, **more: Any) -> str:
    return f"(CASE {_arrow(element, compiler, **more)} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"


@compiles(_number, "sqlite")
def _sqlite_number(element: FunctionElement[Any], compiler: Any, **more: Any) -> str:
    field = _arrow(element, compiler, **more)
    return f"(CASE WHEN typeof({field}) IN ('integer', 'real') THEN {field} END)"


@compiles(_number, "postgresql")
def _postgresql_number(element: FunctionElement[Any], compiler: Any, **more: Any) -> str:
    column, name = (compiler.process(part, **more) for part in element.clauses)
    return f"(CASE WHEN jsonb_typeof({column} -> {name}) = 'number' THEN ({column} ->> {name})::numeric END)"


def _arrow(element: FunctionElement[Any], compiler: Any, **more: Any) -> str:
    column, name = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} ->> {name}"
