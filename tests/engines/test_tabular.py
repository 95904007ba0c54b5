"""Text files of every make, and the line of names in them."""

import pytest

from ordain.base.errors import Refused
from ordain.engines.tabular import header_of, text_rows, written
from ordain.engines.tabular.header import is_sum, letter

ROWS = [["订单号", "收货人", "备注"], ["A1", "林晓", "联通"], ["A2", "王芳", "第一行\n第二行"]]
TEXT = '订单号,收货人,备注\r\nA1,林晓,联通\r\nA2,王芳,"第一行\n第二行"\r\n'


def cells(data: bytes) -> list[list[str]]:
    return [row for _, row in text_rows(data, written(data))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_file_reads_alike_in_every_encoding_people_save_it_in(encoding: str) -> None:
    assert cells(TEXT.encode(encoding)) == ROWS


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_told_from_the_rows(delimiter: str) -> None:
    assert cells("\n".join(delimiter.join(row[:2]) for row in ROWS).encode()) == [row[:2] for row in ROWS]


def test_one_line_in_another_encoding_does_not_spoil_the_file() -> None:
    data = "名称\n甲\n".encode() + "乙\n".encode("gbk")
    assert cells(data) == [["名称"], ["甲"], ["乙"]]


def test_a_row_keeps_the_number_a_spreadsheet_shows() -> None:
    assert [number for number, _ in text_rows(TEXT.encode(), written(TEXT.encode()))] == [1, 2, 3]


def test_line_ends_of_old_machines_part_rows() -> None:
    assert cells(b"a,b\r1,2\r") == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b" \n\n", "empty_file"),
        (b"%PDF-1.7 ...", "wrong_type"),
        (b"a\0b\0c\0", "wrong_type"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web_page"),
        (b"\x80\xff\x81\n" * 20, "not_decodable"),
    ],
)
def test_what_holds_no_rows_is_told_for_what_it_is(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        written(data)
    assert refused.value.problems[0].code == code


def test_a_quote_that_never_ends_is_told_with_its_row() -> None:
    data = b'a,b\n1,2\n3,"' + b"x" * 200_000
    with pytest.raises(Refused) as refused:
        cells(data)
    assert (refused.value.problems[0].path, refused.value.problems[0].code) == ("rows.3", "bad_csv")


def test_the_header_is_found_below_titles_and_notes() -> None:
    rows = [
        (1, ["2026 年 11 月供应商"]),
        (2, ["导出时间", "2026-11-19"]),
        (3, ["编码", "名称", "金额"]),
        (4, ["1", "甲", "2.5"]),
    ]
    assert header_of(rows).row == 3


def test_known_names_speak_for_a_row_of_words_among_rows_of_words() -> None:
    rows = [(1, ["甲", "乙", "丙"]), (2, ["名称", "城市", "备注"]), (3, ["丁", "戊", "己"])]
    assert header_of(rows, {"名称", "城市"}).row == 2
    assert header_of(rows, {"名称"}, at=3).names == ("丁", "戊", "己")


def test_columns_without_a_name_and_names_given_twice_can_be_told_apart() -> None:
    assert header_of([(1, ["sku", "", "sku", "数\n量", ""])]).names == ("sku", "B", "sku (2)", "数 量")


def test_sums_below_the_rows_are_none() -> None:
    assert is_sum(["", "合计：", "12"])
    assert not is_sum(["合计行李", "12"])
    assert (letter(0), letter(26), letter(701)) == ("A", "AA", "ZZ")
