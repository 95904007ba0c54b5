"""Which values reach a lookup table, in real documents under a draft that may be anything."""

from collections import Counter

from ordain.engines.mapping.suggesting import source_of
from ordain.engines.mapping.usage import lookup_values
from tests.engines.mapping.test_suggesting import PAYLOAD

SPEC = {
    "fields": {
        "state": {"from": ["no", "status"], "via": ["trim", {"lookup": "states"}]},
        "broken": {"from": 7, "via": [{"lookup": "states"}]},
        "plain": {"from": "status"},
    },
    "lists": {"lines": {"each": "items", "fields": {"sku": {"from": "code", "via": [{"lookup": "skus"}, "upper"]}}}},
}


def test_values_are_counted_as_they_reach_the_table() -> None:
    payloads = [
        {"status": " PAID ", "items": [{"code": "a"}, {"code": "b"}]},
        {"status": "PAID", "items": {"code": "a"}},
        {},
    ]
    found = lookup_values(SPEC, payloads)
    assert found == {"states": Counter({"PAID": 2}), "skus": Counter({"a": 2, "b": 1})}


def test_a_draft_may_be_anything() -> None:
    assert lookup_values({"fields": [1], "lists": 3}, [{}]) == {}
    assert (
        lookup_values(
            {"lists": {"lines": {"each": "((", "fields": {"x": {"from": "a", "via": [{"lookup": "t"}]}}}}}, []
        )
        == {}
    )


def test_a_field_is_given_a_source_with_the_transforms_it_needs() -> None:
    assert source_of(PAYLOAD, "payAmount", "total")["via"] == [{"money": "unit"}]
    assert source_of(PAYLOAD, "nowhere", "total") == {"from": "nowhere"}
    assert source_of(None, "a.b", "total") == {"from": "a.b"}
    assert source_of(PAYLOAD, "qty", "quantity", each="items")["from"] == "qty"
