"""The form engine: what is drawn and posted back unchanged is the same document; what is odd is said beside its field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordain import kinds
from ordain.base import json
from ordain.base.errors import Refused, problem
from ordain.engines.form import View, act, blank, compile_shape, draw, read
from ordain.engines.form.names import BRANCH, EMPTY, IS, KEPT, KEY, ROW

STARTERS = sorted((Path(__file__).parents[2] / "definitions" / "starter").rglob("*.json"))
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "lines"],
    "properties": {
        "name": {"type": "string", "x-title": {"zh": "名称", "en": "Name"}},
        "note": {"type": "string", "x-widget": "long"},
        "amount": {"type": "integer", "x-widget": "money"},
        "share": {"type": "number"},
        "on": {"type": "boolean"},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "secret": {"type": "string", "x-secret": True},
        "lines": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]},
        },
        "more": {"type": "object", "additionalProperties": {"type": "integer"}},
        "part": {"type": "object", "properties": {"deep": {"type": "string"}}, "required": []},
        "either": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        "free": {},
    },
}
SHAPE = compile_shape(SCHEMA)


def pairs(view: View) -> Iterator[tuple[str, str]]:
    """Return what a browser posts of a view that nobody touched."""
    if view.how == "absent":
        return
    if view.how == "leaf":
        if view.widget == "fixed":
            return
        if view.value or view.required or view.empty:
            yield view.name, view.value
        if view.empty:
            yield view.name + EMPTY, "1"
        return
    if view.kept:
        yield view.name + KEPT, view.kept
        return
    yield view.name + IS, "1"
    if view.how == "union":
        yield view.name + BRANCH, view.branch
    for part in view.parts:
        if part.row:
            yield view.name + ROW, part.row
        if part.key is not None:
            yield part.name + KEY, part.key
        yield from pairs(part)


def views(view: View) -> Iterator[View]:
    yield view
    for part in view.parts:
        yield from views(part)


def named(view: View, name: str) -> View:
    return next(part for part in views(view) if part.name == name)


@pytest.mark.parametrize("file", STARTERS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_starter_is_drawn_and_posted_back_unchanged(file: Path) -> None:
    document = json.loads(file.read_bytes())
    kind = kinds.get(document["kind"])
    assert kind is not None
    shape = compile_shape(kind.schema)
    posted = read(shape, pairs(draw(shape, document)), document)
    assert (posted.problems, json.canonical(posted.document)) == ([], json.canonical(document))


@pytest.mark.parametrize("kind", kinds.all_kinds(), ids=lambda kind: kind.name)
def test_every_kind_can_be_begun_from_nothing(kind: kinds.Kind) -> None:
    shape = compile_shape(kind.schema)
    assert blank(shape)["kind"] == kind.name
    assert draw(shape, blank(shape)).how == "group"


JSON = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(-(10**6), 10**6), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)
DOCUMENTS = st.fixed_dictionaries(
    {"name": st.text(max_size=8).filter(lambda t: "\r" not in t), "lines": st.lists(st.fixed_dictionaries({"sku": st.just("A")}), max_size=4)},
    optional={
        "note": st.text(max_size=8).filter(lambda t: "\r" not in t),
        "amount": st.integers(-10**9, 10**9),
        "on": st.booleans(),
        "kind": st.sampled_from(["a", "b"]),
        "more": st.dictionaries(st.text("abc.~/", min_size=1, max_size=4), st.integers(0, 9), max_size=3),
        "part": st.fixed_dictionaries({}, optional={"deep": st.just("x")}),
        "either": st.one_of(st.just("one"), st.lists(st.just("two"), max_size=3)),
        "free": JSON,
    },
)  # fmt: skip


@given(DOCUMENTS)
def test_any_document_of_a_shape_comes_back_as_it_was(document: dict[str, Any]) -> None:
    posted = read(SHAPE, pairs(draw(SHAPE, document)), document)
    assert posted.problems == []
    assert json.canonical(posted.document) == json.canonical(document)


@given(st.lists(st.tuples(st.text("abcinlmorsu/~-.0123//", max_size=12), st.text(max_size=6)), max_size=12))
def test_nothing_posted_makes_it_fall_over(posted: list[tuple[str, str]]) -> None:
    read(SHAPE, posted)


def test_what_cannot_be_read_stays_as_typed_with_a_problem_beside_it() -> None:
    posted = read(SHAPE, [("name", "x"), ("amount", "12,3o"), ("lines" + IS, "1")], {"amount": 5})
    assert [(found.path, found.code) for found in posted.problems] == [("amount", "type")]
    assert posted.document["amount"] == 5
    view = named(draw(SHAPE, posted.document, posted.problems, posted.typed), "amount")
    assert view.value == "12,3o"
    assert [found.code for found in view.problems] == ["type"]


def test_foreign_keys_are_said_and_not_kept() -> None:
    posted = read(
        SHAPE, [("name", "x"), ("admin", "true"), ("lines/r0/price", "1"), ("lines" + ROW, "r0"), ("lines/r0/sku", "A")]
    )
    assert {found.code for found in posted.problems} == {"foreign_field"}
    assert posted.document == {"name": "x", "lines": [{"sku": "A"}]}


def test_money_is_typed_in_units_and_kept_in_minor_units() -> None:
    assert named(draw(SHAPE, {"amount": 1290}), "amount").value == "12.90"
    assert read(SHAPE, [("name", ""), ("amount", "12.9")]).document["amount"] == 1290


def test_a_secret_is_never_shown_and_stays_when_posted_back_covered() -> None:
    view = named(draw(SHAPE, {"name": "x", "secret": "s3cret"}), "secret")
    assert view.value == "••••••"
    assert read(SHAPE, [("name", "x"), ("secret", view.value)], {"secret": "s3cret"}).document["secret"] == "s3cret"
    assert read(SHAPE, [("name", "x"), ("secret", "new")], {"secret": "s3cret"}).document["secret"] == "new"


def test_rows_are_kept_in_the_order_of_the_page_and_names_given_twice_are_said() -> None:
    rows = [("name", "x"), ("lines" + ROW, "r1"), ("lines" + ROW, "r0"), ("lines/r0/sku", "A"), ("lines/r1/sku", "B")]
    assert read(SHAPE, rows).document["lines"] == [{"sku": "B"}, {"sku": "A"}]
    twice = [("name", "x"), ("more" + IS, "1"), ("more" + ROW, "r0"), ("more" + ROW, "r1"), ("more/r0//key", "a"),
             ("more/r1//key", "a"), ("more/r0", "1"), ("more/r1", "2")]  # fmt: skip
    posted = read(SHAPE, twice)
    assert [found.code for found in posted.problems] == ["doubled"]
    assert posted.document["more"] == {"a": 1, "a 2": 2}


def test_buttons_add_remove_move_and_turn_parts() -> None:
    document: Any = {"name": "x", "lines": [{"sku": "A"}, {"sku": "B"}]}
    assert act(SHAPE, document, "up", "lines/r1")["lines"] == [{"sku": "B"}, {"sku": "A"}]
    assert act(SHAPE, document, "down", "lines/r1")["lines"] == document["lines"]
    assert act(SHAPE, document, "remove", "lines/r0")["lines"] == [{"sku": "B"}]
    assert act(SHAPE, document, "add", "lines")["lines"][2] == {"sku": ""}
    assert act(SHAPE, document, "add", "part")["part"] == {}
    assert act(SHAPE, {**document, "part": {"deep": "x"}}, "remove", "part") == document
    assert act(SHAPE, document, "add", "more")["more"] == {"new-1": None}
    assert act(SHAPE, {**document, "either": "one"}, "branch", "either", "1")["either"] == []
    for name in ("", "lines/r9", "nowhere", "lines/r0/sku/deeper", "lines/rx"):
        act(SHAPE, document, "remove", name)


def test_a_problem_stands_at_the_deepest_part_it_names_and_no_problem_is_lost() -> None:
    found = [problem("lines.1.sku", "odd", "", ""), problem("lines.7.gone", "odd", "", "")]
    view = draw(SHAPE, {"name": "x", "lines": [{"sku": "A"}, {"sku": "B"}]}, found)
    assert [one.path for one in named(view, "lines/r1/sku").problems] == ["lines.1.sku"]
    assert [one.path for one in view.problems] == ["lines.7.gone"]


def test_a_schema_no_form_draws_is_said_with_its_place() -> None:
    with pytest.raises(Refused) as refused:
        compile_shape({"type": "object", "properties": {"x": {"type": "null"}}})
    assert (refused.value.problems[0].path, refused.value.problems[0].code) == ("x", "not_drawable")


FIELD = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": ["text", "choice"]},
        "options": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "x-show-if": {"type": ["choice"]},
            "x-begin": "option_",
        },
        "beside": {"type": "string", "x-among": "fields"},
    },
    "required": ["type"],
}


def test_a_part_is_asked_for_beside_the_values_it_belongs_to_and_shown_where_it_holds_something() -> None:
    shape = compile_shape(FIELD)
    names = [[part.path for part in draw(shape, document).parts] for document in (
        {"type": "text"}, {"type": "choice"}, {"type": "text", "options": {"a": "A"}},
    )]  # fmt: skip
    assert names == [["type", "beside"], ["type", "options", "beside"], ["type", "options", "beside"]]
    posted = [*pairs(draw(shape, {"type": "text"}))]
    assert read(shape, posted, {"type": "text"}).problems == []


def test_a_new_entry_begins_as_its_schema_says_and_a_reference_may_name_its_own_document() -> None:
    shape = compile_shape(FIELD)
    made = act(shape, {"type": "choice", "options": {"option_1": "A"}}, "add", "options")
    assert list(made["options"]) == ["option_1", "option_2"]
    beside = draw(shape, {"type": "text"}).parts[-1]
    assert (beside.widget, beside.ref) == ("reference", "own-fields")


def test_a_text_of_several_lines_is_drawn_where_it_keeps_them() -> None:
    shape = compile_shape({"type": "object", "properties": {"text": {"type": "string"}, "any": {}}})
    widgets = [[part.widget for part in draw(shape, {"text": text, "any": text}).parts] for text in ("a", "a\nb")]
    assert widgets == [["text", "any"], ["long", "long"]]
