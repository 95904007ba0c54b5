"""The book of one transaction: levels and reservations are locked in order, changed in memory, and written at once.

Many small changes of stock share one book, and with it a handful of statements and one commit. Nothing is written
until all of it is decided, so a refusal needs no undoing. No network call and no waiting for a person happens
while it is open.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from ordain.base.decision import Decision
from ordain.base.ids import new_id
from ordain.engines import reservation as engine
from ordain.engines import shipment
from ordain.engines.reservation import Request, Shelf
from ordain.kinds.reservation import Policies, Policy, policy
from ordain.records.order import PRIORITIES
from ordain.records.stock import (
    Level,
    Movement,
    MovementKind,
    Part,
    Place,
    Reservation,
    ReservationState,
    open_by_place,
)
from ordain.store import catalogue
from ordain.store.definitions import Live, Version
from ordain.store.stock import levels, movements, reservations
from ordain.store.stock.levels import Delta

RANK: Final[dict[str, int]] = {priority: rank for rank, priority in enumerate(reversed(PRIORITIES))}
"""Who goes first inside a batch: VIP before urgent before normal."""
_RECLAIM: Final = 200
_POLICIES: "WeakKeyDictionary[Live, Policies]" = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something moved: who, with what reason, for which reservation; `key` makes it count once."""

    actor: str
    reason: str = ""
    key: str | None = None
    reservation: Reservation | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """How a book stood at some moment."""

    levels: dict[Place, Level]
    deltas: dict[Place, Delta]
    new: dict[str, Reservation]
    changed: dict[str, tuple[Reservation, ReservationState]]
    movements: int


