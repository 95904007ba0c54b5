"""The whole tree against the typed scope, so that a short circuit can't hide a typo. All problems at once."""

import ast
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from ordain.base.errors import Problem, Refused
from ordain.base.money import exponent, to_minor
from ordain.language.expression.functions import FUNCTIONS, NUMBER_LIMIT, TEXT_LIMIT
from ordain.language.expression.nodes import (
    Arithmetic,
    Call,
    Compare,
    Comparison,
    Const,
    Either,
    Logic,
    Member,
    Name,
    Negative,
    Node,
    Not,
    Operation,
)
from ordain.language.expression.problems import at, nearest
from ordain.language.expression.types import (
    BOOL,
    DECIMAL,
    DURATION,
    INTEGER,
    MONEY,
    NOTHING,
    NUMBERS,
    ORDERED,
    TEXT,
    WORDS,
    Scope,
    Type,
)

_COMPARISONS: Final[dict[type[ast.cmpop], Comparison]] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_OPERATIONS: Final[dict[type[ast.operator], Operation]] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_BROKEN: Final = Const(None, NOTHING)  # stands for a part that has a problem already


def check(tree: ast.expr, source: str, scope: Scope, path: str) -> Node:
    """Return the typed tree; Refused with every problem found."""
    checker = _Checker(source, scope, path)
    node = checker.read(tree)
    if checker.problems:
        raise Refused(checker.problems)
    return node


