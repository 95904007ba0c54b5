"""The checked tree: what the three readings (closures, simpleeval, SQL) and the explanation share."""

from dataclasses import dataclass
from typing import Any, Literal

from ordain.language.expression.functions import Function
from ordain.language.expression.types import BOOL, Type

Comparison = Literal["==", "!=", "<", "<=", ">", ">="]
Operation = Literal["+", "-", "*", "/"]


@dataclass(frozen=True, slots=True)
class Const:
    """A literal; money stands in minor units."""

    value: Any
    type: Type


@dataclass(frozen=True, slots=True)
class Name:
    """A declared name, as written and as steps into the facts."""

    dotted: str
    steps: tuple[str, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Call:
    """A call to a function of the table."""

    function: Function
    arguments: tuple["Node", ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    item: "Node"
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Negative:
    """A number, amount or duration with its sign turned."""

    item: "Node"
    type: Type


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two values added, subtracted, multiplied or divided."""

    operation: Operation
    left: "Node"
    right: "Node"
    type: Type


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two values; a chain is a conjunction of these."""

    comparison: Comparison
    left: "Node"
    right: "Node"
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Member:
    """Whether a value is among constants, or in a declared list field."""

    item: "Node"
    among: tuple[Const, ...] | Name
    negated: bool
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Logic:
    """A conjunction or disjunction."""

    word: Literal["and", "or"]
    parts: tuple["Node", ...]
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Either:
    """`then if test else other`; where the test is unknown, `other`."""

    test: "Node"
    then: "Node"
    other: "Node"
    type: Type


Node = Const | Name | Call | Not | Negative | Arithmetic | Compare | Member | Logic | Either
