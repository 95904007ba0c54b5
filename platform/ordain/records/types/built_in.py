"""What a built-in record type is to forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Field = Mapping[str, Any]  # as form definitions write one: type, title, options, required, searchable ...


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A built-in type: its fields, and its states where it has any.

    `fixed` are the fields that channels and flows fill and nobody writes by hand; `once` those written when a record
    is made and never after. `icon` stands beside it in the rail.
    """

    record: str
    fields: Mapping[str, Field]
    columns: tuple[str, ...]
    filters: tuple[str, ...] = ()
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    icon: str = "inbox"


def titled(kind: str, zh: str, en: str, **more: Any) -> Field:
    """Return a field as form definitions write it."""
    return {"type": kind, "title": {"zh": zh, "en": en}, **more}
