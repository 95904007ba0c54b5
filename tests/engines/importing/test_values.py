"""What cells mean, and which column is which."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ordain.base.text import Text
from ordain.engines.importing import Column, Goal, Plan, RowReader, assemble, order_goals, place_of, suggest
from ordain.engines.importing.goals import Kind
from ordain.engines.importing.values import Unreadable, read_value

ZONE = ZoneInfo("Asia/Shanghai")
LEVEL = Goal("level", Text("等级", "Level"), "choice", options={"a": Text("甲级", "Grade A")}, also={"一等": "a"})


def goal(kind: Kind) -> Goal:
    return LEVEL if kind == "choice" else Goal("x", Text("某", "X"), kind)


@pytest.mark.parametrize(
    ("kind", "text", "how", "value"),
    [
        ("integer", " 1,200 ", "", 1200),
        ("integer", "３", "", 3),
        ("integer", "2.0", "", 2),
        ("decimal", "-0.5", "", Decimal("-0.5")),
        ("money", "¥1,299.00元", "", 129900),
        ("money", "(12.5)", "", -1250),
        ("money", "1299", "minor", 1299),
        ("bool", "是", "", True),
        ("bool", "×", "", False),
        ("date", "2026年3月1日", "", "2026-03-01"),
        ("date", "2026/3/1", "", "2026-03-01"),
        ("date", "20260301", "", "2026-03-01"),
        ("date", "46082", "", "2026-03-01"),
        ("date", "1/3/2026", "dmy", "2026-03-01"),
        ("date", "3/1/26", "mdy", "2026-03-01"),
        ("datetime", "2026-03-01 8:05", "", "2026-03-01T08:05"),
        ("moment", "2026-03-01 08:05:09", "", "2026-03-01T00:05:09.000Z"),
        ("moment", "2026-03-01T08:05:09+08:00", "", "2026-03-01T00:05:09.000Z"),
        ("moment", "1772323509", "", "2026-03-01T00:05:09.000Z"),
        ("choice", "甲级", "", "a"),
        ("choice", "grade a", "", "a"),
        ("choice", "一等", "", "a"),
        ("text", "\ufeff 禾木 ", "", "禾木"),
        ("text", "  ", "", None),
    ],
)
def test_a_cell_is_read_as_its_field_wants(kind: Kind, text: str, how: str, value: Any) -> None:
    assert read_value(goal(kind), text, how, ZONE) == value


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("integer", "2.5", "not_integer"),
        ("integer", "abc", "not_number"),
        ("money", "1e9", "not_number"),
        ("money", "9" * 20, "out_of_range"),
        ("bool", "maybe", "not_bool"),
        ("date", "2026-13-40", "not_date"),
        ("date", "20261340", "not_date"),
        ("moment", "2026-03-01 25:00", "not_date"),
        ("choice", "丙级", "not_an_option"),
        ("text", "禾\ufffd", "bad_character"),
    ],
)
def test_what_a_field_cannot_be_is_told(kind: Kind, text: str, code: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read_value(goal(kind), text, "", ZONE)
    assert unreadable.value.code == code


def test_columns_are_told_by_their_names_in_both_languages_and_by_their_values() -> None:
    names = ["order_id", "创建时间", "Status", "联系方式", "实付（元）", "X9", "商家编码", "Qty"]
    sample = ["A1", "2026-11-19 10:00:00", "待发货", "13812345678", "12.50", "备注", "SKU-1", "2"]
    plan = suggest(order_goals(), names, [[value] * 3 for value in sample])
    assert {place: column.to for place, column in plan.columns.items()} == {
        0: "external_id", 1: "placed_at", 2: "state", 3: "buyer.phone", 4: "total", 6: "lines.sku", 7: "lines.quantity",
    }  # fmt: skip


def test_the_order_of_a_day_is_told_by_the_column() -> None:
    plan = suggest([Goal("x", Text("日期", "Day"), "date", words=("日期",))], ["日期"], [["13/02/2026", "01/02/2026"]])
    assert plan.columns == {0: Column("x", "dmy")}


def test_rows_of_one_record_share_its_fields_and_a_problem_finds_its_cell() -> None:
    goals = {one.name: one for one in order_goals()}
    plan = Plan({0: Column("external_id"), 1: Column("lines.sku"), 2: Column("lines.quantity")}, {"state": "已付款"})
    reader = RowReader(plan, goals, ZONE)
    read = [reader.read(cells) for cells in (["T1", "A", "1"], ["T1", "", ""], ["T1", "B", "x"])]
    assert [[one.code for one in trouble] for _, trouble in read] == [[], [], ["not_number"]]
    piece = assemble(goals, [values for values, _ in read])
    assert piece.data == {"external_id": "T1", "state": "paid", "lines": [{"sku": "A", "quantity": 1}, {"sku": "B"}]}
    assert place_of(plan, piece, "lines.1.quantity") == (2, 2)
    assert place_of(plan, piece, "external_id") == (0, 0)
    assert place_of(plan, piece, "total") == (0, None)
