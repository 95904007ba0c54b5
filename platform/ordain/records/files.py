"""What a record holds of a file: its id and name as one text, so that it reads, exports and is covered as a text."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

KINDS: Final = frozenset({"file", "image"})
_HELD: Final = re.compile(r"^([0-9a-f]{32})(?: (.*))?$", re.DOTALL)
Fields = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Held:
    """One file in a record: where it stands, of which kind its field is, its id; "" where the text names none."""

    path: str
    kind: str
    id: str


def text_of(file_id: str, name: str) -> str:
    """Return what a record holds of a file."""
    return f"{file_id} {name}"


def id_of(value: object) -> str:
    """Return the id in what a record holds of a file, "" where there is none."""
    found = _HELD.match(value) if isinstance(value, str) else None
    return found[1] if found else ""


def name_of(value: object) -> str:
    """Return the name in what a record holds of a file; a text that names no file stands for itself."""
    found = _HELD.match(value) if isinstance(value, str) else None
    return (found[2] or found[1]) if found else str(value)


def kind_at(fields: Fields, path: str) -> str:
    """Return of which kind the field at a path is: "photo", or "photos.photo" inside the lines of a list."""
    steps = [step for step in path.split(".") if not step.isdecimal()]
    outer = fields.get(steps[0], {})
    field = outer.get("fields", {}).get(steps[1], {}) if len(steps) == 2 else outer if len(steps) == 1 else {}
    return str(field.get("type", ""))


def any_in(fields: Fields) -> bool:
    """Tell whether there are fields for files among these."""
    return any(
        field["type"] in KINDS or any(inner["type"] in KINDS for inner in field.get("fields", {}).values())
        for field in fields.values()
    )


def held(fields: Fields, data: Mapping[str, Any]) -> Iterator[Held]:
    """Yield every file that a record holds."""
    found: list[Held] = []

    def note(path: str, kind: str, value: Any) -> Any:
        found.append(Held(path, kind, id_of(value)))
        return value

    mapped(fields, data, note)
    yield from found


def mapped(fields: Fields, data: Mapping[str, Any], change: Callable[[str, str, Any], Any]) -> dict[str, Any]:
    """Return the data with each file changed by `change(path, kind, value)`; empty ones are left as they are."""
    return {name: _mapped(fields.get(name, {}), value, name, change) for name, value in data.items()}


def _mapped(field: Mapping[str, Any], value: Any, path: str, change: Callable[[str, str, Any], Any]) -> Any:
    if field.get("type") in KINDS and value not in (None, ""):
        return change(path, str(field["type"]), value)
    if field.get("type") == "list" and isinstance(value, list):
        inner = field.get("fields", {})
        return [
            {name: _mapped(inner.get(name, {}), one, f"{path}.{place}.{name}", change) for name, one in item.items()}
            if isinstance(item, Mapping)
            else item
            for place, item in enumerate(value)
        ]
    return value