class Book:
    """Opens over a running transaction; `write` puts down what was done in it."""

    def __init__(self, conn: sa.Connection, live: Live, now: datetime) -> None:
        self.now = now
        self.policies = policies(live)
        self.expired: list[Reservation] = []
        self._conn = conn
        self._levels: dict[Place, Level] = {}
        self._loaded: set[str] = set()
        self._dry: set[str] = set()
        self._known: set[str] = set()
        self._bundles: dict[str, list[tuple[str, int]]] = {}
        self._deltas: dict[Place, Delta] = {}
        self._new: dict[str, Reservation] = {}
        self._changed: dict[str, tuple[Reservation, ReservationState]] = {}
        self._movements: list[Movement] = []

    def open(self, skus: Iterable[str], standing: Iterable[Reservation] = ()) -> None:
        """Lock all levels that will be asked for: of these SKUs, of what bundles are made of, of these reservations.

        Called once, before anything is changed: locks are taken in one order.
        """
        self._known, self._bundles = catalogue.parts(self._conn, sorted(set(skus)))
        wanted = {sku for sku in self._known if sku not in self._bundles}
        wanted |= {sku for needs in self._bundles.values() for sku, _ in needs}
        wanted |= {part.sku for one in standing for part in one.parts()}
        self._levels = levels.lock(self._conn, sorted(wanted))
        self._loaded = wanted

    def level(self, sku: str, pool: str) -> Level:
        """Return a level as it is by now; all zero where there is no record of it."""
        return self._levels.get((sku, pool)) or Level(sku, pool)

    def has(self, sku: str) -> bool:
        """Tell whether a SKU is in the catalogue."""
        return sku in self._known

    def ask(self, request: Request) -> Decision:
        """Decide on a request; what would fail for lack of stock first takes back what expired holds still hold."""
        shelf = Shelf(self._levels, self._bundles, self._known, self.policies)
        decision = engine.decide(request, shelf)
        if any(found.code == "out_of_stock" for found in decision.problems) and self._reclaim(request):
            return engine.decide(request, shelf)
        return decision

    def reserve(self, made: Reservation) -> None:
        """Add a reservation that was decided on."""
        for place, quantity in open_by_place(list(made.parts())).items():
            self._reserved(place, quantity, made)
        self._new[made.id] = made

    def commit(self, one: Reservation) -> Reservation:
        """Make a held reservation last; no number changes."""
        return self._keep(one, replace(one, state="committed", expires_at=None, changed_at=self.now))

    def end(self, one: Reservation, state: ReservationState) -> Reservation:
        """Let go of all that a reservation still holds."""
        for place, quantity in open_by_place(list(one.parts())).items():
            self._reserved(place, -quantity)
        return self._keep(one, replace(one, state=state, expires_at=None, changed_at=self.now))

    def ship(self, one: Reservation, pieces: Mapping[int, int], actor: str) -> Reservation:
        """Let pieces of lines (by position) leave: on hand and reserved sink together. Shipped once all has left."""
        lines = list(one.lines)
        for position, count in pieces.items():
            lines[position], leaving = shipment.ship(lines[position], count)
            for part in leaving:
                self._leave(one, part, actor)
        done = all(line.shipped >= line.taken for line in lines)
        state: ReservationState = "shipped" if done else "committed"
        return self._keep(one, replace(one, lines=tuple(lines), state=state, expires_at=None, changed_at=self.now))

    def move(self, place: Place, kind: MovementKind, quantity: int, cause: Cause, *, owed: int = 0) -> Movement:
        """Change what is on hand, with its row in the ledger."""
        delta = self._deltas.setdefault(place, Delta())
        delta.on_hand += quantity
        delta.owed = max(delta.owed, owed)
        level = self.level(*place)
        self._levels[place] = after = replace(level, on_hand=level.on_hand + quantity)
        whose = cause.reservation
        made = Movement(
            new_id(), self.now, *place, kind, quantity, after.on_hand, cause.reason, cause.actor,
            whose.id if whose else None, whose.order_id if whose else None, cause.key,
        )  # fmt: skip
        self._movements.append(made)
        return made

    def mark(self) -> "Mark":
        """Return where the book stands, to go back to."""
        deltas = {place: replace(delta) for place, delta in self._deltas.items()}
        return Mark(dict(self._levels), deltas, dict(self._new), dict(self._changed), len(self._movements))

    def back(self, to: "Mark") -> None:
        """Undo what was done since the mark; holds that ran out since stay where they were."""
        self._levels, self._deltas, self._new, self._changed = to.levels, to.deltas, to.new, to.changed
        del self._movements[to.movements :]
        self.expired = [one for one in self.expired if one.id in self._changed]

    def write(self) -> None:
        """Put down all that was done, each table in one statement."""
        levels.change(self._conn, {p: d for p, d in self._deltas.items() if d != _NOTHING}, self.now)
        reservations.insert(self._conn, sorted(self._new.values(), key=lambda made: made.reference))
        reservations.write(self._conn, sorted(self._changed.values(), key=lambda pair: pair[0].id))
        movements.insert(self._conn, self._movements)

    def _keep(self, before: Reservation, after: Reservation) -> Reservation:
        if before.id in self._new:
            self._new[before.id] = after
        else:
            was = self._changed[before.id][1] if before.id in self._changed else before.state
            self._changed[before.id] = (after, was)
        return after

    def _leave(self, one: Reservation, part: Part, actor: str) -> None:
        self._reserved((part.sku, part.pool), -part.quantity)
        self.move((part.sku, part.pool), "ship", -part.quantity, Cause(actor, reservation=one))

    def _reserved(self, place: Place, quantity: int, made: Reservation | None = None) -> None:
        delta = self._deltas.setdefault(place, Delta())
        delta.reserved += quantity
        level = self.level(*place)
        self._levels[place] = after = replace(level, reserved=level.reserved + quantity)
        short = after.reserved - after.on_hand
        if made is not None and short > after.backorder_limit:  # the policy lets it owe more than the SKU's own limit
            delta.owed = max(delta.owed, short, self.policies.of(made.channel, place[0]).backorder_limit)

    def _reclaim(self, request: Request) -> bool:
        """Expire holds whose time is up on the SKUs of a request; tell whether there were any.

        Waits for nobody: a hold, or a level of another SKU in it, that somebody is at is left to them.
        """
        skus = {sku for wanted in request.lines for sku in self._components(wanted.sku)} - self._dry
        self._dry |= skus  # one look a batch is enough
        found = reservations.lock_expired(self._conn, self.now, limit=_RECLAIM, skus=skus) if skus else []
        found = [one for one in found if one.id not in self._changed]
        others = {part.sku for one in found for part in one.parts()} - self._loaded
        if others:
            self._levels.update(levels.lock(self._conn, sorted(others), wait=False))
        held = [one for one in found if all((part.sku, part.pool) in self._levels for part in one.parts())]
        self.expired += [self.end(one, "expired") for one in held]
        return bool(held)

    def _components(self, sku: str) -> Collection[str]:
        return [part for part, _ in self._bundles.get(sku, ())] or [sku]


_NOTHING: Final = Delta()


def policies(live: Live) -> Policies:
    """Return the reservation policies that run, read once per epoch."""
    found = _POLICIES.get(live)
    if found is None:
        made = [live.compiled("reservation", version.key, _policy) for version in live.all("reservation")]
        found = _POLICIES[live] = Policies(made)
    return found


def _policy(version: Version) -> Policy:
    return policy(version.document, version.number)
