"""JSON as numbered lines of coloured pieces, with the places marked that a reader should see."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ordain.base import json

Piece = tuple[str, str]
"""(class, text): k key, s text, n number, l literal, p punctuation."""

COVERED: Final = "•••"


@dataclass(frozen=True, slots=True)
class JsonLine:
    """One line: number, indent (spaces), pieces, the comma behind them, the path of what stands on it."""

    number: int
    indent: str
    pieces: tuple[Piece, ...]
    tail: str = ""
    path: str = ""
    marked: bool = False


def json_lines(value: Any, *, marked: Collection[str] = (), covered: bool = False) -> list[JsonLine]:
    """Return `value` as lines; values at paths in `marked` are marked, `covered` puts dots in place of every value."""
    writer = _Writer(frozenset(marked), covered)
    writer.write(value, "", "", (), "")
    return writer.lines


def text_lines(text: str) -> list[JsonLine]:
    """Return any text as lines, for what is no JSON."""
    return [JsonLine(number, "", (("p", line),)) for number, line in enumerate(text.splitlines() or [""], 1)]


class _Writer:
    def __init__(self, marked: frozenset[str], covered: bool) -> None:
        self.lines: list[JsonLine] = []
        self._marked = marked
        self._covered = covered

    def write(self, value: Any, path: str, indent: str, head: tuple[Piece, ...], tail: str) -> None:
        """Add the lines of one value; `head` stands before it on its first line, `tail` behind its last."""
        if not isinstance(value, dict | list) or not value:
            self._line(indent, (*head, self._scalar(value)), tail, path, marked=path in self._marked)
            return
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        self._line(indent, (*head, ("p", opening)), "", path)
        parts = _members(value, path) if isinstance(value, dict) else _items(value, path)
        for place, (inner_path, inner_head, inner) in enumerate(parts):
            self.write(inner, inner_path, f"{indent}  ", inner_head, "," if place < len(parts) - 1 else "")
        self._line(indent, (("p", closing),), tail)

    def _line(self, indent: str, pieces: tuple[Piece, ...], tail: str, path: str = "", *, marked: bool = False) -> None:
        self.lines.append(JsonLine(len(self.lines) + 1, indent, pieces, tail, path, marked))

    def _scalar(self, value: Any) -> Piece:
        if isinstance(value, dict | list):
            return "p", "{}" if isinstance(value, dict) else "[]"
        if self._covered and value is not None:
            return "s", COVERED
        if isinstance(value, str):
            return "s", json.dumps(value).decode()
        if isinstance(value, bool) or value is None:
            return "l", json.dumps(value).decode()
        # As it was sent: a decimal keeps its last noughts, a long id all its digits.
        return "n", str(value) if isinstance(value, int | Decimal) else json.dumps(value).decode()


def _members(value: dict[str, Any], path: str) -> list[tuple[str, tuple[Piece, ...], Any]]:
    return [
        (_under(path, name), (("k", json.dumps(name).decode()), ("p", ": ")), inner) for name, inner in value.items()
    ]


def _items(value: list[Any], path: str) -> list[tuple[str, tuple[Piece, ...], Any]]:
    return [(_under(path, str(place)), (), inner) for place, inner in enumerate(value)]


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
