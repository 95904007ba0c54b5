"""Filters by the fields of a form: read from the address, drawn in the form, shown as chips."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ordain.base.money import to_minor
from ordain.base.text import Text
from ordain.records.files import KINDS as FILES
from ordain.store.fields import NUMBERS, FieldFilter, is_sound
from ordain.web.pages.listing.context import FieldAsked
from ordain.web.pages.lists import Option
from ordain.web.pages.texts import _
from ordain.web.pages.words import field_words
from ordain.web.show import Show

OWN: Final = "own."
FROM, TO = ".from", ".to"
Field = Mapping[str, Any]
Pairs = Sequence[tuple[str, str]]
_CHOICES: Final = frozenset({"choice", "bool"})
_DATES: Final = frozenset({"date", "datetime"})
_NOT: Final = frozenset({"list", "long_text", *FILES})
_MOST: Final = 60
_END_OF_DAY: Final = "T99"  # behind every time of the day, as texts compare


def read(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the parts of an address that ask for fields."""
    found = [(name[:90], value.strip()[:200]) for name, value in pairs if name.startswith(OWN) and value.strip()]
    return tuple(dict.fromkeys(found))[:_MOST]


def can_ask(field: Field, name: str) -> bool:
    """Tell whether a field is one to filter by: of a kind that compares, with a name that SQL takes."""
    return field["type"] not in _NOT and not field.get("protected") and is_sound(name)


def filters(pairs: Pairs, fields: Mapping[str, Field]) -> list[FieldFilter]:
    """Return what the address asks of these fields; what makes no sense for its field is left out."""
    found = []
    for name, field in fields.items():
        kind, values = field["type"], [value for key, value in pairs if key == OWN + name]
        low, high = (next((v for key, v in pairs if key == OWN + name + end), "") for end in (FROM, TO))
        if kind in _CHOICES:
            known = ["true", "false"] if kind == "bool" else list(field.get("options", {}))
            chosen: Sequence[Any] = [value for value in values if value in known]
        elif kind in NUMBERS:
            chosen = [one for value in values if (one := _number(value, kind)) is not None]
        else:
            chosen = values
        bounds = _bounds(kind, low, high)
        if chosen or bounds != (None, None):
            found.append(FieldFilter(name, kind, tuple(chosen), *bounds))
    return found


def asked(pairs: Pairs, fields: Mapping[str, Field], show: Show) -> list[FieldAsked]:
    """Return the fields as the filter form draws them, with what is set."""
    made = []
    for name, field in fields.items():
        kind, values = field["type"], [value for key, value in pairs if key == OWN + name]
        low, high = (next((v for key, v in pairs if key == OWN + name + end), "") for end in (FROM, TO))
        title = show.text(Text.of(field["title"]))
        if kind in _CHOICES:
            known = ["true", "false"] if kind == "bool" else list(field.get("options", {}))
            options = [Option(value, field_words(field, value, show), value in values) for value in known]
            made.append(FieldAsked(OWN + name, title, "choice", options))
        elif kind in NUMBERS or kind in _DATES:
            made.append(FieldAsked(OWN + name, title, "date" if kind in _DATES else "range", (), low, high))
        else:
            made.append(FieldAsked(OWN + name, title, "text", value=values[0] if values else ""))
    return made


def chips(pairs: Pairs, fields: Mapping[str, Field], show: Show) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Return title, value and the parts without it, for every field that is asked for."""
    made = []
    for name, field in fields.items():
        own = {OWN + name, OWN + name + FROM, OWN + name + TO}
        mine = [(key, value) for key, value in pairs if key in own]
        if not mine:
            continue
        words = [
            field_words(field, value, show) if field["type"] in _CHOICES else value
            for key, value in mine
            if key == OWN + name
        ]
        low, high = (next((v for key, v in mine if key.endswith(end)), "") for end in (FROM, TO))
        span = f"{low} – {high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else ""
        text = _(", ").join([*words, *([span] if span else [])])
        made.append((show.text(Text.of(field["title"])), text, tuple(pair for pair in pairs if pair[0] not in own)))
    return made


def _bounds(kind: str, low: str, high: str) -> tuple[Any, Any]:
    if kind in NUMBERS:
        return _number(low, kind), _number(high, kind)
    if kind == "datetime" and high:
        return low or None, high + _END_OF_DAY
    return low or None, high or None


def _number(text: str, kind: str) -> int | float | None:
    """Return a number as its column holds it: an amount of money in minor units of two places."""
    try:
        value = Decimal(text)
        if not value.is_finite() or abs(value) > 10**15:
            return None
        return to_minor(value, "CNY") if kind == "money" else float(value)
    except (InvalidOperation, ValueError):
        return None
