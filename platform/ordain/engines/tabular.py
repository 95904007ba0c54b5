"""Files of rows: bytes in, documents out. CSV in whatever encoding, xlsx through a safe reader.

Each document is `{"receipt": key, "rows": [{column: text}, ...]}`: the rows that share their grouping column,
in the order of the file. Rows that do not fit the header are reported and left as they are.
"""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ordain.base.errors import Problem, Refused, problem

ROW_LIMIT: Final = 1_000_000
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
_MEMBERS: Final = 1_000
_INFLATED: Final = 50_000_000
_RATIO: Final = 100


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a file: the columns that make a header, what groups rows, which rows are none."""

    columns: tuple[str, ...]
    group_by: str
    skip_first: tuple[str, ...] = ()
    delimiter: str = ","
    date_format: str = "%Y/%m/%d"
    time_format: str = "%H:%M:%S"

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> "Layout":
        """Read the `intakes.file` part of a channel's spec."""
        given = {name: spec[name] for name in ("delimiter", "date_format", "time_format") if name in spec}
        return cls(tuple(spec["columns"]), spec["group_by"], tuple(spec.get("skip_first", ())), **given)


@dataclass(frozen=True, slots=True)
class Document:
    """Rows that belong together, with the numbers of the rows they came from."""

    key: str
    rows: tuple[Mapping[str, str], ...]
    numbers: tuple[int, ...]

    def payload(self) -> dict[str, Any]:
        """Return what a mapping reads."""
        return {"receipt": self.key, "rows": [dict(row) for row in self.rows]}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file read: its documents, and what was odd about which row."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    rows: int


def read(data: bytes, layout: Layout) -> Sheet:
    """Return the documents of a CSV or xlsx file; Refused where no header is found or the file is a bomb."""
    lines = _xlsx(data, layout) if data[:4] == b"PK\x03\x04" else _csv(data, layout)
    return _gather(lines, layout)


def decode_line(line: bytes) -> str:
    """Return one line as text: UTF-8, else GB18030, else with marks for what cannot be read."""
    for encoding in _ENCODINGS:
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("utf-8", "replace")


def _csv(data: bytes, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Decode line by line: one line in another encoding does not spoil the file."""
    text = "".join(decode_line(line) for line in data.splitlines(keepends=True))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise Refused(
            [
                problem(
                    f"rows.{reader.line_num}", "bad_csv", f"CSV 无法解析：{error}", f"The CSV cannot be parsed: {error}"
                )
            ]
        ) from None


def _xlsx(data: bytes, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineError, load_workbook

    _guard(data)
    try:
        book = load_workbook(io.BytesIO(data))
        sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    except (CalamineError, ValueError) as error:
        raise Refused(
            [problem("", "bad_xlsx", f"Excel 文件无法读取：{error}", f"The Excel file cannot be read: {error}")]
        ) from None
    for rows in sheets:
        if any(_is_header([_cell(cell, layout) for cell in row], layout) for row in rows[:50]):
            yield from ((number, [_cell(cell, layout) for cell in row]) for number, row in enumerate(rows, 1))
            return


def _guard(data: bytes) -> None:
    """Refuse archives that blow up: too many members, too large, packed too tightly."""
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except zipfile.BadZipFile:
        raise Refused([problem("", "bad_xlsx", "Excel 文件已损坏", "The Excel file is broken")]) from None
    inflated = sum(member.file_size for member in members)
    if len(members) > _MEMBERS or inflated > _INFLATED or inflated > _RATIO * max(len(data), 10_000):
        raise Refused(
            [problem("", "too_large", "文件解压后过大，请拆分后导入", "The file is too large once unpacked; split it")]
        )


def _gather(lines: Iterable[tuple[int, list[str]]], layout: Layout) -> Sheet:
    header: list[str] | None = None
    groups: dict[str, tuple[list[Mapping[str, str]], list[int]]] = {}
    problems: list[Problem] = []
    count = 0
    for number, cells in lines:
        if header is None:
            header = [cell.strip() for cell in cells] if _is_header(cells, layout) else None
            continue
        if not any(cell.strip() for cell in cells) or cells[0].strip() in layout.skip_first:
            continue
        count += 1
        if count > ROW_LIMIT:
            raise Refused([problem(f"rows.{number}", "too_many_rows", "行数过多", f"more than {ROW_LIMIT} rows")])
        problems.extend(_ragged(number, cells, header))
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
        rows, numbers = groups.setdefault(row.get(layout.group_by, "") or f"row-{number}", ([], []))
        if row not in rows:  # exports overlap: the same line again is the same line
            rows.append(row)
            numbers.append(number)
    if header is None:
        wanted = "、".join(layout.columns[:6])
        raise Refused(
            [
                problem(
                    "",
                    "no_header",
                    f"没有找到表头行，应包含：{wanted}",
                    f"No header row found; it should hold: {wanted}",
                )
            ]
        )
    documents = tuple(Document(key, tuple(rows), tuple(numbers)) for key, (rows, numbers) in groups.items())
    return Sheet(documents, tuple(problems), count)


def _is_header(cells: Sequence[str], layout: Layout) -> bool:
    found = {cell.strip().lstrip("\ufeff") for cell in cells}
    return set(layout.columns) <= found


def _ragged(number: int, cells: Sequence[str], header: Sequence[str]) -> list[Problem]:
    if len(cells) == len(header):
        return []
    return [
        problem(
            f"rows.{number}",
            "ragged_row",
            f"第 {number} 行有 {len(cells)} 列，表头有 {len(header)} 列",
            f"row {number} has {len(cells)} columns, the header has {len(header)}",
        )
    ]


def _cell(value: Any, layout: Layout) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case dt.datetime():
            return value.strftime(layout.date_format if value.time() == dt.time() else "%Y-%m-%d %H:%M:%S")
        case dt.date():
            return value.strftime(layout.date_format)
        case dt.time():
            return value.strftime(layout.time_format)
        case _:
            return str(value)
