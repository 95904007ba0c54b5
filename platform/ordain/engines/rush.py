"""A rush on one SKU, planned from a seed: who comes when, through which instance, who pays and how late."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from ordain.base.errors import Problem, problem

_MOST_BUYERS: Final = 20_000
_LONGEST: Final = 60.0
_STALLS: Final = 1 / 200


@dataclass(frozen=True, slots=True)
class Rush:
    """What a rush is made of; spans in seconds, shares between 0 and 1.

    `cache_lag` is how old the number on a shop's page may be, `payment_delay` the mean time from order to payment,
    `hold` how long an unpaid order is waited for.
    """

    seed: int = 2618
    stock: int = 800
    buyers: int = 2_500
    at_once: int = 64
    instances: int = 4
    spread: float = 5.0
    cache_lag: float = 0.2
    payment_delay: float = 0.11
    drop_out: float = 0.1
    hold: float = 0.6

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Rush":
        """Return the rush that was kept as JSON; what it does not name is as ever."""
        usual = asdict(cls())
        return cls(**{name: type(usual[name])(value) for name, value in stored.items() if name in usual})


@dataclass(frozen=True, slots=True)
class Buyer:
    """One who wants one unit: comes `at` seconds after the start, pays `pays_after` seconds later (None: never)."""

    number: int
    at: float
    instance: int
    pays_after: float | None
    stalls: bool  # whether the instance halts in the middle of this order, as a collecting runtime does


def plan(rush: Rush) -> Sequence[Buyer]:
    """Return the buyers in the order they come; the same seed brings the same buyers."""
    dice = random.Random(rush.seed)  # noqa: S311 a rush has to come again just as it was
    times = sorted(dice.uniform(0, rush.spread) for _ in range(rush.buyers))
    return [
        Buyer(
            number,
            at,
            dice.randrange(rush.instances),
            None if dice.random() < rush.drop_out else dice.uniform(0, 2 * rush.payment_delay),
            dice.random() < _STALLS,
        )
        for number, at in enumerate(times)
    ]


def check(rush: Rush) -> list[Problem]:
    """Return what is wrong with a rush that somebody wishes for."""
    limits: Sequence[tuple[str, float, float, float]] = (
        ("stock", rush.stock, 1, _MOST_BUYERS),
        ("buyers", rush.buyers, 1, _MOST_BUYERS),
        ("at_once", rush.at_once, 1, 256),
        ("instances", rush.instances, 1, 8),
        ("spread", rush.spread, 0.1, _LONGEST),
        ("cache_lag", rush.cache_lag, 0, _LONGEST),
        ("payment_delay", rush.payment_delay, 0, _LONGEST),
        ("drop_out", rush.drop_out, 0, 0.9),
        ("hold", rush.hold, 0.05, _LONGEST),
    )
    return [
        problem(
            name,
            "out_of_range",
            f"应在{least:g}到{most:g}之间，现为{value:g}",
            f"must lie between {least:g} and {most:g}; it is {value:g}",
        )
        for name, value, least, most in limits
        if not least <= value <= most
    ]
