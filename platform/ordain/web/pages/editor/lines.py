"""Where in a text of JSON each part stands, so that a problem is marked on its own line."""

import re
from collections.abc import Mapping
from typing import Final

from ordain.base import json

_TOKENS: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\],:]|\n|[^\s{}\[\],:"]+')
_BROKEN: Final = re.compile(r"line (\d+)")


def lines_of(text: str) -> dict[str, int]:
    """Return the line of each part of valid JSON by its dotted path; the document itself is ""."""
    return _Walk(text).lines


def broken_line(message: str) -> int:
    """Return the line that a message of the JSON reader names; the first where it names none."""
    found = _BROKEN.search(message)
    return int(found.group(1)) if found else 1


def line_of(path: str, lines: Mapping[str, int]) -> int:
    """Return the line of a path, or of the nearest part above it that is there."""
    while path and path not in lines:
        path = path.rpartition(".")[0]
    return lines.get(path, 1)


class _Walk:
    """One pass over the tokens: objects wait for a key, lists count."""

    def __init__(self, text: str) -> None:
        self.lines: dict[str, int] = {"": 1}
        self._line = 1
        self._path: list[str | int] = []
        self._key = False
        for piece in _TOKENS.findall(text):
            self._step(piece)

    def _step(self, piece: str) -> None:
        match piece:
            case "\n":
                self._line += 1
            case "{" | "[":
                self._value()
                self._path.append("" if piece == "{" else 0)
                self._key = piece == "{"
            case "}" | "]":
                self._path = self._path[:-1]
                self._key = False
            case ",":
                last = self._path[-1] if self._path else ""
                self._key = isinstance(last, str)
                if isinstance(last, int):
                    self._path[-1] = last + 1
            case ":":
                self._key = False
            case _ if self._key and self._path and piece.startswith('"'):
                self._path[-1] = str(json.loads(piece))
                self._note()
            case _:
                self._value()

    def _value(self) -> None:
        if self._path and isinstance(self._path[-1], int):
            self._note()

    def _note(self) -> None:
        self.lines.setdefault(".".join(map(str, self._path)), self._line)
