"""Deciding on a request for stock: all of it, a part where the policy lets it, or none, and why.

Pure: what is on hand comes in, what to take from where goes out. Two lines of one SKU see each other, and a bundle
is as many as its scarcest part.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ordain.base.decision import Clause, Decision
from ordain.base.errors import Problem, problem
from ordain.base.text import Text
from ordain.kinds.reservation import Policies, Policy, Shortage
from ordain.records.stock import Level, Line, Part, Place, Wanted

Bundles = Mapping[str, Sequence[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Request:
    """One order's demand. `elsewhere` says that the order stands on its platform: refusing it here changes nothing."""

    lines: Sequence[Wanted]
    channel: str = ""
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a request meets: the levels, what bundles are made of, which SKUs there are, the policies."""

    levels: Mapping[Place, Level]
    bundles: Bundles
    known: Collection[str]
    policies: Policies


def decide(request: Request, shelf: Shelf) -> Decision:
    """Decide on one request: `reserved`, `split`, `backorder`, or `refused` with the lines that are short.

    `changes["lines"]` says what to take from where. Nothing is taken of a refused request.
    """
    taken: dict[Place, int] = {}
    lines: list[Line] = []
    why: list[Clause] = []
    problems: list[Problem] = []
    outcome = "reserved"
    for number, wanted in enumerate(request.lines):
        if wanted.sku not in shelf.known:
            problems.append(_unknown(number, wanted))
            continue
        policy = shelf.policies.of(request.channel, wanted.sku)
        needs = shelf.bundles.get(wanted.sku) or ((wanted.sku, 1),)
        free = request.elsewhere if policy.untracked is None else policy.untracked
        count, available = wanted.quantity, _most(needs, policy, shelf, taken, free=free)
        if available is None:  # no number is kept of it, and the policy lets it go
            lines.append(Line(wanted.sku, count, (), line=wanted.line))
            continue
        why.append(_clause(wanted, available, policy))
        how = policy.paid_elsewhere if request.elsewhere else policy.shortage
        if available < count:
            owed = _owed(needs, count, policy, shelf, taken) if how == "backorder" else None
            if how == "split" and available > 0:
                count, outcome = available, "split"
            elif owed is not None:
                outcome = "backorder" if outcome == "reserved" else outcome
                lines.append(Line(wanted.sku, count, owed, line=wanted.line))
                continue
            else:
                problems.append(_short(number, wanted, available, how))
                continue
        parts = _take(needs, count, policy, shelf, taken)
        lines.append(Line(wanted.sku, wanted.quantity, parts, wanted.quantity - count, line=wanted.line))
    if problems:
        return Decision("refused", problems=tuple(problems), why=tuple(why))
    return Decision(outcome, changes={"lines": tuple(lines)}, why=tuple(why))


def _most(
    needs: Sequence[tuple[str, int]], policy: Policy, shelf: Shelf, taken: Mapping[Place, int], *, free: bool
) -> int | None:
    """Return how many may be taken; None where no part is tracked and `free` says that this does not matter."""
    least: int | None = None
    for sku, each in needs:
        places = [(sku, pool) for pool in policy.pools if (sku, pool) in shelf.levels]
        if not places and free:
            continue
        most = max(0, sum(_free(shelf.levels[place], policy, taken) for place in places)) // each
        least = most if least is None else min(least, most)
    return least


def _free(level: Level, policy: Policy, taken: Mapping[Place, int]) -> int:
    kept = max(level.safety, policy.safety)
    return max(0, level.on_hand - level.reserved - kept - taken.get((level.sku, level.pool), 0))


def _take(
    needs: Sequence[tuple[str, int]], count: int, policy: Policy, shelf: Shelf, taken: dict[Place, int]
) -> tuple[Part, ...]:
    """Take `count` of each part: from the first pool that has all of it, else from one after the other."""
    parts = []
    for sku, each in needs:
        left = count * each
        levels = [shelf.levels[sku, pool] for pool in policy.pools if (sku, pool) in shelf.levels]
        whole = next((level for level in levels if _free(level, policy, taken) >= left), None)
        for level in [whole] if whole else levels:
            piece = min(left, _free(level, policy, taken))
            if piece:
                parts.append(_part(level, piece, taken))
                left -= piece
    return tuple(parts)


def _owed(
    needs: Sequence[tuple[str, int]], count: int, policy: Policy, shelf: Shelf, taken: dict[Place, int]
) -> tuple[Part, ...] | None:
    """Take `count` from the first pool although it is not all there; None where that goes beyond what may be owed."""
    trial = dict(taken)
    parts = []
    for sku, each in needs:
        level = next((shelf.levels[sku, pool] for pool in policy.pools if (sku, pool) in shelf.levels), None)
        if level is None:
            return None
        limit = policy.backorder_limit or level.backorder_limit
        if level.on_hand - level.reserved - trial.get((sku, level.pool), 0) + limit < count * each:
            return None
        parts.append(_part(level, count * each, trial))
    taken.update(trial)
    return tuple(parts)


def _part(level: Level, quantity: int, taken: dict[Place, int]) -> Part:
    place = (level.sku, level.pool)
    taken[place] = taken.get(place, 0) + quantity
    return Part(level.sku, level.pool, quantity)


def _clause(wanted: Wanted, available: int, policy: Policy) -> Clause:
    text = Text(f"{wanted.sku} 可售数量足够", f"Enough of {wanted.sku} is available")
    facts = {"wanted": wanted.quantity, "available": available, "safety": policy.safety, "pools": list(policy.pools)}
    return Clause("available", text, available >= wanted.quantity, facts)


def _unknown(number: int, wanted: Wanted) -> Problem:
    return problem(
        f"lines.{number}.sku",
        "unknown_sku",
        f"没有商品编码“{wanted.sku}”，请先建立商品或别名",
        f"There is no SKU “{wanted.sku}”; add the product or an alias",
    )


def _short(number: int, wanted: Wanted, available: int, how: Shortage) -> Problem:
    left_zh = f"仅剩 {available} 件" if available else "已售完"
    left_en = f"only {available} left" if available else "sold out"
    way = ("，补货后请重新处理", "; re-drive once there is more") if how == "hold" else ("", "")
    return problem(
        f"lines.{number}.quantity",
        "out_of_stock",
        f"{wanted.sku} {left_zh}，需要 {wanted.quantity} 件{way[0]}",
        f"{wanted.sku}: {left_en}, {wanted.quantity} asked for{way[1]}",
    )
