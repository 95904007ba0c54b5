"""The arithmetic and comparison of values, with "missing" handled once for all readings.

A missing value (None) makes a comparison or a sum unknown (None); `and` and `or` follow SQL's three-valued
logic; a condition that is unknown at the end does not hold.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from typing import Any, Final

from ordain.base.errors import problem
from ordain.language.expression.functions import LIST_LIMIT, NUMBER_LIMIT, TEXT_LIMIT
from ordain.language.expression.problems import EvaluationError

COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
OPERATE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


def look(facts: Any, steps: Sequence[str]) -> Any:
    """Return the fact below `steps`; a step through a list gives the list of its items' values."""
    value = facts
    for place, step in enumerate(steps):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list | tuple):
            rest = steps[place:]
            return [look(item, rest) for item in value[:LIST_LIMIT]]
        elif isinstance(value, Mapping):
            value = value.get(step)
        else:
            return None
    return value


def operate(operation: str, left: Any, right: Any, *, whole: bool) -> Any:
    """Return left (+ - * /) right, None where one is missing; `whole` rounds to minor units, half up."""
    if left is None or right is None:
        return None
    if operation == "/" and isinstance(left, int):
        left = Decimal(left)
    try:
        value = OPERATE[operation](left, right)
        if whole and isinstance(value, Decimal):
            value = int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except (ArithmeticError, DecimalException):
        raise _out_of_range() from None
    return bounded(Decimal(str(value)) if isinstance(value, float) else value)


def bounded(value: Any) -> Any:
    """Return `value` where it is of a size we work with, else raise EvaluationError."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal) and not -NUMBER_LIMIT <= value <= NUMBER_LIMIT:
        raise _out_of_range()
    if isinstance(value, str) and len(value) > TEXT_LIMIT:
        raise _out_of_range()
    return value


def call(apply: Callable[..., Any], arguments: Sequence[Any], *, takes_missing: bool) -> Any:
    """Return what a function of the table makes of its arguments; missing where one is missing."""
    if not takes_missing:
        for argument in arguments:
            if argument is None:
                return None
    try:
        return bounded(apply(*arguments))
    except (TypeError, ValueError, ArithmeticError, DecimalException, AttributeError):
        raise EvaluationError(
            problem("", "evaluation", "函数得到的值类型不对", "a function was given a value it cannot use")
        ) from None


def opposite(value: bool | None) -> bool | None:
    """Return not `value`; unknown stays unknown."""
    return None if value is None else not value


def among(value: Any, options: Sequence[Any] | None) -> bool | None:
    """Tell whether a value is one of the options; unknown where either is missing."""
    if value is None or options is None:
        return None
    return value in options


def compare(comparison: str, left: Any, right: Any) -> bool | None:
    """Return whether the comparison holds; unknown where one side is missing."""
    if left is None or right is None:
        return None
    try:
        return COMPARE[comparison](left, right)
    except TypeError:
        raise EvaluationError(
            problem("", "evaluation", "比较的两个值类型不同", "the two values compared are of different types")
        ) from None


def _out_of_range() -> EvaluationError:
    return EvaluationError(problem("", "out_of_range", "计算结果超出范围", "the result is out of range"))
