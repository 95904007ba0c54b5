"""Which values of real documents reach each lookup table, so that the missing ones can be filled in."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from ordain.base.errors import Refused
from ordain.engines.mapping.sources import Lookup, compile_path, first_of
from ordain.engines.mapping.transforms import Surroundings, Transform, Unfit, compile_transform, to_text

_AROUND = Surroundings({}, ZoneInfo("UTC"))


def lookup_values(spec: Mapping[str, Any], payloads: Sequence[Any]) -> dict[str, Counter[str]]:
    """Return how often each value reaches each lookup table; parts of a draft that do not compile are left out."""
    found: dict[str, Counter[str]] = {}
    for table, each, read, steps in _readers(spec):
        counts = found.setdefault(table, Counter())
        for payload in payloads:
            for item in _items(each, payload):
                text = _text(read(item, payload), steps)
                if text:
                    counts[text] += 1
    return found


def _readers(spec: Mapping[str, Any]) -> Iterator[tuple[str, Lookup | None, Lookup, Sequence[Transform]]]:
    lists = spec.get("lists")
    known = lists.values() if isinstance(lists, Mapping) else ()
    inner = [one for one in known if isinstance(one, Mapping) and isinstance(one.get("each"), str)]
    groups = [(None, spec.get("fields")), *((one["each"], one.get("fields")) for one in inner)]
    for each, fields in groups:
        for field in fields.values() if isinstance(fields, Mapping) else ():
            if isinstance(field, Mapping) and "from" in field and isinstance(field.get("via"), list):
                yield from _reader(each, field)


def _reader(each: str | None, field: Mapping[str, Any]) -> Iterator[tuple[str, Lookup | None, Lookup, list[Transform]]]:
    place = next((at for at, step in enumerate(field["via"]) if isinstance(step, Mapping) and "lookup" in step), None)
    if place is None:
        return
    paths = field["from"] if isinstance(field["from"], list) else [field["from"]]
    try:
        read = first_of([compile_path(path, "") for path in paths])
        steps = [compile_transform(step, _AROUND, "") for step in field["via"][:place]]
        yield str(field["via"][place]["lookup"]), compile_path(each, "") if each else None, read, steps
    except (Refused, TypeError, AttributeError):  # a draft may be anything
        return


def _items(each: Lookup | None, payload: Any) -> Sequence[Any]:
    found = payload if each is None else each(payload, payload)
    return found if isinstance(found, list) else [found]


def _text(value: Any, steps: Sequence[Transform]) -> str:
    try:
        for step in steps:
            if value is None and not step.takes_missing:
                return ""
            value = step.apply(value, "CNY")
        return "" if value is None else to_text(value)
    except Unfit:
        return ""
