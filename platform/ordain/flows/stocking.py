"""What staff and warehouses do to the stock: receive, adjust, take back, count, repair; each is a row in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ordain.base.errors import Problem, Refused, problem
from ordain.flows.booking import Book, Cause
from ordain.flows.services import Services
from ordain.records.actor import Origin, name_of
from ordain.records.stock import MAIN, MOST, Level, Movement, MovementKind
from ordain.store import audit, catalogue
from ordain.store.stock import levels, movements, proof

_SIGNS: Final[Mapping[MovementKind, str]] = {"receive": "+", "return": "+", "adjust": "±", "count": "="}
_NO_LIMITS: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, slots=True)
class Move:
    """One movement asked for. Of a count `quantity` is what was found, else what is added (less than nothing: taken).

    `key` makes it count once however often it is asked for. `force` lets less be there than is promised.
    """

    sku: str
    kind: MovementKind
    quantity: int
    pool: str = MAIN
    reason: str = ""
    key: str | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The level after a movement; `again` says that it had counted before, `movement` is None where nothing changed."""

    level: Level
    movement: Movement | None = None
    again: bool = False


def move(services: Services, wanted: Move, origin: Origin) -> Moved:
    """Make one movement; Refused with the numbers where less would be there than is promised, unless forced."""
    return move_all(services, [wanted], origin)[0]


def move_all(services: Services, wanted: Sequence[Move], origin: Origin) -> list[Moved]:
    """Make movements in one transaction, all or none; Refused with all that is wrong, of several by their places."""
    _refuse(wanted, [_check(one) for one in wanted])

    def work(conn: sa.Connection) -> list[Moved]:
        return _move_all(services, conn, wanted, origin)

    try:
        return services.db.transact(work)
    except IntegrityError:  # somebody made a movement under the same key in the same moment; now it stands
        return services.db.transact(work)


def set_level(
    services: Services,
    sku: str,
    on_hand: int,
    origin: Origin,
    *,
    pool: str = MAIN,
    reason: str = "",
    force: bool = False,
    limits: Mapping[str, int] = _NO_LIMITS,
) -> Moved:
    """Set what is on hand, and with it its limits; a SKU nobody knew is known from then on.

    Refused below what is promised, unless forced. All of it is set, or nothing.
    """
    wanted = Move(sku, "count", on_hand, pool, reason, force=force)
    found = _check(wanted)
    if found:
        raise Refused(found)

    def work(conn: sa.Connection) -> Moved:
        if not catalogue.resolve(conn, [("", sku)]):
            product = {"sku": sku, "title": sku, "price": 0, "currency": "CNY"}
            catalogue.add(conn, [product], services.now())
            audit.record(conn, origin, services.now(), "product.add", f"sku:{sku}", None, {"sku": sku})
        moved = _move_all(services, conn, [wanted], origin)[0]
        if limits:
            own = moved.level
            return replace(moved, level=_set_limits(services, conn, own.sku, own.pool, limits, origin))
        return moved

    return services.db.transact(work)


def set_limits(services: Services, sku: str, pool: str, limits: Mapping[str, int], origin: Origin) -> Level:
    """Set what is kept back of a level (`safety`) or how far it may be oversold on purpose (`backorder_limit`)."""
    return services.db.transact(lambda conn: _set_limits(services, conn, sku, pool, limits, origin))


def repair(services: Services, sku: str, origin: Origin, *, reason: str) -> list[Problem]:
    """Bring a SKU's levels back to their sums, with an entry in the log that says who, why, and what they were.

    What is reserved follows the reservations; what is on hand stays, and the ledger gets the row that was missing.
    """
    if not reason.strip():
        return [problem("reason", "required", "请写明修复原因", "Say why it is repaired")]

    def work(conn: sa.Connection) -> None:
        now = services.now()
        levels.lock(conn, [sku])
        for found in proof.standings(conn, skus=[sku], drifted=True):
            levels.repair(conn, found, now)
            if found.on_hand_drift:
                movements.insert(conn, [_missing(services, found, name_of(origin.actor), reason)])
            before = {"on_hand": found.on_hand, "moved": found.moved, "reserved": found.reserved}
            after = {"on_hand": found.on_hand, "reserved": found.open, "pool": found.pool, "reason": reason}
            audit.record(conn, origin, now, "stock.repair", f"sku:{sku}", before, after)

    services.db.transact(work)
    return []


def _set_limits(
    services: Services, conn: sa.Connection, sku: str, pool: str, limits: Mapping[str, int], origin: Origin
) -> Level:
    now = services.now()
    level = levels.lock(conn, [sku]).get((sku, pool))
    if level is None:
        raise Refused([_no_level(sku)])
    if limits.get("backorder_limit", MOST) < level.reserved - level.on_hand:
        raise Refused([_promised("backorder_limit", level, level.on_hand)])
    levels.set_limits(conn, (sku, pool), limits, now)
    before = {name: getattr(level, name) for name in limits}
    audit.record(conn, origin, now, "stock.limit", f"sku:{sku}", before, dict(limits))
    return levels.of(conn, [sku])[sku, pool]


def _move_all(services: Services, conn: sa.Connection, wanted: Sequence[Move], origin: Origin) -> list[Moved]:
    now = services.now()
    book = Book(conn, services.live.at(conn), now)
    own = catalogue.resolve(conn, {("", one.sku) for one in wanted})
    _refuse(wanted, [[] if ("", one.sku) in own else [_no_sku(one.sku)] for one in wanted])
    pools = {pool.key for pool in levels.pools(conn)}
    _refuse(wanted, [[] if one.pool in pools else [_no_pool(one.pool, pools)] for one in wanted])
    for sku, pool in sorted({(own["", one.sku], one.pool) for one in wanted}):
        levels.add(conn, sku, pool, now)
    book.open(own.values())
    known = movements.by_key(conn, {one.key for one in wanted if one.key})
    answers = [_move(book, one, own["", one.sku], known, origin) for one in wanted]
    _refuse(wanted, [[] if isinstance(answer, Moved) else [answer] for answer in answers])
    made = [answer for answer in answers if isinstance(answer, Moved)]
    book.write()
    entries = [(origin, change) for one, moved in zip(wanted, made, strict=True) if (change := _entry(one, moved))]
    audit.record_all(conn, now, entries)
    return made


