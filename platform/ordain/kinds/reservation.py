"""Kind `reservation`: stock policy. Which one rules a line: the one that names its SKU, else its channel, else any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from ordain.kinds.kind import Document, Kind
from ordain.records.stock import MAIN

KIND = Kind("reservation")
Shortage = Literal["refuse", "split", "backorder", "hold"]


@dataclass(frozen=True, slots=True)
class Policy:
    """How stock is promised. `safety` and `backorder_limit` stand beside those of the SKU itself.

    `untracked` tells whether a SKU without a stock record may be sold; None: where it was sold on a platform already.
    """

    key: str = ""
    version: int = 0
    channels: frozenset[str] = frozenset()
    skus: tuple[str, ...] = ()
    at_payment: bool = False
    hold: timedelta = timedelta(minutes=30)
    pools: tuple[str, ...] = (MAIN,)
    safety: int = 0
    backorder_limit: int = 0
    shortage: Shortage = "refuse"
    paid_elsewhere: Shortage = "hold"
    untracked: bool | None = None
    cancels: bool = True
    notice: str = ""
    low_stock: int = 5
    refresh_seconds: int = 10


def policy(document: Document, version: int) -> Policy:
    """Return what a document says; what it leaves out is as in `Policy`."""
    spec: Mapping[str, Any] = document["spec"]
    whom, short, ends = spec.get("for", {}), spec.get("shortage", {}), spec.get("expired", [])
    return Policy(
        key=document["key"],
        version=version,
        channels=frozenset(whom.get("channels", ())),
        skus=tuple(whom.get("skus", ())),
        at_payment=spec["reserve_at"] == "payment",
        hold=timedelta(minutes=int(spec["hold_minutes"])),
        pools=tuple(spec.get("pools") or (MAIN,)),
        safety=int(spec.get("safety", 0)),
        backorder_limit=int(spec.get("backorder_limit", 0)),
        shortage=short.get("submit", "refuse"),
        paid_elsewhere=short.get("paid_elsewhere", "hold"),
        untracked={"free": True, "none": False}.get(spec.get("untracked", "")),
        cancels=any(step["do"] == "order.cancel" for step in ends) or not ends,
        notice=next((step.get("notice", "") for step in ends if step["do"] == "notify"), ""),
        low_stock=int(spec.get("low_stock", 5)),
        refresh_seconds=int(spec.get("refresh_seconds", 10)),
    )


class Policies:
    """All policies that run; each line's is looked up once."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = [*policies, Policy()]
        self._found: dict[tuple[str, str], Policy] = {}

    def of(self, channel: str, sku: str) -> Policy:
        """Return the policy that rules a SKU in a channel: the one that says most about it, the first among equals."""
        place = (channel, sku)
        found = self._found.get(place)
        if found is None:
            if len(self._found) > _MOST_KEPT:
                self._found.clear()
            fitting = [policy for policy in self._policies if _fits(policy, channel, sku)]
            found = self._found[place] = max(fitting, key=lambda policy: _says(policy, sku))
        return found


_MOST_KEPT: Final = 100_000


def _fits(policy: Policy, channel: str, sku: str) -> bool:
    named = not policy.channels or channel in policy.channels
    return named and (not policy.skus or any(_matches(pattern, sku) for pattern in policy.skus))


def _says(policy: Policy, sku: str) -> tuple[int, int, int, bool]:
    """Rank a policy that fits: by the SKU, the length of its beginning, the channel; the built-in one last."""
    longest = max((len(pattern) for pattern in policy.skus if _matches(pattern, sku)), default=0)
    return int(sku in policy.skus), longest, int(bool(policy.channels)), bool(policy.key)


def _matches(pattern: str, sku: str) -> bool:
    return sku.startswith(pattern[:-1]) if pattern.endswith("*") else sku == pattern
