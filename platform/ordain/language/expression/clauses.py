"""The explaining reading: the value, and the clause tree with what each part saw."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ordain.base.clock import rfc3339
from ordain.base.decision import Clause
from ordain.base.text import Text
from ordain.language.expression.closures import closure
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
from ordain.language.expression.problems import EvaluationError

_SIGNS: Final = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_ALL: Final = Text("全部满足", "all of")
_ANY: Final = Text("满足任一", "any of")
_NOT: Final = Text("不成立", "not")


def explain(node: Node, facts: Mapping[str, Any], rule: str) -> tuple[Any, Clause]:
    """Return the value on these facts and why; parts behind a settled one are not evaluated."""
    match node:
        case Logic(word=word, parts=parts):
            return _logic(word, parts, facts, rule)
        case Not(item=item):
            value, part = explain(item, facts, rule)
            turned = None if value is None else not value
            return turned, Clause(rule, _NOT, bool(turned), {}, (part,))
        case _:
            value = closure(node)(facts)
            true = bool(value) if node.type.family == "bool" else None
            return value, Clause(rule, words(node), true, seen(node, facts))


def names(node: Node) -> frozenset[str]:
    """Return the declared names a tree uses."""
    match node:
        case Name(dotted=dotted):
            return frozenset({dotted})
        case Const():
            return frozenset()
        case _:
            return frozenset().union(*(names(part) for part in _parts(node)))


def words(node: Node) -> Text:
    """Return a part of an expression in signs people read."""
    said = _say(node)
    return Text(said, said)


def seen(node: Node, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the names a part uses, as an explanation stores them."""
    found: dict[str, Any] = {}
    for part in _names_in(node):
        try:
            value = closure(part)(facts)
        except EvaluationError:
            continue
        found[part.dotted] = _plain(value)
    return found


def _logic(word: str, parts: tuple[Node, ...], facts: Mapping[str, Any], rule: str) -> tuple[bool | None, Clause]:
    settles = word == "or"
    result: bool | None = not settles
    clauses: list[Clause] = []
    settled = False
    for place, part in enumerate(parts):
        if settled:
            clauses.append(Clause(f"{rule}.{place}", words(part), None))
            continue
        value, clause = explain(part, facts, f"{rule}.{place}")
        clauses.append(clause)
        if value is settles:
            settled, result = True, settles
        elif value is None:
            result = None
    return result, Clause(rule, _ANY if settles else _ALL, bool(result), {}, tuple(clauses))


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Logic(parts=parts):
            return parts
        case Not(item=item) | Negative(item=item):
            return (item,)
        case Arithmetic(left=left, right=right) | Compare(left=left, right=right):
            return (left, right)
        case Call(arguments=arguments):
            return arguments
        case Either(test=test, then=then, other=other):
            return (test, then, other)
        case Member(item=item, among=among):
            return (item, among) if isinstance(among, Name) else (item,)
        case _:
            return ()


def _names_in(node: Node) -> list[Name]:
    if isinstance(node, Name):
        return [node]
    return [name for part in _parts(node) for name in _names_in(part)]


def _say(node: Node) -> str:
    match node:
        case Name(dotted=dotted):
            return dotted
        case Const(value=value, type=kind):
            return f"{value / 100:.2f}" if kind.family == "money" and isinstance(value, int) else str(value)
        case Compare(comparison=comparison, left=left, right=right):
            return f"{_say(left)} {_SIGNS[comparison]} {_say(right)}"
        case Arithmetic(operation=operation, left=left, right=right):
            return f"{_say(left)} {operation} {_say(right)}"
        case Negative(item=item):
            return f"-{_say(item)}"
        case Call(function=function, arguments=arguments):
            return f"{function.name}({', '.join(_say(argument) for argument in arguments)})"
        case Member(item=item, among=among, negated=negated):
            listed = _say(among) if isinstance(among, Name) else ", ".join(_say(option) for option in among)
            return f"{_say(item)} {'∉' if negated else '∈'} {listed}"
        case Either(test=test, then=then, other=other):
            return f"{_say(then)} if {_say(test)} else {_say(other)}"
        case Logic(word=word, parts=parts):
            return f" {word} ".join(f"({_say(part)})" for part in parts)
        case Not(item=item):
            return f"not ({_say(item)})"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value[:20]]
    return value if isinstance(value, str | int | bool | None) else str(value)
