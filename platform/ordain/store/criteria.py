"""Expressions as SQL: the same checked tree read as a SQLAlchemy Core condition.

Only what means the same in both databases has a SQL reading; anything else is refused with a Problem, when a
filter is saved and not when it runs.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.errors import Refused, problem
from ordain.language.expression import Expression
from ordain.language.expression.nodes import (
    Arithmetic,
    Call,
    Compare,
    Const,
    Either,
    Logic,
    Member,
    Name,
    Negative,
    Node,
    Not,
)
from ordain.language.expression.values import COMPARE, OPERATE
from ordain.store.tables.base import Instant

Columns = Mapping[str, Any]  # a column, or a plain value or list for names fixed by the asker
_MILLISECOND: Final = timedelta(milliseconds=1)


def to_sql(expression: Expression, columns: Columns) -> sa.ColumnElement[bool]:
    """Return the condition over these columns; Refused where a part has no reading in SQL."""
    found: sa.ColumnElement[bool] = _read(expression.node, columns)
    return found


def _read(node: Node, columns: Columns) -> Any:
    match node:
        case Const(value=value):
            return _literal(value)
        case Name(dotted=dotted):
            return _column(dotted, columns)
        case Logic(word=word, parts=parts):
            join = sa.and_ if word == "and" else sa.or_
            return join(*(_condition(part, columns) for part in parts))
        case Not(item=item):
            return sa.not_(_condition(item, columns))
        case Compare(comparison=comparison, left=left, right=right):
            return COMPARE[comparison](_measure(left, columns), _measure(right, columns))
        case Member():
            return _member(node, columns)
        case Negative(item=item):
            return -_measure(item, columns)
        case Arithmetic():
            return _arithmetic(node, columns)
        case Either(test=test, then=then, other=other):
            return sa.case((_condition(test, columns), _measure(then, columns)), else_=_measure(other, columns))
        case Call():
            return _call(node, columns)


def _condition(node: Node, columns: Columns) -> Any:
    """Return a truth value; a bool constant or column compared, since SQLite has no booleans of its own."""
    read = _read(node, columns)
    return sa.true() if read is True else sa.false() if read is False else read


def _measure(node: Node, columns: Columns) -> Any:
    """Return a value to compare or add up; times as the integers they are stored as."""
    read = _read(node, columns)
    if node.type.family == "datetime" and isinstance(read, sa.ColumnElement):
        return sa.type_coerce(read, sa.BigInteger)
    return read


def _literal(value: Any) -> Any:
    if isinstance(value, timedelta):
        return sa.literal(value // _MILLISECOND, sa.BigInteger)
    return value if isinstance(value, bool) else sa.literal(value)


def _column(dotted: str, columns: Columns) -> Any:
    if dotted not in columns:
        raise Refused(
            [problem("", "not_in_filter", f"“{dotted}”不能用于筛选", f"“{dotted}” cannot be used in a filter")]
        )
    found = columns[dotted]
    return found if isinstance(found, sa.ColumnElement | list | tuple) else sa.literal(found)


def _member(node: Member, columns: Columns) -> Any:
    item = _measure(node.item, columns)
    options: Sequence[Any]
    if isinstance(node.among, Name):
        listed = columns.get(node.among.dotted)
        if not isinstance(listed, list | tuple):
            raise _refused(f"in {node.among.dotted}")
        options = listed
    else:
        options = [option.value for option in node.among]
    return item.not_in(options) if node.negated else item.in_(options)


def _arithmetic(node: Arithmetic, columns: Columns) -> Any:
    if node.operation == "/" or (
        node.operation == "*" and "decimal" in (node.left.type.family, node.right.type.family)
    ):
        raise _refused(node.operation)
    value = OPERATE[node.operation](_measure(node.left, columns), _measure(node.right, columns))
    return sa.type_coerce(value, Instant) if node.type.family == "datetime" else value


def _call(node: Call, columns: Columns) -> Any:
    arguments = node.arguments
    match node.function.name:
        case "is_empty":
            value = _read(arguments[0], columns)
            missing = value.is_(None)
            return sa.or_(missing, value == "") if arguments[0].type.family in ("text", "choice") else missing
        case "minutes" | "hours" | "days" if isinstance(arguments[0], Const):
            return _literal(node.function.apply(arguments[0].value))
        case "abs" if arguments[0].type.family != "duration":
            return sa.func.abs(_measure(arguments[0], columns))
        case "starts_with" if isinstance(arguments[1], Const):
            value, part = _read(arguments[0], columns), arguments[1].value
            return sa.func.substr(value, 1, len(part)) == part
        case name:
            raise _refused(name)


def _refused(what: str) -> Refused:
    return Refused(
        [problem("", "not_in_filter", f"“{what}”不能用于数据筛选", f"“{what}” cannot be used in a filter over records")]
    )
