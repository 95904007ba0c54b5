"""The expression language of definitions.

A text passes the gate (size, depth, allowed parts), is checked as a whole against a typed scope, and becomes
one tree with several readings that agree: closures for hot paths, simpleeval as the reference, SQL (in
`store.criteria`), and the explanation. Missing values follow SQL: a comparison with a missing value is unknown
(None), `and`/`or`/`not` are three-valued, and a condition that is unknown at the end does not hold.
"""

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ordain.base.errors import problem
from ordain.language.expression import clauses, gate, reference
from ordain.language.expression.check import check
from ordain.language.expression.clauses import Explanation
from ordain.language.expression.closures import Reading, closure
from ordain.language.expression.nodes import Node
from ordain.language.expression.problems import EvaluationError, refuse
from ordain.language.expression.types import (
    BOOL,
    DATE,
    DATETIME,
    DECIMAL,
    DURATION,
    INTEGER,
    MONEY,
    NUMBERS,
    TEXT,
    UNTYPED,
    WORDS,
    Scope,
    Type,
    choice,
    list_of,
)

__all__ = [
    "BOOL",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "DURATION",
    "INTEGER",
    "MONEY",
    "TEXT",
    "UNTYPED",
    "EvaluationError",
    "Explanation",
    "Expression",
    "Scope",
    "Type",
    "choice",
    "compile_expression",
    "list_of",
]


@dataclass(frozen=True)
class Expression:
    """A compiled expression; `node` is its checked tree.

    `evaluate` gives the value on facts, None for unknown; it raises EvaluationError where there is none.
    """

    source: str
    node: Node
    names: frozenset[str]
    evaluate: Reading = field(repr=False, compare=False)

    @property
    def type(self) -> Type:
        """The type of its value."""
        return self.node.type

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Tell whether a condition holds; unknown does not."""
        return self.evaluate(facts) is True

    def reference(self, facts: Mapping[str, Any]) -> Any:
        """Return the same value by the reference reading."""
        return reference.evaluate(self._lowered, self.source, facts)

    def explanation(self, rule: str, hidden: Collection[str] = ()) -> Explanation:
        """Return the function of the facts that gives the value, and the clause tree that says why.

        Values of names in `hidden` are not told. It raises EvaluationError where there is no value.
        """
        return _guarded(clauses.explanation(self.node, rule, hidden))

    @cached_property
    def _lowered(self) -> ast.expr:
        return reference.lower(self.node)


def compile_expression(source: str, scope: Scope, *, expects: Type | None = None, path: str = "") -> Expression:
    """Return the compiled expression; Refused with every problem, each with its place below `path`."""
    node = check(gate.parse(source, path), source, scope, path)
    if expects is not None and not _fits(node.type, expects):
        raise refuse(
            path, 0, "type", f"结果应为 {expects}，这里是 {node.type}", f"this gives {node.type}, {expects} is needed"
        )
    return Expression(source.strip(), node, clauses.names(node), _guarded(closure(node)))


def _guarded(reading: Reading) -> Reading:
    def read(facts: Mapping[str, Any]) -> Any:
        try:
            return reading(facts)
        except (TypeError, ValueError, ArithmeticError, RecursionError, MemoryError):
            raise EvaluationError(
                problem("", "evaluation", "字段的值与声明的类型不符", "a field's value is not of its declared type")
            ) from None

    return read


def _fits(found: Type, wanted: Type) -> bool:
    if wanted.family in WORDS:
        return found.family in WORDS
    if wanted.family == "decimal":
        return found.family in NUMBERS
    return found == wanted or wanted.family == found.family
