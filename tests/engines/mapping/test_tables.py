"""Lookup tables as a grid: what is typed, pasted and imported is what stands there, and nothing else moves."""

from typing import Any

from ordain.engines.mapping.tables import MOST, Row, edited, pasted

TABLE: dict[str, Any] = {"A": "paid", "B": "shipped", "C": 3}


def test_rows_are_changed_renamed_removed_and_added_in_place() -> None:
    rows = [Row("A", "A1", "unpaid"), Row("C", "C", "4"), Row("", "D", "new"), Row("", "", "no key"), Row("", "E", "")]
    assert list(edited(TABLE, rows).items()) == [("A1", "unpaid"), ("B", "shipped"), ("C", 4), ("D", "new")]
    assert edited(TABLE, [], removed="B") == {"A": "paid", "C": 3}


def test_a_row_that_is_gone_meanwhile_comes_back_from_nobody() -> None:
    assert edited({"B": "x"}, [Row("A", "A", "paid")]) == {"B": "x"}


def test_an_empty_key_leaves_the_row_under_its_own() -> None:
    assert edited(TABLE, [Row("A", "  ", "held")])["A"] == "held"


def test_rows_of_a_spreadsheet_are_taken_in() -> None:
    made, found = pasted(TABLE, "B\tcompleted\nX\tcancelled\textra\n\n")
    assert found == []
    assert made == {"A": "paid", "B": "completed", "C": 3, "X": "cancelled"}
    assert pasted({}, '\ufeffk,"a,b"\r\nk2,c')[0] == {"k": "a,b", "k2": "c"}
    assert pasted({}, "k;v")[0] == {"k": "v"}


def test_a_row_without_two_columns_takes_nothing_in_and_says_which() -> None:
    made, found = pasted(TABLE, "X\t1\nonly one")
    assert made == TABLE
    assert "row 2" in found[0].message.en


def test_too_many_rows_take_nothing_in() -> None:
    made, found = pasted(TABLE, "\n".join(f"{number}\tx" for number in range(MOST + 1)))
    assert (made, found[0].code) == (TABLE, "too_many_rows")


def test_a_cell_that_was_kept_from_a_spreadsheet_is_read_as_it_was() -> None:
    assert pasted({}, "'=1+1,'-x")[0] == {"=1+1": "-x"}
    assert pasted({}, "'quoted',y")[0] == {"'quoted'": "y"}
