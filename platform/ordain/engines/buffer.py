"""Channel buffers: how much to hold back from a channel that sells against a counter of its own.

What the channel sells before it hears of a change is Poisson with mean rate times lag. Held back is the smallest
number that is passed with less than the risk one is ready to take.
"""

import math
from statistics import NormalDist
from typing import Final

RISK: Final = 0.001
_LARGE: Final = 400.0


def hold_back(per_second: float, lag_seconds: float, risk: float = RISK) -> int:
    """Return the smallest b with P(Poisson(per_second x lag_seconds) > b) < risk."""
    mean = max(0.0, per_second) * max(0.0, lag_seconds)
    if mean == 0:
        return 0
    if mean > _LARGE:
        return _of_many(mean, risk)
    below = term = math.exp(-mean)
    units = 0
    while 1 - below >= risk and units < 10 * _LARGE:
        units += 1
        term *= mean / units
        below += term
    return units


def _of_many(mean: float, risk: float) -> int:
    """Return the same for large means by the normal approximation with its next term, rounded to the safe side."""
    z = NormalDist().inv_cdf(1 - risk)
    return math.ceil(mean + z * math.sqrt(mean) + (z * z - 1) / 6) + 1
