"""Reserving stock, keeping it, letting it go: every request is small, and those that come together share one commit.

Inside a batch VIP goes before urgent before normal, then by arrival. Each request is answered for itself; asked again,
it gets the answer it had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ordain.base import json
from ordain.base.errors import Problem, problem
from ordain.base.ids import new_id
from ordain.engines.reservation import Request
from ordain.flows import lapsing
from ordain.flows.booking import RANK, Book
from ordain.flows.deciding import decision_row
from ordain.flows.services import Services
from ordain.records.actor import Origin, name_of
from ordain.records.stock import Reservation, Wanted
from ordain.store import audit, catalogue
from ordain.store.audit import Change
from ordain.store.combiner import Combiner
from ordain.store.orders import keep
from ordain.store.stock import reservations
from ordain.store.stock.levels import Overtaken


@dataclass(frozen=True, slots=True)
class Reserve:
    """Hold these lines under the caller's reference; `hold_seconds` None means as long as the policy says."""

    reference: str
    lines: tuple[Wanted, ...]
    channel: str = ""
    priority: str = "normal"
    hold_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """Make a held reservation last."""

    reservation_id: str


@dataclass(frozen=True, slots=True)
class Release:
    """Let a reservation go."""

    reservation_id: str


@dataclass(frozen=True, slots=True)
class Ship:
    """Let pieces of lines leave, by the position of the line; no more than are reserved."""

    reservation_id: str
    pieces: Mapping[int, int]


Command = Reserve | Commit | Release | Ship


@dataclass(frozen=True, slots=True)
class Done:
    """The reservation as it stands; `again` says that it had been done before."""

    reservation: Reservation
    again: bool = False


@dataclass(frozen=True, slots=True)
class Declined:
    """Nothing was changed, and why. `missing` says that there is no such reservation."""

    problems: tuple[Problem, ...] = ()
    missing: bool = False


Answer = Done | Declined
Asked = tuple[Command, Origin]


class Desk:
    """The counter of one process: requests that come together are settled in one transaction."""

    def __init__(self, services: Services) -> None:
        self._combiner: Combiner[Asked, Answer] = Combiner(lambda batch: settle(services, batch), most=64)

    def settle(self, command: Command, origin: Origin) -> Answer:
        """Return the answer to one request, once it is durable."""
        return self._combiner.submit((command, origin))


def reserve(services: Services, command: Reserve, origin: Origin) -> Answer:
    """Hold stock; Declined with the lines that are short, or where the reference stands for something else."""
    return settle(services, [(command, origin)])[0]


def commit(services: Services, reservation_id: str, origin: Origin) -> Answer:
    """Make a hold last; Declined where it is gone already."""
    return settle(services, [(Commit(reservation_id), origin)])[0]


def release(services: Services, reservation_id: str, origin: Origin) -> Answer:
    """Let a reservation go; Declined where it has left."""
    return settle(services, [(Release(reservation_id), origin)])[0]


def ship(services: Services, reservation_id: str, pieces: Mapping[int, int], origin: Origin) -> Answer:
    """Let pieces leave; Declined where the reservation is gone or does not hold so many."""
    return settle(services, [(Ship(reservation_id, pieces), origin)])[0]


def settle(services: Services, asked: Sequence[Asked]) -> list[Answer]:
    """Settle requests in one transaction, the answers in their order; where it fails as a whole, one by one."""
    try:
        return services.db.transact(lambda conn: _Batch(services, conn, asked).settle())
    except (IntegrityError, Overtaken):
        if len(asked) > 1:
            return [answer for one in asked for answer in settle(services, [one])]
        # Somebody made the same reference in the same moment; now it stands and answers.
        return services.db.transact(lambda conn: _Batch(services, conn, asked).settle())


