"""Three readings of one tree agree on random records; nothing that is thrown at the language breaks it."""

import random
import time
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from ordain.base.errors import Refused
from ordain.language.expression import INTEGER, MONEY, TEXT, EvaluationError, Scope, choice, compile_expression
from ordain.store.criteria import to_sql

SCOPE = Scope({"a": INTEGER, "b": INTEGER, "m": MONEY, "s": choice("x", "y", "z"), "t": TEXT}, "CNY")
_METADATA = sa.MetaData()
_TABLE = sa.Table(
    "record",
    _METADATA,
    *(sa.Column(name, sa.Integer) for name in ("a", "b", "m")),
    *(sa.Column(name, sa.Text) for name in ("s", "t")),
)
_ENGINE = sa.create_engine("sqlite://")
_METADATA.create_all(_ENGINE)
_LEAVES = st.sampled_from(
    ["a == b", "a < 3", "b >= a", "m > 2", "m != 1.5", "s == 'x'", "s in ('x', 'y')", "s not in ('z',)", "is_empty(t)",
     "t == 'hi'", "a + b > 4", "a - b == 0", "-a < b", "m * 2 >= 5", "abs(a) > 1", "(a if s == 'x' else b) > 2", "starts_with(t, 'h')"]
)  # fmt: skip
CONDITIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) and ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) or ({two[1]})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=6,
)
_NUMBER = st.one_of(st.none(), st.integers(-5, 500))
RECORDS = st.fixed_dictionaries(
    {
        "a": _NUMBER,
        "b": _NUMBER,
        "m": _NUMBER,
        "s": st.sampled_from([None, "x", "y", "z"]),
        "t": st.sampled_from([None, "", "hi", "ho"]),
    }
)


def by_sql(text: str, record: dict[str, Any]) -> Any:
    condition = to_sql(compile_expression(text, SCOPE), dict(_TABLE.c))
    with _ENGINE.begin() as conn:
        conn.execute(sa.delete(_TABLE))
        conn.execute(sa.insert(_TABLE).values(**record))
        return conn.execute(sa.select(sa.literal(1)).select_from(_TABLE).where(condition)).first() is not None


@settings(max_examples=400, deadline=None)
@given(CONDITIONS, RECORDS)
def test_closures_simpleeval_sql_and_explanation_agree(text: str, record: dict[str, Any]) -> None:
    compiled = compile_expression(text, SCOPE)
    value = compiled.evaluate(record)
    assert compiled.reference(record) == value
    assert compiled.explanation("r")(record)[0] == value
    assert by_sql(text, record) is (value is True)


_PIECES = (
    "total", "buyer.level", "a", "b", "m", "s", "t", "source.x", "lines.amount", "__class__", "()", "[]", "{}", "(", ")", "[", "]",
    " and ", " or ", "not ", " in ", " if ", " else ", "==", "!=", "<", ">=", "+", "-", "*", "/", "**", "%", "<<", ",", ".", ":", "'x'",
    "'", '"', "1", "0.5", "1e400", "99999999999999999999", "None", "True", "lambda", "sum(", "min(", "is_empty(", "text(", "f''", "b''",
    "\x00", "\ud800", "渠道", "é", "\n", "\\", "@", ":=", "await ", "yield ", "...", "0x1", "_", "#",
)  # fmt: skip


def test_fifty_thousand_made_up_expressions_neither_crash_nor_escape_nor_hang() -> None:
    dice = random.Random(20261124)
    records = [{"a": 1, "b": 2, "m": 300, "s": "x", "t": "hi"}, {}]
    slowest = 0.0
    accepted = 0
    valid = [
        f"{left} {sign} {right}"
        for left in ("a", "b", "a + b")
        for sign in ("==", "<", ">=")
        for right in ("b", "3", "a * 2")
    ]
    for turn in range(50_000):
        if turn % 3:
            text = "".join(dice.choice(_PIECES) for _ in range(dice.randrange(1, 14)))
        else:
            text = f"({dice.choice(valid)}) {dice.choice(('and', 'or'))} ({dice.choice(valid)})"
            if dice.random() < 0.5:
                place = dice.randrange(len(text))
                text = text[:place] + dice.choice(_PIECES) + text[place:]
        started = time.perf_counter()
        try:
            compiled = compile_expression(text, SCOPE)
            accepted += 1
            for record in records:
                compiled.evaluate(record)
        except (Refused, EvaluationError):
            pass
        slowest = max(slowest, time.perf_counter() - started)
    assert accepted > 5_000
    assert slowest < 0.1
