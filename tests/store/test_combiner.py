import threading
import time
from collections.abc import Sequence

import pytest

from ordain.store.combiner import Combiner


def test_everybody_gets_the_answer_of_their_own_item_and_batches_form() -> None:
    batches: list[int] = []

    def work(items: Sequence[int]) -> list[int]:
        batches.append(len(items))
        time.sleep(0.002)
        return [item * 2 for item in items]

    combiner = Combiner(work, most=8)
    answers: dict[int, int] = {}

    def ask(item: int) -> None:
        answers[item] = combiner.submit(item)

    threads = [threading.Thread(target=ask, args=(item,)) for item in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert answers == {item: item * 2 for item in range(100)}
    assert sum(batches) == 100
    assert 1 < max(batches) <= 8


def test_an_error_reaches_every_caller_of_its_batch_and_the_next_batch_goes_on() -> None:
    def work(items: Sequence[str]) -> list[str]:
        if "bad" in items:
            raise ValueError("bad")
        return list(items)

    combiner = Combiner(work)
    with pytest.raises(ValueError, match="bad"):
        combiner.submit("bad")
    assert combiner.submit("good") == "good"


def test_whoever_came_first_is_in_the_first_batch() -> None:
    batches: list[list[int]] = []
    go_on = threading.Event()

    def work(items: Sequence[int]) -> list[int]:
        go_on.wait(10)
        batches.append(list(items))
        return list(items)

    combiner = Combiner(work, most=4)
    threads = [threading.Thread(target=combiner.submit, args=(item,)) for item in range(11)]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert batches == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]
