"""From rows to a channel's documents: `{"receipt": key, "rows": [{column: text}, ...]}`.

The rows that share their grouping column belong together, in the order of the file. Rows that do not fit the
header are reported and left as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.tabular.book import Asked
from ordain.engines.tabular.text import Row, Written, text_rows, written

ROW_LIMIT: Final = 1_000_000


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

    @property
    def asked(self) -> Asked:
        """What to ask of a workbook."""
        return Asked("", self.date_format, self.time_format)


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
    """Return the documents of a text file; Refused where no header is found."""
    return documents(text_rows(data, Written(written(data).encoding, layout.delimiter)), layout)


def documents(lines: Iterable[Row], layout: Layout) -> Sheet:
    """Return the documents of a file's rows; Refused where no header is found."""
    header: list[str] | None = None
    groups: dict[str, tuple[list[Mapping[str, str]], list[int]]] = {}
    problems: list[Problem] = []
    count = 0
    for number, cells in lines:
        if header is None:
            header = [cell.strip() for cell in cells] if is_header(cells, layout) else None
            continue
        if is_none(cells, layout):
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
        raise Refused([no_header(layout)])
    found = tuple(Document(key, tuple(rows), tuple(numbers)) for key, (rows, numbers) in groups.items())
    return Sheet(found, tuple(problems), count)


def is_header(cells: Sequence[str], layout: Layout) -> bool:
    """Tell whether a row holds all the names a channel's file begins with."""
    found = {cell.strip().lstrip("\ufeff") for cell in cells}
    return set(layout.columns) <= found


def is_none(cells: Sequence[str], layout: Layout) -> bool:
    """Tell whether a row is empty, or a sum below the rows."""
    return not any(cell.strip() for cell in cells) or cells[0].strip() in layout.skip_first


def no_header(layout: Layout) -> Problem:
    """Return the problem of a file without the line of names its channel gives."""
    wanted = "、".join(layout.columns[:6])
    return problem(
        "", "no_header", f"没有找到表头行，应包含：{wanted}", f"No header row found; it should hold: {wanted}"
    )


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
