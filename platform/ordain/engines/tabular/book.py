"""Workbooks: xlsx, xls and ods. Archives are weighed before they are opened; what is too large is refused.

The reader is native code over hostile input: call this in a process with limits, never in one that serves.
"""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.tabular.text import Row

COLUMNS: Final = 500
ROWS: Final = 1_000_000
_MEMBERS: Final = 1_000
_INFLATED: Final = 50_000_000
_RATIO: Final = 100
_SMALL: Final = 10_000  # a file this small may well be packed tightly


@dataclass(frozen=True, slots=True)
class Asked:
    """Which sheet ("" = the first with rows), and how its days and times are written as text."""

    sheet: str = ""
    date_format: str = "%Y-%m-%d"
    time_format: str = "%H:%M:%S"


def is_book(data: bytes) -> bool:
    """Tell whether this is a workbook by its first bytes: an archive, or the older compound file."""
    return data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def book_rows(data: bytes, asked: Asked) -> tuple[list[str], str, Iterator[Row]]:
    """Return the sheets, the one that is read, and its rows; Refused where it cannot or must not be read."""
    from python_calamine import CalamineError, PasswordError, load_workbook

    _weigh(data)
    try:
        book = load_workbook(io.BytesIO(data))
        name = asked.sheet if asked.sheet in book.sheet_names else ""
        sheet = book.get_sheet_by_name(name) if name else _first(book)
    except PasswordError:
        raise Refused(
            [problem("", "protected_file", "文件有密码，请去掉密码后上传", "The file has a password; remove it first")]
        ) from None
    except (CalamineError, ValueError, OSError) as error:
        raise Refused([_unreadable(error)]) from None
    if sheet is None or sheet.end is None:
        raise Refused([problem("", "empty_file", "工作簿里没有数据", "There are no rows in the workbook")])
    height, width = (place + 1 for place in sheet.end)
    if width > COLUMNS or height > ROWS:
        raise Refused([_too_large(width, height)])
    return list(book.sheet_names), sheet.name, _rows(sheet, asked)


def _first(book: Any) -> Any:
    sheets = [book.get_sheet_by_name(name) for name in book.sheet_names[:20]]
    return next((sheet for sheet in sheets if sheet.height > 1), sheets[0] if sheets else None)


def _rows(sheet: Any, asked: Asked) -> Iterator[Row]:
    before = [""] * (sheet.start or (0, 0))[1]  # the reader fills empty rows above, not empty columns at the left
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield number, before + [cell_text(cell, asked) for cell in cells]


def cell_text(value: Any, asked: Asked) -> str:
    """Return a cell as text: whole numbers without a point, days and times as they are asked for."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case dt.datetime():
            whole = value.time() == dt.time()
            return value.strftime(asked.date_format if whole else "%Y-%m-%d %H:%M:%S")
        case dt.date():
            return value.strftime(asked.date_format)
        case dt.time():
            return value.strftime(asked.time_format)
        case _:
            return str(value)


def _weigh(data: bytes) -> None:
    """Refuse archives that blow up: too many members, too large, packed too tightly; counted, not believed."""
    if not data.startswith(b"PK"):
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
        if len(members) > _MEMBERS:
            raise Refused([_bomb()])
        most = min(_INFLATED, _RATIO * max(len(data), _SMALL))
        if sum(member.file_size for member in members) > most or sum(_inflated(archive, most)) > most:
            raise Refused([_bomb()])
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused([_unreadable(error)]) from None
    if not any(member.filename in ("xl/workbook.xml", "xl/workbook.bin", "content.xml") for member in members):
        raise Refused(
            [
                problem(
                    "",
                    "wrong_type",
                    "这是压缩包，不是表格。请解压后上传其中的 .xlsx 或 .csv",
                    "This is an archive, no table. Unpack it and upload the .xlsx or .csv inside",
                )
            ]
        )


def _inflated(archive: zipfile.ZipFile, most: int) -> Iterator[int]:
    """Return the true sizes of what is read, ending soon after it is too much."""
    total = 0
    for member in archive.infolist():
        with archive.open(member) as stream:
            while block := stream.read(1 << 16):
                total += len(block)
                yield len(block)
                if total > most:
                    return


def _bomb() -> Problem:
    return problem("", "too_large", "文件解压后过大，请拆分后导入", "The file is too large once unpacked; split it")


def _unreadable(error: Exception) -> Problem:
    return problem(
        "",
        "bad_xlsx",
        f"Excel 文件无法读取（{type(error).__name__}），请用 Excel 打开后重新保存",
        f"The Excel file cannot be read ({type(error).__name__}); open it in Excel and save it anew",
    )


def _too_large(width: int, height: int) -> Problem:
    return problem(
        "",
        "too_large",
        f"表格有 {width} 列、{height} 行，最多 {COLUMNS} 列、{ROWS} 行。多余的空白请删除，数据请拆分",
        f"The sheet has {width} columns, {height} rows; at most {COLUMNS} and {ROWS}: delete the empty ones, split it",
    )
