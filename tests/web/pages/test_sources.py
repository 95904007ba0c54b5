from typing import Any, Final

from ordain.web.pages.order.sources import described, used

SPEC: Final[dict[str, Any]] = {
    "fields": {"total": {"from": "payment"}, "buyer.phone": {"from": ["mobile", "phone"]}, "tax": {"value": 0}},
    "lists": {"lines": {"each": "orders.order", "fields": {"sku": {"from": ["code", "iid"]}}}},
}
PAYLOAD: Final = {"payment": "1.00", "mobile": "", "phone": "1", "orders": {"order": [{"code": "A"}, {"iid": "B"}]}}


def test_a_field_leads_to_the_first_path_that_has_something() -> None:
    assert used(SPEC, PAYLOAD, ["total", "buyer.phone", "tax", "unheard_of"]) == ["payment", "phone"]


def test_a_line_leads_to_its_own_item_and_a_list_to_all() -> None:
    assert used(SPEC, PAYLOAD, ["lines.1.sku"]) == ["orders.order.1.iid"]
    assert used(SPEC, PAYLOAD, ["lines.sku"]) == ["orders.order.0.code", "orders.order.1.iid"]


def test_a_single_object_in_place_of_a_list_is_found() -> None:
    assert used(SPEC, {"orders": {"order": {"code": "A"}}}, ["lines.sku"]) == ["orders.order.code"]


def test_items_by_their_keys_are_found() -> None:
    keyed = {"orders": {"order": {"1": {"code": "A"}, "2": {"code": "B"}}}}
    assert used(SPEC, keyed, ["lines.1.sku"]) == ["orders.order.2.code"]


def test_sources_are_described_in_short() -> None:
    assert described({"from": ["a", "b"]}) == "a | b"
    assert described({"expression": "sum(lines.amount)"}) == "ƒ sum(lines.amount)"
    assert described({"value": 0}) == "= 0"
