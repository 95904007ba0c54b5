"""What passes between the steps of an intake."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ordain.base.decision import Decision
from ordain.base.errors import Problem
from ordain.records.actor import Origin
from ordain.records.message import Correction, Fate, Incoming, Source
from ordain.store.orders.show import Written


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message at the door. `again` says that it was kept before and is read once more, with its corrections."""

    message_id: str
    channel: str
    source: Source
    incoming: Incoming
    received_at: datetime
    origin: Origin
    again: bool = False
    tries: int = 0
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message with the decision the live mapping made of it; nothing is stored yet."""

    arrival: Arrival
    shop: str
    decision: Decision
    external_id: str
    mapping: str
    mapping_version: int | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    modified_at: datetime | None = None
    content_hash: str = ""
    mended: tuple[str, ...] = ()  # the fields that stand as a person corrected them


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one message; `order` is what a submission made."""

    message_id: str
    fate: Fate
    order_id: str | None
    repeated: bool = False
    new: bool = False
    problems: tuple[Problem, ...] = ()
    order: Written | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch, one result for each message in its order."""

    results: Sequence[Result]

    @property
    def counts(self) -> Counter[str]:
        """How many messages met which fate; `repeated` and `new` beside them."""
        found: Counter[str] = Counter(r.fate for r in self.results if not r.repeated)
        found["repeated"] = sum(r.repeated for r in self.results)
        found["new"] = sum(r.new for r in self.results)
        return found
