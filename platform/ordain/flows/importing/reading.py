"""Putting a file's rows where they wait: read apart or line by line, in batches, sealed; and finding its header."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from ordain.base.errors import Refused, problem
from ordain.engines.tabular import Asked, Written, header_of, is_book, text_rows, written
from ordain.engines.tabular.header import LOOK, Header, is_sum
from ordain.engines.tabular.text import Row
from ordain.flows.importing.apart import book

MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 500
TOP: Final = 15


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written and where its rows begin; as it is kept with the import."""

    kind: str = ""  # book | text
    encoding: str = ""
    delimiter: str = ""
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    header: int = 0
    columns: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Layout":
        """Read the stored form."""
        plain = {name: stored.get(name, "") for name in ("kind", "encoding", "delimiter", "sheet")}
        return cls(
            **plain, sheets=tuple(stored.get("sheets", ())), header=int(stored.get("header", 0)),
            columns=tuple(stored.get("columns", ())),
        )  # fmt: skip


@contextmanager
def opened(data: bytes, wanted: Layout, known: frozenset[str]) -> Iterator[tuple[Layout, Iterator[Row]]]:
    """Open a file: how it is written, and its rows behind the header; `wanted` is what a person chose of it.

    Refused, also in the midst of the rows, where it cannot be read.
    """
    if is_book(data):
        with book(data, Asked(sheet=wanted.sheet)) as found:
            header, rows = _behind(found.rows, wanted, known)
            made = Layout("book", "", "", found.sheets, found.sheet, header.row, header.names)
            yield made, _body(rows, header)
        return
    how = _how(data, wanted)
    header, rows = _behind(text_rows(data, how), wanted, known)
    made = Layout("text", how.encoding, how.delimiter, (), "", header.row, header.names)
    yield made, _body(rows, header)


def _how(data: bytes, wanted: Layout) -> Written:
    found = written(data, wanted.encoding)
    return Written(found.encoding, wanted.delimiter or found.delimiter)


def top_of(data: bytes, wanted: Layout) -> list[Row]:
    """Return the first rows of a file, for a person to choose the header among."""
    if is_book(data):
        with book(data, Asked(sheet=wanted.sheet)) as found:
            return list(islice(found.rows, TOP))
    return list(islice(text_rows(data, _how(data, wanted)), TOP))


class _Rows:
    """Rows of which the first are held back, so that they can be looked at and read again."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self.top: list[Row] = list(islice(rows, LOOK))
        self.rest = rows

    def __iter__(self) -> Iterator[Row]:
        yield from self.top
        yield from self.rest


def _behind(rows: Iterator[Row], wanted: Layout, known: frozenset[str]) -> tuple[Header, _Rows]:
    held = _Rows(rows)
    if not any(cell.strip() for _, cells in held.top for cell in cells):
        raise Refused([problem("", "empty_file", "文件里没有数据", "There are no rows in the file")])
    header = header_of(held.top, known, wanted.header)
    if len(header.names) > MOST_COLUMNS:
        raise Refused(
            [
                problem(
                    "",
                    "too_large",
                    f"有 {len(header.names)} 列，最多 {MOST_COLUMNS} 列。请删除不需要的列",
                    f"It has {len(header.names)} columns, at most {MOST_COLUMNS}; delete those you do not need",
                )
            ]
        )
    return header, held


def _body(rows: _Rows, header: Header) -> Iterator[Row]:
    """Return the rows below the header that hold anything and are no sum."""
    width, count = len(header.names), 0
    for number, cells in rows:
        if number <= header.row or not any(cell.strip() for cell in cells) or is_sum(cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise Refused(
                [
                    problem(
                        f"rows.{number}",
                        "too_many_rows",
                        f"超过 {MOST_ROWS} 行，请拆成几个文件",
                        f"There are over {MOST_ROWS} rows; split them into several files",
                    )
                ]
            )
        yield number, _fitted(cells, width)


def _fitted(cells: Sequence[str], width: int) -> list[str]:
    """Return a row as wide as the header; what stands beyond stays, so that it can be told."""
    last = max((place for place, cell in enumerate(cells) if cell.strip()), default=0) + 1
    return [*cells[: max(width, last)], *[""] * (width - len(cells))]
