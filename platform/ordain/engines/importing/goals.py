"""The fields a file can fill, with the words that headers use for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ordain.base.text import Text
from ordain.records.files import KINDS as FILES

Kind = Literal[
    "text", "long_text", "integer", "decimal", "money", "bool", "date", "datetime", "moment", "choice", "address"
]
_KINDS: Final[Mapping[str, Kind]] = {
    "integer": "integer", "decimal": "decimal", "money": "money", "bool": "bool", "date": "date",
    "datetime": "datetime", "choice": "choice", "long_text": "long_text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goal:
    """One field: `name` is its place in the record ("lines.sku"), `inside` the list it stands in, "" for none.

    `words` are what headers call it, `also` what cells call a choice's values. A `moment` is a time with a zone.
    """

    name: str
    title: Text
    kind: Kind = "text"
    required: bool = False
    inside: str = ""
    options: Mapping[str, Text] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    protected: bool = False
    currency: str = "CNY"


def form_goals(fields: Mapping[str, Any]) -> list[Goal]:
    """Return the fields of a form, those inside its lists one by one; files cannot come by a table."""
    found = []
    for name, spec in fields.items():
        if spec["type"] == "list":
            owner = Text.of(spec["title"])
            inner = spec.get("fields", {})
            found += [
                _goal(f"{name}.{own}", one, name, owner) for own, one in inner.items() if one["type"] not in FILES
            ]
        elif spec["type"] not in FILES:
            found.append(_goal(name, spec, "", None))
    return found


def _goal(name: str, spec: Mapping[str, Any], inside: str, owner: Text | None) -> Goal:
    own = Text.of(spec["title"])
    title = Text(f"{owner.zh} · {own.zh}", f"{owner.en} · {own.en}") if owner else own
    options = {key: Text.of(words) for key, words in spec.get("options", {}).items()}
    return Goal(
        name,
        title,
        _KINDS.get(spec["type"], "text"),
        bool(spec.get("required")),
        inside,
        options,
        words=(own.zh, own.en, name.rpartition(".")[2]),
        protected=bool(spec.get("protected")),
    )
