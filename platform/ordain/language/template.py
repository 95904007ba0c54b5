"""The replacer: `{name}` and `{name|filter}` in texts and parameters. Data in, text out, no code.

Filters follow a name behind `|`, an argument behind `:`. A literal brace is written twice.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from ordain.base import json
from ordain.base.errors import Problem, Refused, problem
from ordain.base.paths import walk

_FIELD: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_NAME: Final = re.compile(r"^[^\W\d][\w:.\-]*$|^$")

Filter = Callable[[Any, str, ZoneInfo], Any]


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    steps: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled text; `names` are those it asks for."""

    source: str
    parts: tuple[str | _Field, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names this text asks for."""
        return frozenset(part.name for part in self.parts if isinstance(part, _Field))

    def render(
        self,
        values: Mapping[str, Any],
        zone: ZoneInfo = ZoneInfo("UTC"),  # noqa: B008 zones are constants
        write: Callable[[str], str] = str,
    ) -> str:
        """Return the text with every field filled in; what is missing becomes empty.

        `write` has the last word on each field's text, unless the field went through `url` already.
        """
        return "".join(part if isinstance(part, str) else _written(part, values, zone, write) for part in self.parts)

    def value(self, values: Mapping[str, Any], zone: ZoneInfo = ZoneInfo("UTC")) -> Any:  # noqa: B008 zones are constants
        """Return the one field's value as it is where the text is nothing but that field, else the text."""
        if len(self.parts) == 1 and isinstance(self.parts[0], _Field):
            return _value(self.parts[0], values, zone)
        return self.render(values, zone)


@lru_cache(maxsize=2048)
def compile_template(text: str, path: str = "") -> Template:
    """Return the compiled text; Refused for a field or filter nobody knows."""
    parts: list[str | _Field] = []
    problems: list[Problem] = []
    end = 0
    for match in _FIELD.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        end = match.end()
        if match.group(1) is None:
            parts.append(match.group(0)[0])
            continue
        name, *filters = match.group(1).split("|")
        field = _Field(name, tuple(name.split(".")), tuple(_filter(item) for item in filters))
        problems.extend(_problems(field, path))
        parts.append(field)
    if end < len(text):
        parts.append(text[end:])
    if problems:
        raise Refused(problems)
    return Template(text, tuple(parts))


def _filter(text: str) -> tuple[str, str]:
    name, _, argument = text.partition(":")
    return name, argument


def _problems(field: _Field, path: str) -> list[Problem]:
    found = []
    if not _NAME.match(field.name):
        found.append(
            problem(
                path,
                "bad_field",
                f"“{{{field.name}}}”不是字段名",
                f"“{{{field.name}}}” is no field; e.g. {{order.number}}",
            )
        )
    known = ", ".join(sorted(_FILTERS))
    found.extend(
        problem(
            path, "unknown_filter", f"没有过滤器“{name}”，可用：{known}", f"there is no filter “{name}”; known: {known}"
        )
        for name, _ in field.filters
        if name not in _FILTERS
    )
    return found


def _value(field: _Field, values: Mapping[str, Any], zone: ZoneInfo) -> Any:
    value = values[field.name] if field.name in values else walk(values, field.steps)
    for name, argument in field.filters:
        if value is None and name != "default":
            return None
        value = _FILTERS[name](value, argument, zone)
    return value


def _written(field: _Field, values: Mapping[str, Any], zone: ZoneInfo, write: Callable[[str], str]) -> str:
    text = _text(_value(field, values, zone))
    return text if field.filters and field.filters[-1][0] == "url" else write(text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.canonical(value).decode()
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _time(value: Any, pattern: str, zone: ZoneInfo) -> Any:
    return value.astimezone(zone).strftime(pattern) if isinstance(value, datetime) else value


def _iso(value: Any, _: str, __: ZoneInfo) -> Any:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def _time_utc(value: Any, _: str, __: ZoneInfo) -> Any:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if isinstance(value, datetime) else value


def _epoch(value: Any, _: str, __: ZoneInfo) -> Any:
    return int(value.timestamp()) if isinstance(value, datetime) else value


def _epoch_ms(value: Any, _: str, __: ZoneInfo) -> Any:
    return int(value.timestamp() * 1000) if isinstance(value, datetime) else value


_FILTERS: Final[Mapping[str, Filter]] = {
    "time": _time,
    "iso": _iso,
    "time_utc": _time_utc,
    "text": lambda value, _, __: _text(value),
    "epoch": _epoch,
    "epoch_ms": _epoch_ms,
    "json": lambda value, _, __: json.canonical(value).decode(),
    "upper": lambda value, _, __: _text(value).upper(),
    "lower": lambda value, _, __: _text(value).lower(),
    "default": lambda value, argument, _: argument if value in (None, "") else value,
    "url": lambda value, _, __: quote(_text(value), safe=""),
    "tail": lambda value, argument, _: _text(value)[-int(argument or 4) :],
}
