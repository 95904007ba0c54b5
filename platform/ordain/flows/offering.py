"""What may be offered of a SKU: its levels read by the policy that rules it. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.base.text import Text
from ordain.engines.stock_label import label
from ordain.flows.booking import policies
from ordain.flows.services import Services
from ordain.kinds.reservation import Policy
from ordain.records.stock import Level
from ordain.store import catalogue
from ordain.store.stock import levels


@dataclass(frozen=True, slots=True)
class Offer:
    """One SKU as a shop may offer it: its levels by pool, how many pieces may be promised, and by which policy.

    A bundle has no levels: as many may be promised as its parts make up.
    """

    sku: str
    levels: Sequence[Level]
    available: int
    policy: Policy

    @property
    def label(self) -> Text:
        """What a shop's page says of it."""
        return label(self.available, self.policy.low_stock)

    @property
    def is_scarce(self) -> bool:
        """Whether little or nothing is left."""
        return self.available <= self.policy.low_stock


def offer(services: Services, code: str, channel: str = "") -> Offer | None:
    """Return what may be offered of a code on a channel ("" for any); None where nobody knows the code."""
    with services.db.read() as conn:
        known = catalogue.resolve(conn, [(channel, code)])
        if not known:
            return None
        sku = known[channel, code]
        _, bundles = catalogue.parts(conn, [sku])
        made_of = bundles.get(sku, [(sku, 1)])
        found = sorted(levels.of(conn, [part for part, _ in made_of]).values(), key=lambda level: level.pool)
        ruling = policies(services.live.at(conn)).of(channel, sku)
    available = min(_promised(found, part, ruling) // quantity for part, quantity in made_of)
    return Offer(sku, [level for level in found if level.sku == sku], available, ruling)


def _promised(found: Sequence[Level], sku: str, ruling: Policy) -> int:
    """Return how many pieces of one SKU may be promised, over the pools that the policy sells from."""
    sold = [level for level in found if level.sku == sku and level.pool in ruling.pools]
    return sum(max(0, level.available - max(0, ruling.safety - level.safety)) for level in sold)
