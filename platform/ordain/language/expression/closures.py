"""The hot reading: each node becomes a closure, made once when the expression is compiled."""

from collections.abc import Callable, Mapping
from typing import Any

from ordain.language.expression.functions import LIST_LIMIT, NUMBER_LIMIT
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
from ordain.language.expression.values import COMPARE, OPERATE, among, call, compare, look, operate, opposite

Reading = Callable[[Mapping[str, Any]], Any]


def closure(node: Node) -> Reading:
    """Return the function of the facts that this tree is."""
    match node:
        case Const(value=value):
            return lambda _: value
        case Name(steps=(step,)):
            return lambda facts: facts.get(step)
        case Name(steps=steps):
            return _look(steps)
        case Not(item=item):
            inner = closure(item)
            return lambda facts: opposite(inner(facts))
        case Negative(item=item):
            inner = closure(item)
            return lambda facts: None if (value := inner(facts)) is None else -value
        case Logic():
            return _logic(node)
        case Compare():
            return _compare(node)
        case Member():
            return _member(node)
        case Either(test=test, then=then, other=other):
            asked, one, two = closure(test), closure(then), closure(other)
            return lambda facts: one(facts) if asked(facts) else two(facts)
        case Arithmetic():
            return _arithmetic(node)
        case Call():
            return _call(node)


def _look(steps: tuple[str, ...]) -> Callable[[Any], Any]:
    """Return `values.look` for these steps, with plain objects and lists taken first."""
    step, rest = steps[0], steps[1:]
    if rest:
        inner = _look(rest)

        def through(value: Any) -> Any:
            if type(value) is dict:
                return inner(value.get(step))
            return [through(item) for item in value[:LIST_LIMIT]] if type(value) is list else look(value, steps)

        return through

    def last(value: Any) -> Any:
        if type(value) is dict:
            return value.get(step)
        if type(value) is list:
            return [i.get(step) if type(i) is dict else look(i, steps) for i in value[:LIST_LIMIT]]
        return look(value, steps)

    return last


def _call(node: Call) -> Reading:
    readings = [closure(argument) for argument in node.arguments]
    apply, takes_missing = node.function.apply, node.function.takes_missing
    if len(readings) == 1:
        (given,) = readings
        return lambda facts: call(apply, (given(facts),), takes_missing=takes_missing)
    return lambda facts: call(apply, [read(facts) for read in readings], takes_missing=takes_missing)


def _arithmetic(node: Arithmetic) -> Reading:
    operation, one, two = node.operation, closure(node.left), closure(node.right)
    whole, divides, apply = node.type.family == "money", operation == "/", OPERATE[operation]

    def reading(facts: Mapping[str, Any]) -> Any:
        left, right = one(facts), two(facts)
        if type(left) is int and type(right) is int and not divides:
            value = apply(left, right)
            if -NUMBER_LIMIT <= value <= NUMBER_LIMIT:
                return value
        return operate(operation, left, right, whole=whole)

    return reading


def _logic(node: Logic) -> Reading:
    parts = [closure(part) for part in node.parts]
    settles = node.word == "or"

    def reading(facts: Mapping[str, Any]) -> bool | None:
        result: bool | None = not settles
        for part in parts:
            value: bool | None = part(facts)
            if value is settles:
                return value
            if value is None:
                result = None
        return result

    return reading


def _compare(node: Compare) -> Reading:
    comparison, right = node.comparison, node.right
    one, two = closure(node.left), closure(right)
    if not isinstance(right, Const):
        return lambda facts: compare(comparison, one(facts), two(facts))
    constant, test = right.value, COMPARE[comparison]
    if comparison in ("==", "!="):
        return lambda facts: None if (value := one(facts)) is None else test(value, constant)
    return lambda facts: compare(comparison, one(facts), constant)


def _member(node: Member) -> Reading:
    item = closure(node.item)
    if isinstance(node.among, Name):
        listed = closure(node.among)
        if node.negated:
            return lambda facts: opposite(among(item(facts), listed(facts)))
        return lambda facts: among(item(facts), listed(facts))
    options = frozenset(option.value for option in node.among)
    if node.negated:
        return lambda facts: None if (value := item(facts)) is None else value not in options
    return lambda facts: None if (value := item(facts)) is None else value in options
