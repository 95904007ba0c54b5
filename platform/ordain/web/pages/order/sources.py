"""Where in a source document a mapping found the values of a field."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ordain.base.paths import get


def described(spec: Mapping[str, Any]) -> str:
    """Return in short where a field's value comes from: its paths, its expression, its constant."""
    if "expression" in spec:
        return f"ƒ {spec['expression']}"
    if "value" in spec:
        return f"= {spec['value']}"
    if "template" in spec:
        return str(spec["template"])
    return " | ".join(_paths(spec))


def used(spec: Mapping[str, Any], payload: Any, names: Iterable[str]) -> list[str]:
    """Return the paths in the payload that these record fields (`total`, `lines.amount`, `lines.0.sku`) come from."""
    found: list[str] = []
    for name in names:
        found.extend(path for path in _places(spec, payload, name) if path not in found)
    return found


def _places(spec: Mapping[str, Any], payload: Any, name: str) -> list[str]:
    head, _, rest = name.partition(".")
    rows = spec.get("lists", {}).get(head)
    if rows is None or not rest:
        return _first(_paths(spec.get("fields", {}).get(name, {})), payload, "")
    place, _, inner = rest.partition(".")
    field = rows["fields"].get(inner if place.isdecimal() else rest)
    if field is None:
        return []
    items = _items(payload, str(rows["each"]))
    wanted = items[int(place) : int(place) + 1] if place.isdecimal() else items
    return [path for item in wanted for path in _first(_paths(field), payload, f"{item}.")]


def _items(payload: Any, each: str) -> list[str]:
    value = get(payload, each)
    if isinstance(value, Mapping):  # items by their keys, or the one object that should be a list
        keyed = bool(value) and all(isinstance(inner, Mapping) for inner in value.values())
        return [f"{each}.{key}" for key in value] if keyed else [each]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [f"{each}.{place}" for place in range(len(value))]
    return []


def _first(paths: Iterable[str], payload: Any, prefix: str) -> list[str]:
    """Return the first path that has something, as the mapping reads it."""
    for path in paths:
        place = path[2:] if path.startswith("$.") else f"{prefix}{path}"
        if get(payload, place) not in (None, "", [], {}):
            return [place]
    return []


def _paths(spec: Mapping[str, Any]) -> list[str]:
    given = spec.get("from", [])
    return [given] if isinstance(given, str) else list(given)
