"""Text files of rows: which encoding, which delimiter, and their rows, one at a time."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from ordain.base.errors import Problem, Refused, problem

Row = tuple[int, list[str]]
"""The row's number as a spreadsheet counts, from 1, and its cells."""

# What a person may choose; the first two are told apart by themselves.
ENCODINGS: Final = ("utf-8", "gb18030", "utf-16", "big5", "shift_jis", "cp1252")
_DELIMITERS: Final = (",", "\t", ";", "|")
_CELL: Final = 32_767  # what a spreadsheet's cell holds
_SAMPLE: Final = 40
# Beginnings of files that hold no rows, with the word for what they are.
_OTHERS: Final = {
    b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"Rar!": "RAR", b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip", b"MZ": "EXE", b"\x7fELF": "ELF", b"SQLite": "SQLite", b"{\\rtf": "RTF",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """How a text file is written."""

    encoding: str
    delimiter: str


def written(data: bytes, encoding: str = "") -> Written:
    """Return how a file is written; Refused where it is no text, or in no encoding we can tell and none is given."""
    _refuse_others(data)
    encoding = encoding or _encoding(data)
    return Written(encoding, _delimiter(islice(_lines(data, encoding), _SAMPLE)))


def text_rows(data: bytes, how: Written) -> Iterator[Row]:
    """Return the rows of a text file; Refused in the middle where a quote never ends."""
    csv.field_size_limit(_CELL * 4)
    reader = csv.reader(_lines(data, how.encoding), delimiter=how.delimiter)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, [cell.replace("\0", "") for cell in cells]
    except csv.Error as error:
        raise Refused([_bad_csv(number + 1, error)]) from None


def decode_line(line: bytes, encoding: str = "utf-8") -> str:
    """Return one line as text: as the file is written, else as the other usual way, else with marks."""
    for each in (encoding, "utf-8", "gb18030"):
        try:
            return line.decode(each)
        except UnicodeDecodeError:
            continue
    return line.decode(encoding, "replace")


def _lines(data: bytes, encoding: str) -> Iterator[str]:
    """Decode line by line: one line in another encoding does not spoil the file, and no second copy is held."""
    if encoding == "utf-16":
        yield from io.StringIO(data.decode("utf-16", "replace"), newline="")
        return
    stream = io.BytesIO(data)
    if data.startswith(b"\xef\xbb\xbf"):
        stream.seek(3)
    if b"\n" not in data and b"\r" in data:
        yield from io.StringIO(decode_line(data, encoding).replace("\r", "\n"), newline="")
        return
    for line in stream:
        yield decode_line(line, encoding)


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in data[:8192]:
        raise Refused([_not_rows("二进制文件", "binary data")])
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    unicode = chinese = neither = 0
    for line in io.BytesIO(data):
        if line.isascii():
            continue
        if _decodes(line, "utf-8"):
            unicode += 1
        elif _decodes(line, "gb18030"):
            chinese += 1
        else:
            neither += 1
    if neither > (unicode + chinese + neither) / 2:
        raise Refused(
            [
                problem(
                    "",
                    "not_decodable",
                    "无法识别文件编码，请在 Excel 中另存为“CSV UTF-8”，或在上传时选择编码",
                    "The file's encoding cannot be told; save it as “CSV UTF-8”, or choose its encoding",
                )
            ]
        )
    return "gb18030" if chinese > unicode else "utf-8"


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(lines: Iterable[str]) -> str:
    """Return what parts most of the lines into the same number of cells."""
    sample = [line for line in lines if line.strip()]
    best, most = ",", (0, 0)
    for delimiter in _DELIMITERS:
        try:
            widths = Counter(len(cells) for cells in csv.reader(sample, delimiter=delimiter) if len(cells) > 1)
        except csv.Error:
            continue
        score = max(((count, width) for width, count in widths.items()), default=(0, 0))
        if score > most:
            best, most = delimiter, score
    return best


def _refuse_others(data: bytes) -> None:
    if not data.strip():
        raise Refused(
            [
                problem(
                    "",
                    "empty_file",
                    "文件是空的，请检查导出是否成功",
                    "The file is empty; see whether its export worked",
                )
            ]
        )
    for beginning, word in _OTHERS.items():
        if data.startswith(beginning):
            raise Refused([_not_rows(f"{word} 文件", f"a {word} file")])
    if data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise Refused(
            [
                problem(
                    "",
                    "web_page",
                    "这是一个网页，只是扩展名像表格。请用 Excel 打开，另存为 .xlsx 后上传",
                    "This is a web page under a spreadsheet's name. Open it in Excel and save it as .xlsx",
                )
            ]
        )


def _not_rows(zh: str, en: str) -> Problem:
    return problem(
        "",
        "wrong_type",
        f"这是{zh}，不是表格。请上传 .xlsx、.xls 或 .csv",
        f"This is {en}, no table. Upload .xlsx, .xls or .csv",
    )


def _bad_csv(number: int, error: csv.Error) -> Problem:
    if "field larger" in str(error):
        zh, en = "有一个引号没有结束", "a quote never ends"
    else:
        zh, en = f"CSV 无法解析：{error}", f"the CSV cannot be parsed: {error}"
    return problem(f"rows.{number}", "bad_csv", f"第 {number} 行起{zh}", f"From row {number} on, {en}")
