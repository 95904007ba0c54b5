"""Buffers: the smallest number that is passed with less than the risk."""

import math
import random

import pytest

from ordain.engines.buffer import hold_back


def passed(mean: float, units: int) -> float:
    return 1 - sum(math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(units + 1))


@pytest.mark.parametrize("mean", [0.0001, 0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 40, 150, 399])
@pytest.mark.parametrize("risk", [0.05, 0.001])
def test_it_is_enough_and_one_less_is_not(mean: float, risk: float) -> None:
    units = hold_back(mean, 1, risk)
    assert passed(mean, units) < risk
    assert units == 0 or passed(mean, units - 1) >= risk


@pytest.mark.parametrize("mean", [401, 2_000, 50_000])
def test_for_large_means_it_is_enough_and_hardly_more(mean: float) -> None:
    units = hold_back(mean, 1)
    assert passed(mean, units) < 0.001
    assert units - mean < 3.5 * math.sqrt(mean)


def test_nothing_sold_or_no_lag_holds_nothing_back() -> None:
    assert hold_back(0, 100) == hold_back(5, 0) == hold_back(-1, 10) == 0


def test_played_many_times_it_is_passed_as_seldom_as_it_says() -> None:
    dice = random.Random(7)
    rate, lag = 0.2, 12.0
    units = hold_back(rate, lag)

    def sold() -> int:
        count, moment = 0, dice.expovariate(rate)
        while moment < lag:
            count, moment = count + 1, moment + dice.expovariate(rate)
        return count

    assert sum(sold() > units for _ in range(20_000)) / 20_000 < 0.0015
