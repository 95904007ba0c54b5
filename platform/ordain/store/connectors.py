"""How the targets of connectors stand, and the good answers kept for when nobody answers.

Breakers stand in the database: every process stops asking together, one probe goes out for all of them, and
people see the same state that calls go by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import sqlalchemy as sa

from ordain.base import json
from ordain.engines.breaker import Rules, Standing, State, after
from ordain.store.adding import add_new
from ordain.store.tables.outside import KeptCallRow, TargetRow
from ordain.store.vault import Vault

_PROBE: Final = timedelta(seconds=30)  # a probe whose process died makes room for another after this
_PLACE: Final = "kept_call.answer"


@dataclass(frozen=True, slots=True)
class Target:
    """One target as people see it; `milliseconds` is a moving mean of its answers."""

    connector: str
    target: str
    standing: Standing
    milliseconds: int
    last_try: datetime | None
    last_success: datetime | None
    cause: str
    error: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one call went, as the breaker counts it; `shut_out`: we are not let in."""

    failed: bool
    shut_out: bool
    milliseconds: int
    cause: str = ""
    error: str = ""


def targets(conn: sa.Connection, connector: str | None = None) -> list[Target]:
    """Return the targets that were ever called, by connector and name."""
    chosen = sa.select(TargetRow.__table__).order_by(TargetRow.connector, TargetRow.target)
    if connector is not None:
        chosen = chosen.where(TargetRow.connector == connector)
    return [_target(row) for row in conn.execute(chosen)]


def take_probe(conn: sa.Connection, connector: str, target: str, now: datetime) -> bool:
    """Take the one probe of a breaker whose time is over; False where somebody was faster."""
    taken = (
        sa.update(TargetRow)
        .where(
            TargetRow.connector == connector,
            TargetRow.target == target,
            TargetRow.state != "closed",
            TargetRow.open_until <= now,
        )
        .values(state="half-open", open_until=now + _PROBE)
    )
    return bool(conn.execute(taken).rowcount)


def note(conn: sa.Connection, connector: str, target: str, rules: Rules, outcome: Outcome, now: datetime) -> Standing:
    """Count one call and return where the breaker stands now."""
    empty = {"state": "closed", "calls": 0, "failures": 0, "slow": 0, "milliseconds": 0, "cause": "", "error": ""}
    add_new(conn, TargetRow, ["connector", "target"], {"connector": connector, "target": target, **empty})
    own = sa.and_(TargetRow.connector == connector, TargetRow.target == target)
    row = conn.execute(sa.select(TargetRow.__table__).where(own).with_for_update()).one()
    slow = outcome.milliseconds >= rules.slow_seconds * 1000
    stands = after(_standing(row), rules, now, failed=outcome.failed, slow=slow, shut_out=outcome.shut_out)
    values: dict[str, Any] = {
        "state": stands.state,
        "open_until": stands.open_until,
        "since": stands.since,
        "calls": stands.calls,
        "failures": stands.failures,
        "slow": stands.slow,
        "milliseconds": (row.milliseconds * 7 + outcome.milliseconds) // 8 if row.last_try else outcome.milliseconds,
        "last_try": now,
        "cause": outcome.cause,
        "error": outcome.error[:500],
    }
    if not outcome.failed:
        values["last_success"] = now
    conn.execute(sa.update(TargetRow).where(own).values(**values))
    return stands


def keep(
    conn: sa.Connection,
    vault: Vault,
    connector: str,
    operation: str,
    question: str,
    values: Mapping[str, Any],
    now: datetime,
) -> None:
    """Keep the newest good answer to a question."""
    row = KeptCallRow
    own = sa.and_(row.connector == connector, row.operation == operation, row.question == question)
    sealed = vault.seal(_PLACE, f"{connector}.{operation}.{question}", json.dumps(dict(values)).decode())
    place = {"connector": connector, "operation": operation, "question": question}
    if not add_new(conn, row, list(place), {**place, "answer": sealed, "at": now}):
        conn.execute(sa.update(row).where(own).values(answer=sealed, at=now))


def kept(
    conn: sa.Connection, vault: Vault, connector: str, operation: str, question: str, not_before: datetime
) -> tuple[Mapping[str, Any], datetime] | None:
    """Return the kept answer to a question and when it came; None where there is none young enough."""
    row = KeptCallRow
    found = conn.execute(
        sa.select(row.answer, row.at).where(
            row.connector == connector, row.operation == operation, row.question == question, row.at >= not_before
        )
    ).one_or_none()
    if found is None:
        return None
    text = vault.reach(_PLACE, f"{connector}.{operation}.{question}", found.answer)
    return (json.loads(text), found.at) if text else None


def sweep(conn: sa.Connection, now: datetime) -> int:
    """Forget answers older than two days."""
    return conn.execute(sa.delete(KeptCallRow).where(KeptCallRow.at < now - timedelta(days=2))).rowcount


def _standing(row: Any) -> Standing:
    return Standing(cast("State", row.state), row.open_until, row.since, row.calls, row.failures, row.slow)


def _target(row: Any) -> Target:
    return Target(
        row.connector,
        row.target,
        _standing(row),
        row.milliseconds,
        row.last_try,
        row.last_success,
        row.cause,
        row.error,
    )
