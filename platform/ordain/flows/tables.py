"""Tables out, as CSV and xlsx: typed where a spreadsheet has types, and no text that it would take for a formula."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from ordain.base import json
from ordain.base.text import Language

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\0")
_BLANK: Final = "".join(map(chr, range(33)))
_BARRED: Final = str.maketrans("", "", "".join(map(chr, {*range(32)} - {9, 10, 13})))
_TRUTH: Final[dict[Language, tuple[str, str]]] = {"zh": ("否", "是"), "en": ("no", "yes")}
MOST_ROWS: Final = 1_000_000
"""How many rows a sheet of a workbook takes."""


def shown_safely(value: Any) -> str:
    """Return a value as a cell's text; what a spreadsheet would run begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return safe_text(value)
    return str(value) if isinstance(value, int | Decimal) else json.dumps(value).decode()


def safe_text(text: str) -> str:
    """Return text that no spreadsheet runs, whatever blanks stand before it."""
    begins = text.lstrip(_BLANK)
    risky = text.startswith(_DANGEROUS) or begins.startswith(_DANGEROUS)
    return f"'{text}" if risky else text


def csv_lines(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Return the lines of a CSV file, heads first."""
    for row in chain([heads], rows):
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


def csv_pieces(
    heads: Sequence[str], rows: Iterable[Sequence[Any]], zone: ZoneInfo, language: Language
) -> Iterator[bytes]:
    """Return a CSV file piece by piece, UTF-8 with a mark that spreadsheets know it by."""
    written = ([_written(value, zone, language) for value in row] for row in rows)
    yield b"\xef\xbb\xbf"
    for line in csv_lines([safe_text(head) for head in heads], written):
        yield line.encode()


def xlsx_pieces(
    title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], zone: ZoneInfo, language: Language, folder: Path
) -> Iterator[bytes]:
    """Return a workbook piece by piece; its rows pass through files in `folder` that are gone at the end."""
    from xlsxwriter import Workbook

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / "made.xlsx"
        book = Workbook(str(path), {"constant_memory": True, "tmpdir": place, "strings_to_urls": False})
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        formats["money"] = book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet(_sheet_name(title))
        sheet.freeze_panes(1, 1)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, safe_text(head), formats["head"])
        sheet.set_column(0, max(len(heads) - 1, 0), 18)
        last = 0
        for last, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                _write(sheet, last, column, value, formats, zone, language)
        sheet.autofilter(0, 0, last, max(len(heads) - 1, 0))
        book.close()
        with path.open("rb") as file:
            while piece := file.read(256 * 1024):
                yield piece


def _write(
    sheet: Any, row: int, column: int, value: Any, formats: dict[str, Any], zone: ZoneInfo, language: Language
) -> None:
    match value:
        case None | "":
            return
        case bool():
            sheet.write_string(row, column, _TRUTH[language][value])
        case Decimal():
            sheet.write_number(row, column, float(value), formats["money"])
        case int() if abs(value) < 10**15:
            sheet.write_number(row, column, value)
        case datetime():
            sheet.write_datetime(row, column, value.astimezone(zone).replace(tzinfo=None), formats["time"])
        case _:
            sheet.write_string(row, column, safe_text(str(value).translate(_BARRED))[:32_767])


def _written(value: Any, zone: ZoneInfo, language: Language) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return _TRUTH[language][value]
    return shown_safely(value)


def _sheet_name(title: str) -> str:
    return "".join(" " if letter in "[]:*?/\\'" else letter for letter in title)[:31].strip() or "1"