class _Batch:
    """One transaction's requests."""

    def __init__(self, services: Services, conn: sa.Connection, asked: Sequence[Asked]) -> None:
        self._services = services
        self._conn = conn
        self._asked = asked
        self._decisions: list[dict[str, Any]] = []
        self._audits: list[tuple[Origin, Change]] = []

    def settle(self) -> list[Answer]:
        """Load and lock all that is spoken of, settle by rank, write once."""
        conn, services = self._conn, self._services
        wanted = [command for command, _ in self._asked if isinstance(command, Reserve)]
        self._known = reservations.by_reference(conn, {command.reference for command in wanted})
        named = {command.reservation_id for command, _ in self._asked if not isinstance(command, Reserve)}
        self._standing = reservations.lock(conn, named) if named else {}
        codes = {(command.channel, line.sku) for command in wanted for line in command.lines}
        self._own = catalogue.resolve(conn, codes)
        self._book = Book(conn, services.live.at(conn), services.now())
        self._book.open(self._own.values(), self._standing.values())
        answers: dict[int, Answer] = {}
        for place in sorted(range(len(self._asked)), key=self._rank):
            answers[place] = self._one(*self._asked[place])
        self._book.write()
        keep.insert_story(conn, self._decisions, [])
        audit.record_all(conn, self._book.now, self._audits)
        lapsing.close(conn, self._book)
        return [answers[place] for place in range(len(self._asked))]

    def _rank(self, place: int) -> int:
        """Letting go and keeping come first: they need nothing, and free what others wait for."""
        command = self._asked[place][0]
        return RANK.get(command.priority, len(RANK)) if isinstance(command, Reserve) else -1

    def _one(self, command: Command, origin: Origin) -> Answer:
        if isinstance(command, Reserve):
            return self._reserve(command, origin)
        found = self._standing.get(command.reservation_id)
        if found is None:
            return Declined(missing=True)
        if found.order_id is not None:
            return Declined((_of_order(),))
        match command:
            case Commit():
                answer = self._commit(found)
            case Release():
                answer = self._release(found, origin)
            case Ship(pieces=pieces):
                answer = self._ship(found, pieces, origin)
        if isinstance(answer, Done):
            self._standing[command.reservation_id] = answer.reservation
        return answer

    def _reserve(self, command: Reserve, origin: Origin) -> Answer:
        asked_hash = json.content_hash(
            [[(w.sku, w.quantity) for w in command.lines], command.hold_seconds, command.channel]
        )
        if (known := self._known.get(command.reference)) is not None:
            return Done(known, again=True) if known.asked_hash == asked_hash else Declined((_reused(),))
        channel = command.channel
        lines = [Wanted(self._own.get((channel, w.sku), w.sku), w.quantity, w.line) for w in command.lines]
        decision = self._book.ask(Request(lines, channel))
        if decision.outcome == "refused":
            return Declined(decision.problems)
        now, ruling = self._book.now, [self._book.policies.of(channel, line.sku) for line in lines]
        hold = min(policy.hold for policy in ruling)
        if command.hold_seconds is not None:
            hold = timedelta(seconds=command.hold_seconds)
        made = Reservation(
            new_id(), command.reference, "held", None, channel, command.priority, decision.changes["lines"],
            ruling[0].key, ruling[0].version, asked_hash, name_of(origin.actor), now + hold, now, now,
        )  # fmt: skip
        self._book.reserve(made)
        self._known[command.reference] = made
        self._decisions.append(decision_row(self._services, f"reservation:{made.id}", made, decision))
        return Done(made)

    def _commit(self, found: Reservation) -> Answer:
        if found.state == "held":
            return Done(self._book.commit(found))
        return Done(found, again=True) if found.state == "committed" else Declined((_gone(found),))

    def _release(self, found: Reservation, origin: Origin) -> Answer:
        if not found.is_live:
            return Declined((_gone(found),)) if found.state == "shipped" else Done(found, again=True)
        if any(line.shipped for line in found.lines):
            return Declined((_gone(found),))
        change = Change("reservation.release", f"reservation:{found.id}", {"state": found.state}, {"state": "released"})
        self._audits.append((origin, change))
        return Done(self._book.end(found, "released"))

    def _ship(self, found: Reservation, pieces: Mapping[int, int], origin: Origin) -> Answer:
        if not found.is_live:
            return Declined((_gone(found),))
        problems = tuple(_too_many(position) for position, many in pieces.items() if many > _unshipped(found, position))
        if problems:
            return Declined(problems)
        return Done(self._book.ship(found, pieces, name_of(origin.actor)))


def _unshipped(found: Reservation, position: int) -> int:
    return found.lines[position].taken - found.lines[position].shipped if position < len(found.lines) else 0


def _too_many(position: int) -> Problem:
    return problem(
        f"lines.{position}.quantity",
        "more_than_reserved",
        "发货数量超过已预占的数量",
        "More than is reserved cannot leave",
    )


def _reused() -> Problem:
    return problem(
        "reference",
        "reference_reused",
        "该编号已用于另一笔预占，内容不同，请换一个编号",
        "This reference stands for another reservation with other content; use a new one",
    )


def _of_order() -> Problem:
    return problem(
        "",
        "of_order",
        "这笔预占属于订单，请对订单付款、取消或发货",
        "This reservation belongs to an order; pay, cancel or ship the order",
    )


def _gone(found: Reservation) -> Problem:
    words = {
        "released": ("已释放", "was released"),
        "expired": ("已失效", "has lapsed"),
        "shipped": ("已发货", "has left"),
    }
    zh, en = words.get(found.state, ("已部分发货", "has left in part"))
    return problem("state", f"reservation_{found.state}", f"这笔预占{zh}", f"This reservation {en}")
