"""A condition as rows that people set (field, operator, value, nested all / any / none), and as its text again.

Both are views of one tree. What no row can say stays in the tree as its own text, so every condition has rows.
"""

import ast
from dataclasses import dataclass
from typing import Final, Literal

from ordain.base.errors import Refused
from ordain.language.expression.check import check
from ordain.language.expression.gate import parse
from ordain.language.expression.types import ORDERED, UNTYPED, WORDS, Scope, Type

Word = Literal["all", "any", "none"]
_EQUAL: Final = ("==", "!=")
_ORDER: Final = ("<", "<=", ">", ">=")
_PARTS: Final = ("starts_with", "ends_with", "contains")
_EMPTY: Final = ("empty", "not empty")
_COMPARED: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. Words in `values` stand without quotes, all else as it is written."""

    field: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Free:
    """A part that only its text can say."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of which all, any or none must hold."""

    word: Word
    parts: tuple["Part", ...]


Part = Row | Free | Group


def tree_of(source: str, scope: Scope) -> Group | None:
    """Return a condition's rows in one group; an empty one of no text, None of a text that cannot be read."""
    if not source.strip():
        return Group("all", ())
    try:
        tree = parse(source, "")
    except Refused:
        return None
    part = _Reader(source.strip(), scope).part(tree)
    return part if isinstance(part, Group) else Group("all", (part,))


def text_of(part: Part, scope: Scope) -> str:
    """Return the text of a part; "" of a group with nothing in it."""
    match part:
        case Free(text=text):
            return text.strip()
        case Row():
            return _row_text(part, scope)
        case Group(word=word, parts=parts):
            texts = [text for inner in parts if (text := _inside(inner, scope))]
            joined = (" and " if word == "all" else " or ").join(texts)
            return f"not ({joined})" if word == "none" and joined else joined


def type_of(term: str, scope: Scope) -> Type:
    """Return the type of what stands at the left of a row; UNTYPED where it cannot be told."""
    try:
        return check(parse(term, ""), term, scope, "").type
    except Refused:
        return UNTYPED


def operators(kind: Type) -> tuple[str, ...]:
    """Return the operators that go with a type, the most usual first."""
    if kind.family == "bool":
        return ("true", "false", *_EMPTY)
    if kind.family == "list":
        return ("has", "has not", *_EMPTY)
    if kind.family == "choice":
        return (*_EQUAL, "in", "not in", *_EMPTY)
    if kind.family in WORDS:
        return (*_EQUAL, "in", "not in", *_PARTS, "among", "not among", *_EMPTY)
    if kind.family in ORDERED:
        return (*_ORDER[2:], *_ORDER[:2], *_EQUAL, *_EMPTY)
    return (*_EQUAL, *_ORDER, "in", "not in", *_PARTS, *_EMPTY)


def takes_value(operator: str) -> bool:
    """Tell whether an operator stands before a value."""
    return operator not in (*_EMPTY, "true", "false")


def begun(term: str, scope: Scope) -> Row:
    """Return a whole row on a field: its most usual operator, the plainest value."""
    kind = type_of(term, scope)
    operator = operators(kind)[0]
    if not takes_value(operator):
        return Row(term, operator)
    if kind.family in ("datetime", "date"):
        return Row(term, "not empty")
    plain = {"choice": (*kind.options, "")[0], "duration": "hours(1)"}
    return Row(term, operator, (plain.get(kind.family, "" if kind.family in (*WORDS, "list", "untyped") else "0"),))


def _inside(part: Part, scope: Scope) -> str:
    text = text_of(part, scope)
    whole = isinstance(part, Group) and (part.word == "none" or len(part.parts) < 2)
    if isinstance(part, Row) or whole or not text:
        return text
    if isinstance(part, Free):
        try:
            return f"({text})" if isinstance(parse(text, ""), ast.BoolOp | ast.IfExp) else text
        except Refused:
            return text
    return f"({text})"


