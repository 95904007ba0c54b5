import threading

import pytest

from ordain.flows import expiring, publishing, reserving, stocking
from ordain.flows.reserving import Declined, Desk, Done
from ordain.flows.services import Services
from ordain.flows.stocking import Move
from ordain.store import catalogue
from ordain.store.orders import story
from tests.conftest import Clock
from tests.factories import ORIGIN
from tests.stock import asked, assert_sound, codes, level, made, numbers, reserve, stocked


def test_a_reservation_holds_its_stock_for_half_an_hour(founded: Services, clock: Clock) -> None:
    stocked(founded, A=5)
    one = made(reserve(founded, "r1", ("A", 2)))
    assert (one.state, one.expires_at) == ("held", clock.forward(minutes=30))
    assert numbers(founded, "A") == (5, 2)
    assert_sound(founded)


def test_asked_again_it_answers_the_same_and_holds_nothing_more(founded: Services) -> None:
    stocked(founded, A=5)
    first = made(reserve(founded, "r1", ("A", 2)))
    again = reserve(founded, "r1", ("A", 2))
    assert isinstance(again, Done)
    assert (again.again, again.reservation) == (True, first)
    assert numbers(founded, "A") == (5, 2)


def test_a_reference_stands_for_one_content(founded: Services) -> None:
    stocked(founded, A=5)
    reserve(founded, "r1", ("A", 2))
    assert codes(reserve(founded, "r1", ("A", 3))) == ["reference_reused"]
    assert codes(reserve(founded, "r1", ("A", 2), channel="own-site")) == ["reference_reused"]
    assert codes(reserve(founded, "r1", ("A", 2), hold_seconds=5)) == ["reference_reused"]
    assert numbers(founded, "A") == (5, 2)


def test_all_or_nothing_and_the_short_line_is_named_with_what_is_left(founded: Services) -> None:
    stocked(founded, A=5, B=1)
    answer = reserve(founded, "r1", ("A", 2), ("B", 2))
    assert isinstance(answer, Declined)
    assert [(found.path, found.code) for found in answer.problems] == [("lines.1.quantity", "out_of_stock")]
    assert "only 1 left" in answer.problems[0].message.en
    assert (numbers(founded, "A"), numbers(founded, "B")) == ((5, 0), (1, 0))


def test_two_lines_of_one_sku_are_one_demand(founded: Services) -> None:
    stocked(founded, A=3)
    assert codes(reserve(founded, "r1", ("A", 2), ("A", 2))) == ["out_of_stock"]
    assert made(reserve(founded, "r2", ("A", 2), ("A", 1))).state == "held"
    assert numbers(founded, "A") == (3, 3)
    assert_sound(founded)


def test_a_bundle_takes_its_parts_and_competes_with_them(founded: Services) -> None:
    stocked(founded, A=5, B=9)
    with founded.db.write() as conn:
        catalogue.add(
            conn,
            [{"sku": "SET", "title": "set", "price": 1, "currency": "CNY", "bundle": {"A": 2, "B": 1}}],
            founded.now(),
        )
    made(reserve(founded, "r1", ("SET", 1), ("A", 1)))
    assert (numbers(founded, "A"), numbers(founded, "B")) == ((5, 3), (9, 1))
    answer = reserve(founded, "r2", ("SET", 2))
    assert isinstance(answer, Declined)
    assert "only 1 left" in answer.problems[0].message.en
    assert_sound(founded)


def test_an_unknown_sku_is_a_problem_and_an_alias_is_none(founded: Services) -> None:
    assert codes(reserve(founded, "r1", ("NO-SUCH", 1))) == ["unknown_sku"]
    before = level(founded, "HY-NTB-08").reserved
    made(reserve(founded, "r2", ("HYNTB08", 1)))
    assert level(founded, "HY-NTB-08").reserved == before + 1


def test_of_three_left_three_of_five_at_once_get_one(founded: Services) -> None:
    stocked(founded, A=3)
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda number=n: answers.append(reserve(founded, f"r{number}", ("A", 1))))
        for n in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(isinstance(answer, Done) for answer in answers) == 3
    assert numbers(founded, "A") == (3, 3)
    assert_sound(founded)