def _refuse(wanted: Sequence[Move], found: Sequence[Sequence[Problem]]) -> None:
    """Refuse them all where any has a problem, told by its place where there are several."""
    many = len(wanted) > 1
    problems = [item.under(str(place)) if many else item for place, items in enumerate(found) for item in items]
    if problems:
        raise Refused(problems)


def _move(book: Book, wanted: Move, sku: str, known: dict[str, Movement], origin: Origin) -> Moved | Problem:
    level = book.level(sku, wanted.pool)
    if wanted.key is not None and wanted.key in known:
        if not _is_same(wanted, sku, known[wanted.key]):
            return _reused()
        return Moved(level, known[wanted.key], again=True)
    change = wanted.quantity - level.on_hand if wanted.kind == "count" else wanted.quantity
    after = level.on_hand + change
    if after < 0:
        return _below_nothing(level, change)
    owed = 0
    if change < 0 and level.reserved - after > level.backorder_limit:
        if not wanted.force:
            return _promised("quantity" if wanted.kind != "count" else "on_hand", level, after)
        owed = level.reserved - after
    if change == 0 and wanted.kind != "count":
        return Moved(level)
    cause = Cause(name_of(origin.actor), wanted.reason.strip(), wanted.key)
    made = book.move((sku, wanted.pool), wanted.kind, change, cause, owed=owed)
    if wanted.key is not None:
        known[wanted.key] = made
    return Moved(book.level(sku, wanted.pool), made)


def _is_same(wanted: Move, sku: str, made: Movement) -> bool:
    """Tell whether a movement is what is asked for; of a count, what was found is what was on hand after it."""
    number = made.on_hand if wanted.kind == "count" else made.quantity
    return (sku, wanted.pool, wanted.kind, wanted.quantity) == (made.sku, made.pool, made.kind, number)


def _entry(wanted: Move, moved: Moved) -> audit.Change | None:
    if moved.movement is None or moved.again:
        return None
    one = moved.movement
    before = {"on_hand": one.on_hand - one.quantity, "reserved": moved.level.reserved}
    after: dict[str, Any] = {"on_hand": one.on_hand, "pool": one.pool, "reason": one.reason}
    if wanted.force:
        after["forced"] = True
    return audit.Change(f"stock.{one.kind}", f"sku:{one.sku}", before, after)


def _check(wanted: Move) -> list[Problem]:
    """Return what is wrong with a movement before anything is looked up."""
    found = []
    sign = _SIGNS.get(wanted.kind)
    if sign is None:
        found.append(problem("kind", "unknown_kind", "此类变动由系统记录", "This kind of movement is the system's own"))
    if abs(wanted.quantity) > MOST:
        found.append(problem("quantity", "maximum", f"数量不能超过 {MOST}", f"The quantity is at most {MOST}"))
    elif sign == "+" and wanted.quantity <= 0:
        found.append(problem("quantity", "minimum", "数量应大于 0", "The quantity must be more than 0"))
    elif sign == "±" and wanted.quantity == 0:
        found.append(problem("quantity", "zero", "调整数量不能为 0", "An adjustment of 0 is none"))
    elif sign == "=" and wanted.quantity < 0:
        found.append(problem("on_hand", "minimum", "现有数量不能为负", "What is on hand cannot be less than 0"))
    if not wanted.reason.strip() and (wanted.kind == "adjust" or wanted.force):
        found.append(problem("reason", "required", "请写明原因", "Say why"))
    return found


def _missing(services: Services, found: proof.Standing, actor: str, reason: str) -> Movement:
    return Movement(
        services.new_id(), services.now(), found.sku, found.pool, "adjust", found.on_hand_drift, found.on_hand,
        reason.strip(), actor,
    )  # fmt: skip


def _no_sku(code: str) -> Problem:
    return problem("sku", "unknown_sku", f"没有商品编码“{code}”", f"There is no SKU “{code}”")


def _promised(path: str, level: Level, after: int) -> Problem:
    return problem(
        path,
        "below_reserved",
        f"{level.sku} 已预占 {level.reserved} 件，不能改为 {after} 件；确需修改请强制并写明原因",
        f"{level.reserved} of {level.sku} are promised, {after} would not do; force it with a reason if it must be",
    )


def _reused() -> Problem:
    return problem(
        "key",
        "key_reused",
        "该键已用于另一笔库存变动，内容不同，请换一个键",
        "This key stands for another movement with other content; use a new one",
    )


def _below_nothing(level: Level, change: int) -> Problem:
    return problem(
        "quantity",
        "below_zero",
        f"{level.sku} 现有 {level.on_hand} 件，不能减少 {-change} 件",
        f"{level.on_hand} of {level.sku} are on hand, {-change} cannot be taken",
    )


def _no_level(sku: str) -> Problem:
    return problem("sku", "unknown_sku", f"没有“{sku}”的库存记录", f"There is no stock record of “{sku}”")


def _no_pool(pool: str, known: set[str]) -> Problem:
    listed = ", ".join(sorted(known))
    return problem(
        "pool", "unknown_pool", f"没有库存池“{pool}”，现有：{listed}", f"There is no pool “{pool}”; known: {listed}"
    )