def _row_text(row: Row, scope: Scope) -> str:
    kind = type_of(row.field, scope)
    one = _written(row.values[0] if row.values else "", kind)
    match row.operator:
        case "true":
            return row.field
        case "false":
            return f"not {row.field}"
        case "empty":
            return f"is_empty({row.field})"
        case "not empty":
            return f"not is_empty({row.field})"
        case "in" | "not in":
            listed = ", ".join(_written(value, kind) for value in row.values or ("",))
            return f"{row.field} {row.operator} ({listed}{',' if len(row.values) < 2 else ''})"
        case "has" | "has not":
            item = kind.item or UNTYPED
            value = _written(row.values[0] if row.values else "", item)
            return f"{value} {'in' if row.operator == 'has' else 'not in'} {row.field}"
        case "among" | "not among":
            listed = row.values[0] if row.values else ""
            return f"{row.field} {'in' if row.operator == 'among' else 'not in'} {listed}"
        case "starts_with" | "ends_with" | "contains":
            return f"{row.operator}({row.field}, {one})"
        case other:
            return f"{row.field} {other} {one}".rstrip()


def _written(value: str, kind: Type) -> str:
    """Return a value as it stands in the text: words in quotes, all else as it is."""
    number = value.strip().removeprefix("-").replace(".", "", 1).isdecimal()
    if kind.family in WORDS or (kind.family == "untyped" and not number):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
        return f"'{escaped}'"
    return value.strip()


class _Reader:
    """Reads the syntax alone: a field that is not there is a row too, with its problem beside it."""

    def __init__(self, source: str, scope: Scope) -> None:
        self._source = source
        self._scope = scope

    def part(self, tree: ast.expr) -> Part:
        found: Part | None = None
        match tree:
            case ast.BoolOp(op=ast.And(), values=values):
                return Group("all", tuple(map(self.part, values)))
            case ast.BoolOp(values=values):
                return Group("any", tuple(map(self.part, values)))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                found = self._opposite(operand)
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                found = self._compare(left, operator, right)
            case ast.Call(func=ast.Name(id=name), args=args):
                found = self._call(name, args)
            case ast.Name() | ast.Attribute():
                found = Row(self._text(tree), "true")
        return found or Free(self._text(tree))

    def _opposite(self, tree: ast.expr) -> Part | None:
        if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.Or):
            return Group("none", tuple(map(self.part, tree.values)))
        inner = self.part(tree)
        turned = {"true": "false", "empty": "not empty", "in": "not in", "has": "has not", "among": "not among"}
        if isinstance(inner, Row) and inner.operator in turned:
            return Row(inner.field, turned[inner.operator], inner.values)
        return None

    def _call(self, name: str, args: list[ast.expr]) -> Row | None:
        if name == "is_empty" and len(args) == 1:
            return Row(self._text(args[0]), "empty")
        if name in _PARTS and len(args) == 2 and (value := _word(args[1])) is not None:
            return Row(self._text(args[0]), name, (value,))
        return None

    def _compare(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Row | None:
        if isinstance(operator, ast.In | ast.NotIn):
            return self._member(left, right, negated=isinstance(operator, ast.NotIn))
        if not _is_term(left):
            return None
        value = self._value(right, type_of(self._text(left), self._scope))
        return None if value is None else Row(self._text(left), _COMPARED[type(operator)], (value,))

    def _member(self, left: ast.expr, right: ast.expr, *, negated: bool) -> Row | None:
        if isinstance(right, ast.Tuple | ast.List) and _is_term(left):
            kind = type_of(self._text(left), self._scope)
            values = [self._value(element, kind) for element in right.elts]
            known = tuple(value for value in values if value is not None)
            whole = bool(values) and len(known) == len(values)
            return Row(self._text(left), "not in" if negated else "in", known) if whole else None
        if not isinstance(right, ast.Name | ast.Attribute):
            return None
        if _is_term(left):
            return Row(self._text(left), "not among" if negated else "among", (self._text(right),))
        value = self._value(left, type_of(self._text(right), self._scope).item or UNTYPED)
        return None if value is None else Row(self._text(right), "has not" if negated else "has", (value,))

    def _value(self, tree: ast.expr, kind: Type) -> str | None:
        """Return a row's value; None where writing it again would not give the same."""
        word, text = _word(tree), self._text(tree)
        if kind.family in WORDS:
            return word
        if word is not None:
            return word if kind.family == "untyped" else text
        return text if kind.family != "untyped" or isinstance(tree, ast.Constant) else None

    def _text(self, tree: ast.expr) -> str:
        return ast.get_source_segment(self._source, tree) or ""


def _word(tree: ast.expr) -> str | None:
    return tree.value if isinstance(tree, ast.Constant) and isinstance(tree.value, str) else None


def _is_term(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Name | ast.Attribute | ast.Call | ast.BinOp)
