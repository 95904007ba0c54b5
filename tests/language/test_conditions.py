"""Rows and text of a condition are two views of one tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordain.language.expression import (
    BOOL,
    DATETIME,
    INTEGER,
    MONEY,
    TEXT,
    UNTYPED,
    Scope,
    choice,
    compile_expression,
    list_of,
)
from ordain.language.expression.conditions import Free, Group, Part, Row, begun, operators, text_of, tree_of, type_of

NAMES = {
    "total": MONEY,
    "buyer.level": INTEGER,
    "state": choice("paid", "shipped"),
    "region": TEXT,
    "note": TEXT,
    "held": BOOL,
    "placed_at": DATETIME,
    "me.regions": list_of(TEXT),
    "lines.sku": list_of(TEXT),
    "source": UNTYPED,
}
SCOPE = Scope(NAMES, "CNY")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("total > 500", Row("total", ">", ("500",))),
        ("total >= paid * 2", Row("total", ">=", ("paid * 2",))),
        ("state == 'paid'", Row("state", "==", ("paid",))),
        ("state not in ('paid', 'shipped')", Row("state", "not in", ("paid", "shipped"))),
        ("not region in ('华东',)", Row("region", "not in", ("华东",))),
        ("region in me.regions", Row("region", "among", ("me.regions",))),
        ("'A' in lines.sku", Row("lines.sku", "has", ("A",))),
        ("held", Row("held", "true")),
        ("not held", Row("held", "false")),
        ("not is_empty(note)", Row("note", "not empty")),
        ("starts_with(note, 'it\\'s')", Row("note", "starts_with", ("it's",))),
        ("number(source.code) == 27", Row("number(source.code)", "==", ("27",))),
        ("nobody == 'x'", Row("nobody", "==", ("x",))),
        ("region == note", Free("region == note")),
        ("1 < buyer.level < 5", Free("1 < buyer.level < 5")),
    ],
)
def test_a_comparison_is_a_row_and_what_no_row_says_keeps_its_text(text: str, part: Part) -> None:
    tree = tree_of(text, SCOPE)
    assert tree == Group("all", (part,))
    again = tree_of(text_of(tree, SCOPE), SCOPE)
    assert again == tree


def test_groups_are_nested_and_a_free_part_keeps_its_brackets() -> None:
    text = "total > 5 and (state == 'paid' or held) and not (region == '' or note == 'x') and (1 if held else 2) < 3"
    tree = tree_of(text, SCOPE)
    assert tree is not None
    assert [type(part).__name__ for part in tree.parts] == ["Row", "Group", "Group", "Free"]
    assert [part.word for part in tree.parts if isinstance(part, Group)] == ["any", "none"]
    assert tree_of(text_of(tree, SCOPE), SCOPE) == tree
    assert text_of(Group("any", (Free("held and total > 1"), Row("held", "false"))), SCOPE) == (
        "(held and total > 1) or not held"
    )


def test_a_text_that_cannot_be_read_has_no_rows_and_none_has_an_empty_group() -> None:
    assert tree_of("total >", SCOPE) is None
    assert tree_of("  ", SCOPE) == Group("all", ())
    assert text_of(Group("none", ()), SCOPE) == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_row_that_is_begun_is_whole(name: str) -> None:
    if NAMES[name] != UNTYPED:
        compile_expression(text_of(begun(name, SCOPE), SCOPE), SCOPE, expects=BOOL)


VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
FIELDS = st.sampled_from([name for name in NAMES if NAMES[name] != UNTYPED])


@st.composite
def rows(draw: st.DrawFn) -> Row:
    field = draw(FIELDS)
    kind = type_of(field, SCOPE)
    operator = draw(st.sampled_from(operators(kind)))
    numbers = st.integers(0, 10**6).map(str)
    value = (
        st.sampled_from(kind.options)
        if kind.options
        else VALUES
        if kind.family in ("text", "list")
        else st.just("placed_at")
        if kind == DATETIME
        else numbers
    )
    match operator:
        case "true" | "false" | "empty" | "not empty":
            return Row(field, operator)
        case "among" | "not among":
            return Row(field, operator, ("me.regions",))
        case "in" | "not in":
            return Row(field, operator, tuple(draw(st.lists(value, min_size=1, max_size=3))))
        case _:
            return Row(field, operator, (draw(value),))


TREES: st.SearchStrategy[Group] = st.recursive(
    st.builds(Group, st.sampled_from(["all", "any"]), st.lists(rows(), min_size=2, max_size=3).map(tuple)),
    lambda inner: st.builds(
        Group, st.sampled_from(["all", "any", "none"]), st.lists(inner, min_size=2, max_size=2).map(tuple)
    ),
    max_leaves=3,
)


@given(TREES)
def test_any_rows_come_back_as_they_were_and_their_text_compiles(tree: Group) -> None:
    text = text_of(tree, SCOPE)
    compile_expression(text, SCOPE, expects=BOOL)
    assert tree_of(text, SCOPE) == (tree if tree.word != "none" else tree_of(text, SCOPE))
    assert text_of(tree_of(text, SCOPE) or Group("all", ()), SCOPE) == text
