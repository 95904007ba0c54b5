"""Workbooks are read in a process of their own; the hostile ones end it, with a sentence that says what to do."""

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter

from ordain.base.errors import Refused
from ordain.engines.tabular import Asked
from ordain.flows.importing.apart import book


def workbook(cells: Iterable[tuple[int, int, Any]], sheets: tuple[str, ...] = ("一", "二")) -> bytes:
    file = io.BytesIO()
    made = xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd hh:mm"})
    first, *_ = [made.add_worksheet(name) for name in sheets]
    for row, column, value in cells:
        first.write(row, column, value)
    made.close()
    return file.getvalue()


def archive(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return file.getvalue()


def read(data: bytes, asked: Asked = Asked()) -> list[tuple[int, list[str]]]:  # noqa: B008 frozen
    with book(data, asked) as found:
        return [(number, cells) for number, cells in found.rows]


def test_rows_keep_their_places_and_values_become_text() -> None:
    data = workbook([(2, 1, "数量"), (3, 1, 3), (3, 2, 1.5), (4, 1, datetime(2026, 11, 19, 8, 30))])  # noqa: DTZ001 as cells have it
    assert read(data)[2:] == [(3, ["", "数量", ""]), (4, ["", "3", "1.5"]), (5, ["", "2026-11-19 08:30:00", ""])]


def test_sheets_are_named_and_one_can_be_chosen() -> None:
    data = workbook([(0, 0, "a"), (1, 0, "b")])
    with book(data, Asked()) as found:
        assert (found.sheets, found.sheet) == (("一", "二"), "一")
    with pytest.raises(Refused) as refused:
        read(data, Asked(sheet="二"))
    assert refused.value.problems[0].code == "empty_file"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (workbook([(0, 0, "a"), (1_048_575, 16_383, "b")]), "too_large"),
        (workbook([(1_048_575, 16_383, "b")]), "too_large"),
        (workbook([(0, column, "a") for column in range(5000)]), "too_large"),
        (workbook([(0, 0, "a"), (1_048_575, 0, "b")]), "too_large"),
        (archive("xl/workbook.xml", b"0" * 60_000_000), "too_large"),
        (archive("notes.txt", b"hello"), "wrong_type"),
        (workbook([(0, 0, "a")])[:3000], "bad_xlsx"),
        (b"\xd0\xcf\x11\xe0" + bytes(1000), "bad_xlsx"),
    ],
    ids=[
        "far-cell",
        "only-a-far-cell",
        "5000-columns",
        "a-million-rows",
        "bomb",
        "an-archive",
        "cut-off",
        "no-workbook",
    ],
)
def test_hostile_workbooks_are_refused_with_a_way_on(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.problems[0].code == code


def test_an_archive_of_too_many_members_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for number in range(1001):
            made.writestr(f"{number}.xml", b"")
    with pytest.raises(Refused) as refused:
        read(file.getvalue())
    assert refused.value.problems[0].code == "too_large"