class _Checker:
    def __init__(self, source: str, scope: Scope, path: str) -> None:
        self.problems: list[Problem] = []
        self._source = source.strip()
        self._scope = scope
        self._path = path
        self._readers: dict[type[ast.expr], Callable[[Any], Node]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._name,
            ast.BoolOp: self._logic,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._arithmetic,
            ast.Compare: self._compare,
            ast.IfExp: self._either,
            ast.Call: self._call,
        }

    def read(self, tree: ast.expr) -> Node:
        reader = self._readers.get(type(tree))
        if reader is None:
            return self._wrong(
                tree,
                "not_allowed",
                "列表只能用在 in 之后",
                "a list may only stand after in, e.g. state in ('paid', 'shipped')",
            )
        return reader(tree)

    def _wrong(self, tree: ast.AST, code: str, zh: str, en: str) -> Node:
        column = getattr(tree, "col_offset", 0)
        # The parser counts bytes; people count characters.
        column = len(self._source.encode()[:column].decode(errors="ignore"))
        self.problems.append(at(self._path, column, code, zh, en))
        return _BROKEN

    def _constant(self, tree: ast.Constant) -> Node:
        value = tree.value
        if isinstance(value, bool):
            return Const(value, BOOL)
        if isinstance(value, str):
            if len(value) > TEXT_LIMIT:
                return self._wrong(tree, "too_large", "文本过长", "the text is too long")
            return Const(value, TEXT)
        if isinstance(value, int) and abs(value) <= NUMBER_LIMIT:
            return Const(value, INTEGER)
        if isinstance(value, float):
            return self._decimal(tree)
        if value is None:
            return self._wrong(
                tree, "not_allowed", "判断是否为空请用 is_empty(字段)", "ask for emptiness with is_empty(field)"
            )
        return self._wrong(tree, "out_of_range", "这个值超出范围", "this value is out of range")

    def _decimal(self, tree: ast.Constant) -> Node:
        """Read a decimal from its text: the parser's float has lost digits already."""
        written = ast.get_source_segment(self._source, tree) or ""
        try:
            value = Decimal(written.replace("_", ""))
        except InvalidOperation:
            return self._wrong(tree, "out_of_range", "数字无法识别", "this number cannot be read")
        if abs(value) > NUMBER_LIMIT or -cast("int", value.as_tuple().exponent) > 9:
            return self._wrong(tree, "out_of_range", "数字超出范围", "this number is out of range")
        return Const(value, DECIMAL)

    def _name(self, tree: ast.expr) -> Node:
        steps: list[str] = []
        part = tree
        while isinstance(part, ast.Attribute):
            steps.append(part.attr)
            part = part.value
        if not isinstance(part, ast.Name):
            return self._wrong(tree, "not_allowed", "不能取值的属性", "attributes of values are not allowed")
        steps.append(part.id)
        steps.reverse()
        dotted = ".".join(steps)
        found = self._scope.find(dotted)
        if found is not None and not any(step.startswith("__") for step in steps):
            return Name(dotted, tuple(steps), found)
        if self._scope.is_record(dotted):
            inner = next(name for name in self._scope.names if name.startswith(f"{dotted}."))
            return self._wrong(
                tree, "unknown_name", f"“{dotted}”是一组字段，例如 {inner}", f"“{dotted}” holds fields, e.g. {inner}"
            )
        zh, en = nearest(dotted, self._scope.names)
        return self._wrong(tree, "unknown_name", f"没有名为“{dotted}”的字段{zh}", f"there is no “{dotted}”{en}")

    def _logic(self, tree: ast.BoolOp) -> Node:
        parts = tuple(self._condition(part) for part in tree.values)
        return Logic("and" if isinstance(tree.op, ast.And) else "or", parts)

    def _condition(self, tree: ast.expr) -> Node:
        node = self.read(tree)
        if node.type not in (BOOL, NOTHING):
            return self._wrong(
                tree, "type", f"此处需要条件，这里是 {node.type}", f"a condition is needed here, this is {node.type}"
            )
        return node

    def _unary(self, tree: ast.UnaryOp) -> Node:
        if isinstance(tree.op, ast.Not):
            return Not(self._condition(tree.operand))
        node = self.read(tree.operand)
        if isinstance(node, Const) and node.type in (INTEGER, DECIMAL):
            return Const(-node.value, node.type)
        if node.type.family not in {*NUMBERS, "money", "duration", "nothing"}:
            return self._wrong(tree, "type", f"负号不能用于 {node.type}", f"minus does not go with {node.type}")
        return Negative(node, node.type)

    def _arithmetic(self, tree: ast.BinOp) -> Node:
        operation = _OPERATIONS[type(tree.op)]
        left, right = self.read(tree.left), self.read(tree.right)
        if operation in "+-":
            left, right = self._as_money(tree, left, right)
        if NOTHING in (left.type, right.type):
            return _BROKEN
        kind = _outcome(operation, left.type, right.type)
        if kind is None:
            return self._wrong(
                tree,
                "type",
                f"{left.type} 与 {right.type} 不能做 {operation}",
                f"{left.type} {operation} {right.type} makes no sense",
            )
        return Arithmetic(operation, left, right, kind)

    def _compare(self, tree: ast.Compare) -> Node:
        terms = [tree.left, *tree.comparators]
        parts = [
            self._pair(tree, operator, one, other)
            for operator, one, other in zip(tree.ops, terms, terms[1:], strict=False)
        ]
        return parts[0] if len(parts) == 1 else Logic("and", tuple(parts))

    def _pair(self, tree: ast.Compare, operator: ast.cmpop, one: ast.expr, other: ast.expr) -> Node:
        if isinstance(operator, ast.In | ast.NotIn):
            return self._member(operator, one, other)
        left, right = self._as_money(tree, self.read(one), self.read(other))
        if NOTHING in (left.type, right.type):
            return _BROKEN
        comparison = _COMPARISONS[type(operator)]
        if "untyped" in (left.type.family, right.type.family):
            return self._untyped(one if left.type.family == "untyped" else other)
        if not _comparable(left.type, right.type):
            return self._wrong(
                tree,
                "type",
                f"{left.type} 不能与 {right.type} 比较",
                f"{left.type} cannot be compared with {right.type}",
            )
        if comparison not in ("==", "!=") and left.type.family not in ORDERED:
            return self._wrong(tree, "type", f"{left.type} 没有大小之分", f"{left.type} has no order")
        for value, kind in ((left, right.type), (right, left.type)):
            self._option(tree, value, kind)
        return Compare(comparison, left, right)

    def _untyped(self, tree: ast.expr) -> Node:
        written = ast.get_source_segment(self._source, tree) or "source.x"
        return self._wrong(
            tree,
            "needs_conversion",
            f"来源字段没有类型，请写 text({written}) 或 number({written})",
            f"a source field has no type; write text({written}) or number({written})",
        )

    def _option(self, tree: ast.AST, value: Node, kind: Type) -> None:
        if kind.family == "choice" and isinstance(value, Const) and value.value not in kind.options:
            zh, en = nearest(value.value, kind.options)
            self._wrong(
                tree,
                "unknown_option",
                f"没有“{value.value}”这个选项{zh}",
                f"“{value.value}” is not one of the options{en}",
            )

    def _member(self, operator: ast.cmpop, one: ast.expr, other: ast.expr) -> Node:
        item = self.read(one)
        negated = isinstance(operator, ast.NotIn)
        if isinstance(other, ast.Tuple | ast.List):
            return self._among(item, other, one, negated=negated)
        listed = self.read(other)
        if NOTHING in (item.type, listed.type):
            return _BROKEN
        if not isinstance(listed, Name) or listed.type.item is None:
            return self._wrong(
                other,
                "type",
                "in 之后要写选项列表，例如 ('paid', 'shipped')",
                "after in stands a list, e.g. ('paid', 'shipped')",
            )
        if not _comparable(item.type, listed.type.item):
            return self._wrong(
                other, "type", f"{item.type} 不会在 {listed.type} 中", f"{item.type} is never in {listed.type}"
            )
        return Member(item, listed, negated)

    def _among(self, item: Node, tree: ast.Tuple | ast.List, one: ast.expr, *, negated: bool) -> Node:
        options: list[Const] = []
        if item.type.family == "untyped":
            return self._untyped(one)
        if not tree.elts:
            return self._wrong(tree, "empty", "选项列表不能为空", "the list of options is empty")
        for element in tree.elts:
            _, option = self._as_money(tree, item, self.read(element))
            if NOTHING in (option.type, item.type):
                continue
            if not isinstance(option, Const):
                self._wrong(element, "type", "选项列表中只能写固定值", "only fixed values may stand in the list")
            elif not _comparable(item.type, option.type):
                self._wrong(element, "type", f"{option.type} 与 {item.type} 不同类", f"{option.type} is no {item.type}")
            else:
                self._option(element, option, item.type)
                options.append(option)
        return Member(item, tuple(options), negated)

    def _either(self, tree: ast.IfExp) -> Node:
        test, then, other = self._condition(tree.test), self.read(tree.body), self.read(tree.orelse)
        then, other = self._as_money(tree, then, other)
        if NOTHING in (test.type, then.type, other.type):
            return _BROKEN
        kind = _common(then.type, other.type)
        if kind is None:
            return self._wrong(
                tree,
                "type",
                f"两个结果类型不同：{then.type} 与 {other.type}",
                f"the results differ: {then.type} and {other.type}",
            )
        return Either(test, then, other, kind)

    def _call(self, tree: ast.Call) -> Node:
        name = tree.func.id if isinstance(tree.func, ast.Name) else ""
        function = FUNCTIONS.get(name)
        if function is None or tree.keywords:
            zh, en = nearest(name, FUNCTIONS)
            return self._wrong(tree, "unknown_function", f"没有函数“{name}”{zh}", f"there is no function “{name}”{en}")
        arguments = [self.read(argument) for argument in tree.args]
        least, most = len(function.takes), function.most or len(function.takes)
        if not least <= len(arguments) <= most:
            return self._wrong(
                tree,
                "arguments",
                f"{name} 需要 {least} 个参数",
                f"{name} takes {least} arguments, not {len(arguments)}",
            )
        if any(argument.type == NOTHING for argument in arguments):
            return _BROKEN
        if function.most:
            arguments = self._alike(tree, arguments)
        for place, argument in enumerate(arguments):
            wanted = function.takes[min(place, least - 1)]
            if argument.type.family == "untyped" and "untyped" not in wanted:
                return self._untyped(tree.args[place])
            if argument.type.family not in wanted:
                return self._wrong(
                    tree.args[place],
                    "type",
                    f"{name} 不能用于 {argument.type}",
                    f"{name} does not take {argument.type}",
                )
        kind = function.result([argument.type for argument in arguments])
        if kind is None:
            return self._wrong(tree, "type", f"{name} 的参数类型不配", f"these arguments of {name} do not go together")
        return Call(function, tuple(arguments), kind)

    def _alike(self, tree: ast.AST, arguments: Sequence[Node]) -> list[Node]:
        """Read number literals as money where another argument is money."""
        money = next((argument for argument in arguments if argument.type == MONEY), None)
        return [self._as_money(tree, money, argument)[1] for argument in arguments] if money else list(arguments)

    def _as_money(self, tree: ast.AST, left: Node, right: Node) -> tuple[Node, Node]:
        """Read a number literal beside money as money, in the unit of the scope's currency."""
        if left.type == MONEY and isinstance(right, Const) and right.type.family in NUMBERS:
            return left, self._money(tree, right)
        if right.type == MONEY and isinstance(left, Const) and left.type.family in NUMBERS:
            return self._money(tree, left), right
        return left, right

    def _money(self, tree: ast.AST, literal: Const) -> Node:
        currency = self._scope.currency
        if literal.value == 0:
            return Const(0, MONEY)
        if currency is None:
            return self._wrong(
                tree,
                "currency_missing",
                "与金额比较时，定义必须写明币种 currency",
                "the definition must name its currency to compare amounts with numbers",
            )
        value = Decimal(literal.value)
        if -cast("int", value.normalize().as_tuple().exponent) > exponent(currency):
            return self._wrong(
                tree, "precision", f"{currency} 没有这么多位小数", f"{currency} does not have that many decimal places"
            )
        try:
            return Const(to_minor(value, currency), MONEY)
        except ValueError:
            return self._wrong(tree, "out_of_range", "金额超出范围", "this amount is out of range")


def _comparable(one: Type, other: Type) -> bool:
    if one.family in NUMBERS:
        return other.family in NUMBERS
    if one.family in WORDS:
        return other.family in WORDS
    return one.family == other.family and one.family not in ("list", "untyped")


def _common(one: Type, other: Type) -> Type | None:
    if one == other:
        return one
    if one.family in NUMBERS and other.family in NUMBERS:
        return DECIMAL
    return TEXT if one.family in WORDS and other.family in WORDS else None


def _outcome(operation: Operation, left: Type, right: Type) -> Type | None:
    one, other = left.family, right.family
    if one in NUMBERS and other in NUMBERS:
        return DECIMAL if operation == "/" or "decimal" in (one, other) else INTEGER
    if operation in "+-":
        if one == other and one in ("money", "duration"):
            return left
        if one == "datetime" and other == "duration":
            return left
        return DURATION if operation == "-" and one == other == "datetime" else None
    if one == "money" and other in NUMBERS:
        return MONEY
    if operation == "*":
        return MONEY if one in NUMBERS and other == "money" else None
    return DECIMAL if one == other and one in ("money", "duration") else None
