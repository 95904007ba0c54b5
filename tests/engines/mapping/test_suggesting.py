"""Suggestions from real payloads: what they say is right more often than not, and never stands in the way."""

from typing import Any

import pytest

from ordain.engines.mapping import compile_mapping, decide, map_record
from ordain.engines.mapping.suggesting import source_fields, suggest
from tests.engines.mapping.test_answer_keys import NOW, RECORDS, rows_of, starter

PAYLOAD: dict[str, Any] = {
    "orderNo": "A-1",
    "status": "PAID",
    "createdAt": "2026-11-20 09:00:00",
    "payAmount": "45.98",
    "freight": 600,
    "receiver": {"receiverName": "林晓", "mobile": "13812345678", "province": "浙江省", "city": "杭州市"},
    "items": [{"skuCode": "S-1", "title": "笔记本", "qty": 2, "price": "19.99"}],
    "note": None,
}


def test_names_and_values_tell_fields_and_their_transforms() -> None:
    spec = suggest(PAYLOAD)
    fields = spec["fields"]
    assert fields["external_id"] == {"from": "orderNo"}
    assert fields["placed_at"]["via"] == [{"time": {"format": "%Y-%m-%d %H:%M:%S", "zone": "Asia/Shanghai"}}]
    assert fields["total"] == {"from": "payAmount", "via": [{"money": "unit"}]}
    assert fields["freight"]["via"] == [{"money": "minor"}]
    assert fields["buyer.phone"] == {"from": "receiver.mobile", "via": ["phone"], "required": False}
    assert spec["lists"]["lines"]["each"] == "items"
    assert spec["lists"]["lines"]["fields"]["sku"] == {"from": "skuCode"}


def test_a_suggestion_can_be_compiled_and_reads_its_own_document() -> None:
    program = compile_mapping({"record": "order", "currency": "CNY", **suggest(PAYLOAD)})
    record = decide(program, map_record(program, PAYLOAD), {"unknown_skus": []}, NOW).changes
    assert (record["external_id"], record["total"], record["freight"]) == ("A-1", 4598, 600)
    assert record["lines"][0] | {"amount": 3998} == record["lines"][0]


def test_the_fields_of_a_document_are_told_with_types_and_examples() -> None:
    found = {field.path: field for field in source_fields(PAYLOAD)}
    assert (found["items"].type, found["items"].example) == ("list", "1")
    assert (found["items.qty"].inner, found["items.qty"].type) == ("qty", "int")
    assert (found["note"].type, found["receiver"].type) == ("—", "object")


@pytest.mark.parametrize("channel", RECORDS)
def test_real_documents_get_more_than_half_of_their_fields_right(channel: str) -> None:
    known = starter("mapping", f"{channel}-order")["fields"]
    found = suggest(rows_of(channel)[0])["fields"]

    def first(field: dict[str, Any]) -> str:
        given = field.get("from", "")
        return given if isinstance(given, str) else given[0]

    both = [name for name in found if first(known.get(name, {}))]
    right = [
        name
        for name in both
        if first(found[name]) == first(known[name]) or first(found[name]) in known[name].get("from", ())
    ]
    assert len(right) * 2 >= len(both), {name: (first(found[name]), known[name].get("from")) for name in both}
    compile_mapping({"record": "order", "currency": "CNY", **suggest(rows_of(channel)[0])})


def test_a_word_that_is_no_state_of_ours_gets_a_table_and_lines_may_stand_under_numbers() -> None:
    lines = {"1": {"sku": "S-1", "qty": 2, "price": "19.99"}, "2": {"sku": "S-2", "qty": 1, "price": "6"}}
    spec = suggest({"orderNo": "A-1", "state": "已发货", "createdAt": "2026-11-20 09:00:00", "lines": lines})
    assert spec["fields"]["state"] == {"from": "state", "via": [{"lookup": "states"}]}
    assert spec["lookups"] == {"states": {"已发货": "shipped"}}
    assert spec["lists"]["lines"]["each"] == "lines"
    assert spec["lists"]["lines"]["fields"]["sku"] == {"from": "sku"}
    strange = suggest({"orderNo": "A-1", "state": "Q7"})
    assert strange["lookups"] == {"states": {}}
    assert "lookups" not in suggest({"orderNo": "A-1", "state": "paid"})
