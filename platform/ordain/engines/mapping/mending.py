"""Corrections that people made, over what a mapping reads: which of them stand, and the document read with them.

A correction stands as long as the mapping reads there what it read when the person corrected it, or something that
is still wrong. Where the mapping reads another value by now and nothing is wrong with it, the mapping wins.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ordain.base.clock import from_rfc3339, rfc3339
from ordain.base.errors import Problem
from ordain.engines.mapping.program import Mapped, MappingProgram
from ordain.engines.mapping.reading import map_record
from ordain.language.expression import Type
from ordain.records.fields import LINES, RECORDS
from ordain.records.message import Correction

_LINES: Final = "lines."


def standing(
    mapped: Mapped, problems: Sequence[Problem], corrections: Iterable[Correction]
) -> tuple[list[Correction], list[Correction]]:
    """Return the corrections that stand over what a mapping read, and those it has overtaken."""
    stand: list[Correction] = []
    overtaken: list[Correction] = []
    for one in corrections:
        if one.path.startswith(_LINES) and line_name(mapped.record, one.path) != one.line:
            overtaken.append(one)
            continue
        read = plain(value_at(mapped.record, one.path))
        same = read == one.was or read is None
        (stand if same or is_bad(one.path, problems) else overtaken).append(one)
    return stand, overtaken


def map_mended(program: MappingProgram, payload: Mapping[str, Any], corrections: Iterable[Correction]) -> Mapped:
    """Return what the program reads with these values in place of its own."""
    known = {one.path: typed(type_of(program.record, one.path), one.value) for one in corrections}
    return map_record(program, payload, known)


def is_bad(path: str, problems: Iterable[Problem]) -> bool:
    """Tell whether a problem speaks of this field, of what it is part of, or of this field in any line."""
    own = _unnumbered(path)
    for found in problems:
        said = found.path if found.path.startswith(_LINES) and found.path[6:7].isdigit() else _unnumbered(found.path)
        if any(one == said or one.startswith(f"{said}.") for one in (path, own) if said):
            return True
    return False


def type_of(record: str, path: str) -> Type | None:
    """Return the type of a field of a record or of one of its lines; None where there is no such field."""
    if path.startswith(_LINES):
        return LINES.get(record, {}).get(path.split(".", 2)[2])
    return RECORDS.get(record, {}).get(path)


def value_at(record: Any, path: str) -> Any:
    """Return what stands at a path, None where nothing does."""
    for step in path.split("."):
        if isinstance(record, Mapping):
            record = record.get(step)
        elif isinstance(record, Sequence) and not isinstance(record, str) and step.isdecimal():
            record = record[int(step)] if int(step) < len(record) else None
        else:
            return None
    return record


def line_name(record: Mapping[str, Any], path: str) -> str:
    """Return the channel's id of the line that a path leads into; "" where it has none."""
    return str(value_at(record, f"{_LINES}{path.split('.')[1]}.external_id") or "")


def plain(value: Any) -> str | int | None:
    """Return a field's value as JSON holds it."""
    if isinstance(value, datetime):
        return rfc3339(value)
    return None if value is None or value == "" else value if type(value) is int else str(value)


def typed(kind: Type | None, value: str | int | None) -> Any:
    """Return a value from JSON as the field's type wants it."""
    if kind is not None and kind.family == "datetime" and isinstance(value, str):
        return from_rfc3339(value)
    return value


def _unnumbered(path: str) -> str:
    return ".".join(step for step in path.split(".") if not step.isdecimal())
