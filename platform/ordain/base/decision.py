"""The one decision shape: what was decided, what changes, what is to be done, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ordain.base.errors import Problem
from ordain.base.text import Text


@dataclass(slots=True)  # not frozen: every order makes dozens, and a frozen one takes three times as long
class Clause:
    """One line of the answer to "why?": a rule or a part of it, whether it held, and the values it saw.

    `true` is None where the clause was not evaluated because an earlier one had settled it.
    Written as JSON it is an object of its fields.
    `facts` maps the names the clause used to their values; protected values never appear in it.
    """

    rule: str
    text: Text
    true: bool | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple["Clause", ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Clause":
        """Read the stored form."""
        return cls(
            stored["rule"],
            Text.of(stored["text"]),
            stored["true"],
            stored.get("facts", {}),
            tuple(cls.of(part) for part in stored.get("parts", ())),
        )


@dataclass(frozen=True, slots=True)
class Effect:
    """Something to be done outside the transaction; `key` makes doing it twice do it once."""

    do: str
    key: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What an engine answers: a pure function of definition, facts and clock gave this."""

    outcome: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    why: tuple[Clause, ...] = ()
    problems: tuple[Problem, ...] = ()
