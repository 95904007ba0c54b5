"""Moving stock by hand: every operation is a row in the ledger, refused with the numbers where it cannot be."""

import pytest

from ordain.base.errors import Refused
from ordain.flows.operations import OPERATIONS, Operation, perform
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.store import records
from ordain.store.records import Record, RecordQuery
from ordain.store.shelves import SHELVES
from tests.factories import ORIGIN
from tests.stock import assert_sound, level, numbers, reserve, stocked


def operation(key: str, on: str = "record") -> Operation:
    return next(one for one in OPERATIONS["stock"] if (one.key, one.on) == (key, on))


def record(services: Services, sku: str) -> Record:
    with services.db.read() as conn:
        found = records.get(conn, SHELVES["stock"], EVERYTHING, f"{sku}@main")
    assert found is not None
    return found


def test_a_level_is_a_record_with_what_is_available(founded: Services) -> None:
    stocked(founded, A=7)
    reserve(founded, "r1", ("A", 3))
    found = record(founded, "A").data
    assert (found["on_hand"], found["reserved"], found["available"]) == (7, 3, 4)


def test_the_ledger_is_a_list_of_records_newest_first(founded: Services) -> None:
    stocked(founded, A=7)
    perform(founded, operation("receive", "list"), None, {"sku": "A", "quantity": 5, "reason": "PO 7"}, ORIGIN)
    with founded.db.read() as conn:
        query = RecordQuery(equal={"sku": "A"})
        found = records.find(conn, SHELVES["stock_movement"], EVERYTHING, query).items
    assert [(one.state, one.data["quantity"], one.data["on_hand"]) for one in found] == [
        ("receive", 5, 12),
        ("receive", 7, 7),
    ]
    assert found[0].data["reason"] == "PO 7"


def test_each_operation_moves_the_level_and_keeps_the_sums(founded: Services) -> None:
    stocked(founded, A=7)
    perform(founded, operation("receive"), record(founded, "A"), {"quantity": 3}, ORIGIN)
    perform(founded, operation("adjust"), record(founded, "A"), {"change": -2, "reason": "broken"}, ORIGIN)
    said = perform(founded, operation("count"), record(founded, "A"), {"counted": 9, "reason": "year's end"}, ORIGIN)
    assert numbers(founded, "A") == (9, 0)
    assert said.en == "On hand 9, reserved 0, available 9"
    assert_sound(founded)


def test_below_what_is_promised_it_is_refused_unless_forced(founded: Services) -> None:
    stocked(founded, A=7)
    reserve(founded, "r1", ("A", 5))
    wanted = {"counted": 3, "reason": "count"}
    with pytest.raises(Refused):
        perform(founded, operation("count"), record(founded, "A"), wanted, ORIGIN)
    assert numbers(founded, "A") == (7, 5)
    perform(founded, operation("count"), record(founded, "A"), {**wanted, "force": True}, ORIGIN)
    assert numbers(founded, "A") == (3, 5)


def test_limits_are_set_and_an_unknown_sku_is_named(founded: Services) -> None:
    stocked(founded, A=7)
    perform(founded, operation("limits"), record(founded, "A"), {"safety": 2}, ORIGIN)
    assert level(founded, "A").available == 5
    with pytest.raises(Refused) as refused:
        perform(founded, operation("receive", "list"), None, {"sku": "GHOST", "quantity": 1}, ORIGIN)
    assert [(found.path, found.code) for found in refused.value.problems] == [("sku", "unknown_sku")]


def test_a_reason_is_asked_for(founded: Services) -> None:
    stocked(founded, A=7)
    with pytest.raises(Refused) as refused:
        perform(founded, operation("adjust"), record(founded, "A"), {"change": 1}, ORIGIN)
    assert [found.path for found in refused.value.problems] == ["reason"]
