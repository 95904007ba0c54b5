"""Tables out: CSV that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

from ordain.base import json

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")


def shown_safely(value: Any) -> str:
    """Return a value as a cell's text; what a spreadsheet would run begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_DANGEROUS) else value
    return str(value) if isinstance(value, int) else json.dumps(value).decode()


def csv_lines(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Return the lines of a CSV file, heads first."""
    for row in chain([heads], rows):
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()
