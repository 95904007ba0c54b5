import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ordain.base.errors import Refused
from ordain.flows import stocking
from ordain.flows.services import Services
from ordain.flows.stocking import Move, Moved
from ordain.flows.verifying import verify
from ordain.store import audit
from ordain.store.stock import movements, proof
from ordain.store.tables.stock import StockRow
from tests.factories import ORIGIN
from tests.stock import assert_sound, level, numbers, reserve, stocked


def refused(services: Services, *moves: Move) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as found:
        stocking.move_all(services, moves, ORIGIN)
    return [(item.path, item.code) for item in found.value.problems]


def test_every_movement_is_a_row_with_what_was_on_hand_after_it(founded: Services) -> None:
    stocked(founded, A=5)
    stocking.move(founded, Move("A", "adjust", -2, reason="broken"), ORIGIN)
    stocking.move(founded, Move("A", "return", 1), ORIGIN)
    stocking.move(founded, Move("A", "count", 9), ORIGIN)
    with founded.db.read() as conn:
        found = movements.of(conn, "A")
    assert [(one.kind, one.quantity, one.on_hand) for one in reversed(found)] == [
        ("receive", 5, 5), ("adjust", -2, 3), ("return", 1, 4), ("count", 5, 9),
    ]  # fmt: skip
    assert found[0].actor == "system:test"
    assert_sound(founded)


def test_a_movement_under_a_key_counts_once(founded: Services) -> None:
    stocked(founded, A=5)
    stocking.move(founded, Move("A", "receive", 5, key="delivery-1"), ORIGIN)
    assert stocking.move(founded, Move("A", "receive", 5, key="delivery-1"), ORIGIN).again
    assert numbers(founded, "A") == (10, 0)


@pytest.mark.parametrize(
    "other",
    [
        Move("A", "receive", 6, key="delivery-1"),
        Move("B", "receive", 5, key="delivery-1"),
        Move("A", "return", 5, key="delivery-1"),
        Move("A", "receive", 5, "returned", key="delivery-1"),
    ],
)
def test_a_key_stands_for_one_movement(founded: Services, other: Move) -> None:
    stocked(founded, A=5, B=5)
    stocking.move(founded, Move("A", "receive", 5, key="delivery-1"), ORIGIN)
    assert refused(founded, other) == [("key", "key_reused")]
    assert (numbers(founded, "A"), numbers(founded, "B")) == ((10, 0), (5, 0))


def test_a_count_under_a_key_stands_when_the_stock_went_on(founded: Services) -> None:
    stocked(founded, A=5)
    stocking.move(founded, Move("A", "count", 8, key="count-1"), ORIGIN)
    stocking.move(founded, Move("A", "receive", 2), ORIGIN)
    assert stocking.move(founded, Move("A", "count", 8, key="count-1"), ORIGIN).again
    assert numbers(founded, "A") == (10, 0)


def test_one_key_twice_in_one_delivery_counts_once(founded: Services) -> None:
    stocked(founded, A=5)
    first, second = stocking.move_all(founded, [Move("A", "receive", 5, key="delivery-1")] * 2, ORIGIN)
    assert (first.again, second.again) == (False, True)
    assert numbers(founded, "A") == (10, 0)


