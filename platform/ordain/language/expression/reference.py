"""The reference reading: simpleeval, fed with a tree our gate and check have passed and nothing else."""

import ast
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from simpleeval import InvalidExpression, SimpleEval

from ordain.base.errors import problem
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
from ordain.language.expression.values import among, call, compare, look, operate, opposite

_LOCAL: Final = threading.local()


def evaluate(tree: ast.expr, source: str, facts: Mapping[str, Any]) -> Any:
    """Return the value of a lowered tree on these facts."""
    evaluator: _Evaluator | None = getattr(_LOCAL, "evaluator", None)
    if evaluator is None:
        evaluator = _LOCAL.evaluator = _Evaluator()
    evaluator.names = lambda node: look(facts, node.id.split("."))
    try:
        return evaluator.eval(source, previously_parsed=tree)
    except (InvalidExpression, RecursionError, MemoryError):
        raise EvaluationError(problem("", "evaluation", "无法求值", "this cannot be evaluated")) from None


class _Evaluator(SimpleEval):  # type: ignore[misc] # simpleeval ships no types
    """simpleeval with missing values: three-valued logic in place of Python's truth."""

    def __init__(self) -> None:
        super().__init__(operators={}, functions={}, names={})
        self.nodes = {
            ast.Constant: lambda node: node.value,
            ast.Name: self._eval_name,
            ast.Call: self._call,
            ast.BoolOp: self._logic,
            ast.IfExp: lambda node: self._eval(node.body if self._eval(node.test) else node.orelse),
        }

    def _logic(self, node: ast.BoolOp) -> bool | None:
        settles = isinstance(node.op, ast.Or)
        values = [self._eval(part) for part in node.values]
        if settles in values:
            return settles
        return None if None in values else not settles

    def _call(self, node: ast.Call) -> Any:
        apply: Callable[..., Any] = node.func.value  # type: ignore[attr-defined] # our lowering puts the function there
        return apply(*[self._eval(argument) for argument in node.args])


def lower(node: Node) -> ast.expr:
    """Return the tree simpleeval reads: names flat, literals converted, operators as calls of our own."""
    match node:
        case Const(value=value):
            return ast.Constant(value)
        case Name(dotted=dotted):
            return ast.Name(dotted, ast.Load())
        case Logic(word=word, parts=parts):
            return ast.BoolOp(ast.And() if word == "and" else ast.Or(), [lower(part) for part in parts])
        case Either(test=test, then=then, other=other):
            return ast.IfExp(lower(test), lower(then), lower(other))
        case Not(item=item):
            return _applied(opposite, item)
        case Negative(item=item):
            return _applied(lambda value: None if value is None else -value, item)
        case Compare(comparison=comparison, left=left, right=right):
            return _applied(lambda one, two: compare(comparison, one, two), left, right)
        case Arithmetic(operation=operation, left=left, right=right, type=kind):
            whole = kind.family == "money"
            return _applied(lambda one, two: operate(operation, one, two, whole=whole), left, right)
        case Call(function=function, arguments=arguments):
            return _applied(
                lambda *values: call(function.apply, values, takes_missing=function.takes_missing), *arguments
            )
        case Member():
            return _member(node)


def _member(node: Member) -> ast.expr:
    negated = node.negated

    def test(value: Any, options: Any) -> bool | None:
        found = among(value, options)
        return opposite(found) if negated else found

    if isinstance(node.among, Name):
        return _applied(test, node.item, node.among)
    options = [option.value for option in node.among]
    return _applied(lambda value: test(value, options), node.item)


def _applied(apply: Callable[..., Any], *arguments: Node) -> ast.expr:
    return ast.Call(ast.Constant(apply), [lower(argument) for argument in arguments], [])  # type: ignore[arg-type] # a function as constant, for our evaluator alone
