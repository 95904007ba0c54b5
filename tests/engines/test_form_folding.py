"""Large forms: what is folded comes back as it was, whatever is done around it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordain.base import json
from ordain.base.errors import problem
from ordain.engines.form import act, compile_shape, draw, drawing, read
from ordain.engines.form.folding import after, drawn, size
from ordain.engines.form.names import IS, KEPT, ROW
from tests.engines.test_form import DOCUMENTS, SCHEMA, SHAPE, named, pairs, views

NOTHING = frozenset[str]().__contains__
INSIDE = compile_shape({"type": "object", "properties": {"spec": SCHEMA}, "required": ["spec"]})
LONG = [{"sku": "x"}] * 60
LINES = {"spec": {"name": "x", "lines": [{"sku": "A"}, {"sku": "B"}, {"sku": "C"}]}}


@pytest.fixture(autouse=True)
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no part be small enough to open as a whole, but where a test is about that."""
    if "opens_as_a_whole" not in request.node.name:
        monkeypatch.setattr(drawing, "_SMALL", 0)


@given(DOCUMENTS)
def test_a_folded_document_comes_back_as_it_was(document: dict[str, Any]) -> None:
    whole = {"spec": document}
    view = draw(INSIDE, whole, drawn=NOTHING)
    posted = read(INSIDE, pairs(view), whole)
    assert posted.problems == []
    assert json.canonical(posted.document) == json.canonical(whole)


def test_rows_and_sections_are_folded_but_for_those_named_and_those_with_problems() -> None:
    view = draw(INSIDE, LINES, drawn=NOTHING)
    assert named(view, "spec/lines").how == "folded"
    assert (named(view, "spec/lines").count, named(view, "spec/lines").value) == (3, "A · B · C")
    view = draw(INSIDE, LINES, drawn={"spec/lines", "spec/lines/r1"}.__contains__)
    assert [part.how for part in named(view, "spec/lines").parts] == ["folded", "group", "folded"]
    found = [problem("spec.lines.2.sku", "unknown", "未知", "unknown")]
    view = draw(INSIDE, LINES, found, drawn=NOTHING)
    assert [part.how for part in named(view, "spec/lines").parts] == ["folded", "folded", "group"]
    assert named(view, "spec/lines/r2/sku").problems == found


def test_what_is_typed_in_an_open_row_is_taken_and_the_folded_ones_stay() -> None:
    view = draw(INSIDE, LINES, drawn={"spec/lines", "spec/lines/r1"}.__contains__)
    typed = [(name, "Z" if name == "spec/lines/r1/sku" else text) for name, text in pairs(view)]
    assert [line["sku"] for line in read(INSIDE, typed, LINES).document["spec"]["lines"]] == ["A", "Z", "C"]


def test_folded_rows_are_dragged_and_removed() -> None:
    posted = list(pairs(draw(INSIDE, LINES, drawn={"spec/lines"}.__contains__)))
    rows = [pair for pair in posted if pair[0] == "spec/lines" + ROW]
    moved = [pair for pair in posted if pair not in rows] + rows[::-1]
    assert [line["sku"] for line in read(INSIDE, moved, LINES).document["spec"]["lines"]] == ["C", "B", "A"]
    left = [pair for pair in posted if pair[1] != "r0" and not pair[0].startswith("spec/lines/r0")]
    assert [line["sku"] for line in read(INSIDE, left, LINES).document["spec"]["lines"]] == ["B", "C"]


def test_a_folded_row_that_moved_meanwhile_is_found_by_its_content_and_one_that_changed_is_said() -> None:
    posted = list(pairs(draw(INSIDE, LINES, drawn={"spec/lines"}.__contains__)))
    shifted = {"spec": {"name": "x", "lines": [{"sku": "NEW"}, {"sku": "A"}, {"sku": "B"}, {"sku": "C"}]}}
    back = read(INSIDE, posted, shifted)
    assert [line["sku"] for line in back.document["spec"]["lines"]] == ["A", "B", "C"]
    assert back.problems == []
    changed = {"spec": {"name": "x", "lines": [{"sku": "A"}, {"sku": "B2"}, {"sku": "C"}]}}
    back = read(INSIDE, posted, changed)
    assert [line["sku"] for line in back.document["spec"]["lines"]] == ["A", "B2", "C"]
    assert [(found.path, found.code) for found in back.problems] == [("spec.lines.1", "changed_meanwhile")]


def test_what_is_drawn_follows_rows_that_were_dragged() -> None:
    view = draw(INSIDE, LINES, drawn={"spec/lines", "spec/lines/r2"}.__contains__)
    posted = list(pairs(view))
    rows = [pair for pair in posted if pair[0] == "spec/lines" + ROW]
    assert "spec/lines/r0" in drawn([pair for pair in posted if pair not in rows] + rows[::-1])


def test_what_is_drawn_follows_acts() -> None:
    names = {"spec", "spec/lines", "spec/lines/r1", "spec/lines/r2/deep"}
    assert after(names, "remove", "spec/lines/r0", 2) == {"spec", "spec/lines", "spec/lines/r0", "spec/lines/r1/deep"}
    assert after(names, "remove", "spec/lines/r1", 2) == {"spec", "spec/lines", "spec/lines/r1/deep"}
    assert after(names, "up", "spec/lines/r2", 3) == {"spec", "spec/lines", "spec/lines/r2", "spec/lines/r1/deep"}
    assert after(names, "add", "spec/lines", 4) == {*names, "spec/lines/r3"}


@given(st.lists(st.sampled_from(["add", "up", "down", "remove"]), max_size=6), st.integers(0, 2))
def test_no_row_is_lost_by_acts_on_a_folded_list(words: list[str], place: int) -> None:
    document: Any = LINES
    for word in words:
        posted = read(INSIDE, pairs(draw(INSIDE, document, drawn={"spec/lines"}.__contains__)), document).document
        assert posted == document
        name = "spec/lines" if word == "add" else f"spec/lines/r{place}"
        document = act(INSIDE, posted, word, name)
    assert read(INSIDE, pairs(draw(INSIDE, document)), document).document == document


def test_a_grid_is_never_drawn_with_the_form_and_stays() -> None:
    table = {"type": "object", "x-widget": "grid", "additionalProperties": {}}
    shape = compile_shape({"type": "object", "properties": {"table": table}, "required": ["table"]})
    document = {"table": {str(number): number for number in range(5000)}}
    view = draw(shape, document)
    assert sum(1 for _ in views(view)) == 2
    assert read(shape, pairs(view), document).document == document


def test_counting_ends_soon() -> None:
    assert size({"a": [1, {"b": 2}]}) == 2
    assert size(list(range(10_000)), 100) == 101


def test_a_mark_nobody_gave_out_takes_nothing_in() -> None:
    back = read(SHAPE, [("name", "x"), ("lines" + KEPT, "feed"), ("lines" + IS, "1")], {"lines": [{"sku": "A"}]})
    assert back.document["lines"] == [{"sku": "A"}]
    assert [found.code for found in back.problems] == ["changed_meanwhile"]


def test_a_small_part_opens_as_a_whole_and_a_large_one_by_its_rows() -> None:
    view = draw(INSIDE, {"spec": {"name": "x", "lines": LONG}}, drawn={"spec/lines"}.__contains__)
    assert {part.how for part in named(view, "spec/lines").parts} == {"folded"}
    view = draw(INSIDE, LINES, drawn={"spec/lines"}.__contains__)
    assert {part.how for part in named(view, "spec/lines").parts} == {"group"}