def test_a_delivery_told_from_many_sides_at_once_counts_once(founded: Services) -> None:
    stocked(founded, A=5)
    found: list[Moved] = []
    wanted = Move("A", "receive", 5, key="delivery-1")
    threads = [threading.Thread(target=lambda: found.append(stocking.move(founded, wanted, ORIGIN))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(one.again for one in found) == [False, *[True] * 5]
    assert numbers(founded, "A") == (10, 0)
    assert_sound(founded)


def test_a_count_of_many_skus_is_all_or_nothing(founded: Services) -> None:
    stocked(founded, A=5, B=5, C=5)
    reserve(founded, "r1", ("C", 3))
    assert refused(founded, Move("A", "count", 9), Move("B", "count", 0), Move("C", "count", 2)) == [
        ("2.on_hand", "below_reserved")
    ]
    assert [numbers(founded, one) for one in "ABC"] == [(5, 0), (5, 0), (5, 3)]
    stocking.move_all(founded, [Move("A", "count", 9), Move("B", "count", 0), Move("C", "count", 3)], ORIGIN)
    assert [numbers(founded, one) for one in "ABC"] == [(9, 0), (0, 0), (3, 3)]
    assert_sound(founded)


def test_level_and_limits_are_set_together_or_not_at_all(founded: Services) -> None:
    stocked(founded, A=5)
    reserve(founded, "r1", ("A", 4))
    with pytest.raises(Refused):
        stocking.set_level(founded, "A", 2, ORIGIN, limits={"backorder_limit": 1}, reason="lost", force=True)
    assert (numbers(founded, "A"), level(founded, "A").backorder_limit) == ((5, 4), 0)
    moved = stocking.set_level(founded, "A", 6, ORIGIN, limits={"safety": 1})
    assert (moved.level.on_hand, moved.level.safety, level(founded, "A").safety) == (6, 1, 1)


def test_less_than_is_promised_is_refused_with_the_numbers_or_forced_with_a_reason(founded: Services) -> None:
    stocked(founded, A=5)
    reserve(founded, "r1", ("A", 4))
    with pytest.raises(Refused) as found:
        stocking.set_level(founded, "A", 3, ORIGIN)
    assert "4 of A are promised, 3 would not do" in found.value.problems[0].message.en
    assert refused(founded, Move("A", "adjust", -2, reason="lost")) == [("quantity", "below_reserved")]
    assert refused(founded, Move("A", "count", 3, force=True)) == [("reason", "required")]
    stocking.set_level(founded, "A", 3, ORIGIN, reason="water damage", force=True)
    assert (numbers(founded, "A"), level(founded, "A").backorder_limit) == ((3, 4), 1)
    assert_sound(founded)


@pytest.mark.parametrize(
    ("move", "problem"),
    [
        (Move("A", "receive", 0), ("quantity", "minimum")),
        (Move("A", "receive", -1), ("quantity", "minimum")),
        (Move("A", "receive", 10**12), ("quantity", "maximum")),
        (Move("A", "adjust", 1), ("reason", "required")),
        (Move("A", "adjust", 0, reason="none"), ("quantity", "zero")),
        (Move("A", "adjust", -6, reason="lost"), ("quantity", "below_zero")),
        (Move("A", "count", -1), ("on_hand", "minimum")),
        (Move("A", "ship", -1), ("kind", "unknown_kind")),
        (Move("NONE", "receive", 1), ("sku", "unknown_sku")),
        (Move("A", "receive", 1, "moon"), ("pool", "unknown_pool")),
    ],
)
def test_a_bad_movement_says_where_and_changes_nothing(founded: Services, move: Move, problem: tuple[str, str]) -> None:
    stocked(founded, A=5)
    assert refused(founded, move) == [problem]
    assert numbers(founded, "A") == (5, 0)


def test_setting_a_level_makes_a_sku_known(founded: Services) -> None:
    stocking.set_level(founded, "NEW-9", 7, ORIGIN)
    assert numbers(founded, "NEW-9") == (7, 0)
    assert_sound(founded)


@pytest.mark.parametrize("change", ["reserved = on_hand + 1", "reserved = -1", "on_hand = -1", "safety = -1"])
def test_the_database_itself_refuses_to_sell_twice(founded: Services, change: str) -> None:
    stocked(founded, A=5)
    with pytest.raises(IntegrityError), founded.db.write() as conn:
        conn.execute(sa.text(f"UPDATE stock SET {change} WHERE sku = 'A'"))


def test_drift_is_found_by_verify_and_repaired_with_an_entry_in_the_log(founded: Services) -> None:
    stocked(founded, A=5)
    reserve(founded, "r1", ("A", 2))
    assert list(verify(founded)) == []
    with founded.db.write() as conn:
        conn.execute(sa.update(StockRow).where(StockRow.sku == "A").values(on_hand=7, reserved=1))
    (found,) = list(verify(founded))
    assert (found.path, found.code) == ("stock A main", "stock_drift")
    with founded.db.read() as conn:
        (drifted,) = proof.standings(conn, drifted=True)
    assert (drifted.on_hand_drift, drifted.reserved_drift) == (2, -1)
    assert [item.code for item in stocking.repair(founded, "A", ORIGIN, reason=" ")] == ["required"]
    assert stocking.repair(founded, "A", ORIGIN, reason="restored from a backup") == []
    assert numbers(founded, "A") == (7, 2)
    assert_sound(founded)
    with founded.db.read() as conn:
        entry = audit.of(conn, "sku:A")[0]
    assert (entry.action, entry.after) == (
        "stock.repair",
        {"on_hand": 7, "reserved": 2, "pool": "main", "reason": "restored from a backup"},
    )