def test_a_desk_shares_commits_and_still_sells_exactly_what_is_there(founded: Services) -> None:
    stocked(founded, A=40, B=40)
    desk, done = Desk(founded), []

    def buyer(number: int) -> None:
        for turn in range(6):
            lines = (("A", 1), ("B", 1)) if number % 2 else (("B", 1), ("A", 1))
            answer = desk.settle(asked(f"r{number}-{turn}", *lines), ORIGIN)
            done.append(isinstance(answer, Done))

    threads = [threading.Thread(target=buyer, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(done), sum(done)) == (72, 40)
    assert (numbers(founded, "A"), numbers(founded, "B")) == ((40, 40), (40, 40))
    assert_sound(founded)


def test_inside_a_batch_vip_goes_before_urgent_before_normal(founded: Services) -> None:
    stocked(founded, A=2)
    batch = [asked(name, ("A", 1), priority=name) for name in ("normal", "urgent", "vip")]
    answers = reserving.settle(founded, [(one, ORIGIN) for one in batch])
    assert [isinstance(answer, Done) for answer in answers] == [False, True, True]


def test_one_that_fails_never_hinders_its_batch(founded: Services) -> None:
    stocked(founded, A=5)
    batch = [asked("r1", ("A", 9)), asked("r2", ("A", 1)), asked("r2", ("A", 1)), asked("r3", ("NONE", 1))]
    answers = reserving.settle(founded, [(one, ORIGIN) for one in batch])
    assert [isinstance(answer, Done) for answer in answers] == [False, True, True, False]
    assert numbers(founded, "A") == (5, 1)


def test_committing_changes_no_number_and_is_done_once(founded: Services) -> None:
    stocked(founded, A=5)
    one = made(reserve(founded, "r1", ("A", 2)))
    assert made(reserving.commit(founded, one.id, ORIGIN)).state == "committed"
    again = reserving.commit(founded, one.id, ORIGIN)
    assert isinstance(again, Done)
    assert again.again
    assert numbers(founded, "A") == (5, 2)
    assert_sound(founded)


def test_releasing_gives_back_once_and_what_is_gone_cannot_be_committed(founded: Services) -> None:
    stocked(founded, A=5)
    one = made(reserve(founded, "r1", ("A", 2)))
    assert made(reserving.release(founded, one.id, ORIGIN)).state == "released"
    assert made(reserving.release(founded, one.id, ORIGIN)).state == "released"
    assert numbers(founded, "A") == (5, 0)
    assert codes(reserving.commit(founded, one.id, ORIGIN)) == ["reservation_released"]
    missing = reserving.release(founded, "nothing", ORIGIN)
    assert isinstance(missing, Declined)
    assert missing.missing
    assert_sound(founded)


def test_a_hold_that_ran_out_is_swept_and_cannot_be_committed(founded: Services, clock: Clock) -> None:
    stocked(founded, A=5)
    one = made(reserve(founded, "r1", ("A", 2)))
    made(reserve(founded, "r2", ("A", 1), hold_seconds=7200))
    clock.forward(minutes=31)
    assert expiring.sweep(founded) == 1
    assert expiring.sweep(founded) == 0
    assert numbers(founded, "A") == (5, 1)
    assert codes(reserving.commit(founded, one.id, ORIGIN)) == ["reservation_expired"]
    assert_sound(founded)


def test_whoever_is_short_takes_back_expired_holds_without_waiting_for_the_sweep(
    founded: Services, clock: Clock
) -> None:
    stocked(founded, A=2, B=2)
    old = made(reserve(founded, "r1", ("A", 2), ("B", 1)))
    clock.forward(minutes=31)
    made(reserve(founded, "r2", ("A", 1)))
    assert (numbers(founded, "A"), numbers(founded, "B")) == ((2, 1), (2, 0))
    assert codes(reserving.commit(founded, old.id, ORIGIN)) == ["reservation_expired"]
    assert_sound(founded)


def policy(**spec: object) -> dict[str, object]:
    return {
        "kind": "reservation", "key": "test", "title": {"zh": "试", "en": "Test"}, "schema_version": 1,
        "spec": {"reserve_at": "submit", "hold_minutes": 5, "for": {"skus": ["A*"]}, **spec},
    }  # fmt: skip


def test_a_policy_that_names_a_sku_rules_it(founded: Services, clock: Clock) -> None:
    stocked(founded, A=5, B=5)
    publishing.publish(founded, [policy(safety=2)], "", ORIGIN)
    assert codes(reserve(founded, "r1", ("A", 4))) == ["out_of_stock"]
    assert made(reserve(founded, "r2", ("A", 3))).expires_at == clock.now.replace(minute=5)
    assert made(reserve(founded, "r3", ("B", 5))).policy == "default"


def test_a_policy_may_split_what_is_short(founded: Services) -> None:
    stocked(founded, A=2)
    publishing.publish(founded, [policy(shortage={"submit": "split"})], "", ORIGIN)
    one = made(reserve(founded, "r1", ("A", 5)))
    assert (one.lines[0].taken, one.lines[0].short, one.is_short) == (2, 3, True)
    assert codes(reserve(founded, "r2", ("A", 1))) == ["out_of_stock"]
    assert_sound(founded)


def test_a_policy_may_owe_up_to_a_limit(founded: Services) -> None:
    stocked(founded, A=1)
    publishing.publish(founded, [policy(shortage={"submit": "backorder"}, backorder_limit=3)], "", ORIGIN)
    assert made(reserve(founded, "r1", ("A", 3))).state == "held"
    assert codes(reserve(founded, "r2", ("A", 2))) == ["out_of_stock"]
    assert made(reserve(founded, "r3", ("A", 1))).state == "held"
    assert numbers(founded, "A") == (1, 4)
    assert_sound(founded)


def test_pools_are_taken_from_in_their_order(founded: Services) -> None:
    stocked(founded, A=2)
    stocking.move(founded, Move("A", "return", 3, "returned"), ORIGIN)
    assert codes(reserve(founded, "r1", ("A", 3))) == ["out_of_stock"]
    publishing.publish(founded, [policy(pools=["main", "returned"])], "", ORIGIN)
    one = made(reserve(founded, "r2", ("A", 5)))
    assert [(part.pool, part.quantity) for part in one.parts()] == [("main", 2), ("returned", 3)]
    assert_sound(founded)


@pytest.mark.parametrize(("untracked", "outcome"), [("none", Declined), ("free", Done)])
def test_a_sku_without_a_stock_record_is_none_unless_the_policy_lets_it_go(
    founded: Services, untracked: str, outcome: type
) -> None:
    stocked(founded, A=0)
    publishing.publish(founded, [policy(untracked=untracked)], "", ORIGIN)
    assert isinstance(reserve(founded, "r1", ("A", 1)), outcome)


def test_a_reservation_tells_which_policy_decided_and_why(founded: Services) -> None:
    stocked(founded, A=5)
    one = made(reserve(founded, "r1", ("A", 2)))
    with founded.db.read() as conn:
        (decision,) = story.decisions(conn, f"reservation:{one.id}")
    assert (decision.kind, decision.key, decision.version, decision.outcome) == (
        "reservation",
        "default",
        1,
        "reserved",
    )
    assert decision.why[0].facts["available"] == 5
