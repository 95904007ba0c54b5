"""The types of the expression language, and the scope that says which names have which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Family = Literal[
    "text",
    "choice",
    "integer",
    "decimal",
    "money",
    "bool",
    "date",
    "datetime",
    "duration",
    "list",
    "untyped",
    "nothing",
]


@dataclass(frozen=True, slots=True)
class Type:
    """One type; `options` are a choice's values, `item` is what a list holds."""

    family: Family
    options: tuple[str, ...] = ()
    item: "Type | None" = None

    def __str__(self) -> str:
        return f"list of {self.item}" if self.item else self.family


TEXT: Final = Type("text")
INTEGER: Final = Type("integer")
DECIMAL: Final = Type("decimal")
MONEY: Final = Type("money")
BOOL: Final = Type("bool")
DATE: Final = Type("date")
DATETIME: Final = Type("datetime")
DURATION: Final = Type("duration")
UNTYPED: Final = Type("untyped")
NOTHING: Final = Type("nothing")

NUMBERS: Final = frozenset({"integer", "decimal"})
WORDS: Final = frozenset({"text", "choice"})
ORDERED: Final = frozenset({"integer", "decimal", "money", "date", "datetime", "duration"})


def choice(*options: str) -> Type:
    """Return the type of a text that is one of `options`."""
    return Type("choice", options)


def list_of(item: Type) -> Type:
    """Return the type of a list of `item`."""
    return Type("list", item=item)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names an expression may use. A name of type UNTYPED may be followed by any path.

    `currency` is what money literals are read in; without it money cannot be compared with a number.
    """

    names: Mapping[str, Type]
    currency: str | None = None
    _parents: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parents = {name[:end] for name in self.names for end in _dots(name)}
        object.__setattr__(self, "_parents", frozenset(parents))

    def find(self, dotted: str) -> Type | None:
        """Return the type of a dotted name, or None where it is not declared."""
        if (found := self.names.get(dotted)) is not None:
            return found
        head = dotted.split(".", 1)[0]
        return UNTYPED if self.names.get(head) == UNTYPED else None

    def is_record(self, dotted: str) -> bool:
        """Tell whether declared names begin with `dotted` and a dot."""
        return dotted in self._parents

    def joined(self, names: Mapping[str, Type]) -> "Scope":
        """Return a scope with more names."""
        return Scope({**self.names, **names}, self.currency)


def _dots(name: str) -> Iterable[int]:
    return (place for place, letter in enumerate(name) if letter == ".")
