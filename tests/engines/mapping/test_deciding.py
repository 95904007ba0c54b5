"""What a decision tells, and what it must never tell."""

from datetime import UTC, datetime
from typing import Any

from ordain.base import json
from ordain.engines.mapping import compile_mapping, decide, map_record

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SPEC: dict[str, Any] = {
    "fields": {
        "external_id": {"from": "no"},
        "total": {"from": "sum", "via": [{"money": "unit"}]},
        "buyer.phone": {"from": "phone", "via": ["phone"], "required": False},
        "let.whole": {"from": "phone"},
    },
    "checks": [
        {"key": "malformed-phone", "path": "buyer.phone", "when": "not is_phone(buyer.phone)"},
        {"key": "odd-whole", "path": "buyer.phone", "when": "text(let.whole) == 'x' or text(source.phone) == 'x'"},
        {"key": "free", "path": "total", "when": "total == 0"},
    ],
}


def told(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [inner for item in value.values() for inner in told(item)]
    return [inner for item in value for inner in told(item)] if isinstance(value, list) else [value]


def test_an_explanation_tells_no_protected_value_but_all_others() -> None:
    program = compile_mapping(SPEC)
    decision = decide(program, map_record(program, {"no": "1", "sum": "12.90", "phone": "not told"}), {}, NOW)
    assert [problem.code for problem in decision.problems] == ["malformed_phone"]
    values = told(json.loads(json.dumps(decision.why)))
    assert "not told" not in values
    assert values.count("•••") >= 3
    assert 1290 in values


def test_a_check_over_what_could_not_be_read_is_not_judged() -> None:
    program = compile_mapping(SPEC)
    decision = decide(program, map_record(program, {"no": "1", "sum": "a lot", "phone": "13912345678"}), {}, NOW)
    assert [problem.path for problem in decision.problems] == ["total"]
    assert [clause.true for clause in decision.why if clause.rule == "free"] == [None]
