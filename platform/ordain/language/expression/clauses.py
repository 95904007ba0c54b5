"""The explaining reading: the value, and the clause tree with what each part saw."""

from collections.abc import Callable, Collection, Mapping, Sequence
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

HIDDEN: Final = "•••"
_KEPT: Final = frozenset({str, int, bool, type(None)})
_SIGNS: Final = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_ALL: Final = Text("全部满足", "all of")
_ANY: Final = Text("满足任一", "any of")
_NOT: Final = Text("不成立", "not")
Facts = Mapping[str, Any]
Explanation = Callable[[Facts], tuple[Any, Clause]]


def explanation(node: Node, rule: str, hidden: Collection[str] = ()) -> Explanation:
    """Return the function of the facts that gives the value and why; parts behind a settled one are not evaluated.

    All that does not depend on the facts is worked out here, once. Values of names in `hidden` ("buyer.phone", or
    "source" for all below it) are told as dots.
    """
    match node:
        case Logic(word=word, parts=parts):
            return _logic(word, parts, rule, hidden)
        case Not(item=item):
            return _not(explanation(item, rule, hidden), rule)
        case _:
            return _leaf(node, rule, hidden)


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


def _leaf(node: Node, rule: str, hidden: Collection[str]) -> Explanation:
    reading, text, is_bool = closure(node), words(node), node.type.family == "bool"
    told = [
        (name.dotted, closure(name), name.dotted in hidden or name.steps[0] in hidden)
        for name in dict.fromkeys(_names_in(node))
    ]

    def explain(facts: Facts) -> tuple[Any, Clause]:
        value = reading(facts)
        seen = {}
        for name, read, is_hidden in told:
            fact = read(facts)
            if type(fact) not in _KEPT:
                fact = _plain(fact)
            seen[name] = HIDDEN if is_hidden and fact is not None else fact
        return value, Clause(rule, text, bool(value) if is_bool else None, seen)

    return explain


def _not(inner: Explanation, rule: str) -> Explanation:
    def explain(facts: Facts) -> tuple[bool | None, Clause]:
        value, part = inner(facts)
        turned = None if value is None else not value
        return turned, Clause(rule, _NOT, bool(turned), {}, (part,))

    return explain


def _logic(word: str, parts: Sequence[Node], rule: str, hidden: Collection[str]) -> Explanation:
    settles = word == "or"
    text = _ANY if settles else _ALL
    steps = [
        (explanation(part, f"{rule}.{place}", hidden), Clause(f"{rule}.{place}", words(part), None))
        for place, part in enumerate(parts)
    ]

    def explain(facts: Facts) -> tuple[bool | None, Clause]:
        result: bool | None = not settles
        clauses: list[Clause] = []
        for place, (step, _) in enumerate(steps):
            value, clause = step(facts)
            clauses.append(clause)
            if value is settles:
                result = settles
                clauses.extend(unread for _, unread in steps[place + 1 :])
                break
            if value is None:
                result = None
        return result, Clause(rule, text, bool(result), {}, tuple(clauses))

    return explain


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
    if type(value) in _KEPT:
        return value
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, list | tuple):
        return [item if type(item) in _KEPT else _plain(item) for item in value[:20]]
    return str(value)
