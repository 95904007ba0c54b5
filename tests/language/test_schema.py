from typing import Any

import pytest

from ordain.language.schema import FastSchema, check_document

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 2, "pattern": "^[a-z]+$"},
        "mode": {"enum": ["fast", "slow"]},
        "pages": {
            "oneOf": [
                {
                    "type": "object",
                    "required": ["type", "size"],
                    "properties": {"type": {"const": "number"}, "size": {"type": "integer"}},
                },
                {
                    "type": "object",
                    "required": ["type", "at"],
                    "properties": {"type": {"const": "cursor"}, "at": {"type": "string"}},
                },
            ]
        },
    },
}


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ({}, "name", "required"),
        ({"name": "abc", "nme": 1}, "nme", "unknown_key"),
        ({"name": "abc", "mode": "fst"}, "mode", "unknown_option"),
        ({"name": 3}, "name", "type"),
        ({"name": "a"}, "name", "minLength"),
        ({"name": "ABC"}, "name", "pattern"),
        ({"name": "abc", "pages": {"type": "number"}}, "pages.size", "required"),
        ({"name": "abc", "pages": {"type": "nmber", "size": 1}}, "pages.type", "unknown_option"),
    ],
)
def test_each_problem_stands_at_its_own_place(document: Any, path: str, code: str) -> None:
    found = check_document(SCHEMA, document)
    assert [(p.path, p.code) for p in found] == [(path, code)]
    assert found[0].message.zh
    assert found[0].message.en


def test_a_near_name_is_offered() -> None:
    assert "name" in check_document(SCHEMA, {"name": "abc", "nme": 1})[0].message.en


def test_all_problems_come_at_once() -> None:
    assert len(check_document(SCHEMA, {"mode": "no", "x": 1})) == 3


def test_a_pattern_that_backtracks_elsewhere_does_not_here() -> None:
    schema = {"type": "string", "pattern": "^(a+)+$"}
    assert [p.code for p in check_document(schema, "a" * 5_000 + "!")] == ["pattern"]


def test_traffic_is_checked_by_the_same_schema() -> None:
    fast = FastSchema(SCHEMA)
    assert fast.problems({"name": "abc"}) == []
    assert fast.problems({})


def test_remote_references_are_never_fetched() -> None:
    with pytest.raises(Exception, match=r"Unresolvable|remote|example"):
        check_document({"$ref": "https://example.com/schema.json"}, {})
