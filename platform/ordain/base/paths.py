"""Dotted paths into documents: `lines.0.sku`."""

from collections.abc import Mapping, Sequence
from typing import Any


def get(document: Any, path: str) -> Any:
    """Return the value at `path`, or None where there is none; "" is the document itself."""
    return walk(document, path.split(".")) if path else document


def walk(document: Any, parts: Sequence[str]) -> Any:
    """Return the value below `parts`, or None; a number steps into a list."""
    value = document
    for part in parts:
        if type(value) is dict or isinstance(value, Mapping):  # nearly always
            value = value.get(part)
        elif isinstance(value, Sequence) and not isinstance(value, str | bytes) and part.isdecimal():
            index = int(part)
            value = value[index] if index < len(value) else None
        else:
            return None
    return value


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path of names, making the objects on the way."""
    *parents, last = path.split(".")
    for part in parents:
        document = document.setdefault(part, {})
    document[last] = value
