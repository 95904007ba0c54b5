"""Counters of tries to sign in, in the database: every process counts the same, and a restart forgets nothing."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from ordain.store.adding import add_new
from ordain.store.tables.people import AttemptRow

TRIES: Final = 5
TRIES_OF_A_PLACE: Final = 50  # many people share an address
WINDOW: Final = timedelta(minutes=15)


def count(conn: sa.Connection, subject: str, now: datetime) -> int:
    """Count one try and return how many there were within the window, which begins with its first."""
    subject = subject[:160]
    add_new(conn, AttemptRow, ["subject"], {"subject": subject, "count": 0, "since": now})
    open_ = AttemptRow.since > now - WINDOW
    counted = (
        sa.update(AttemptRow)
        .where(AttemptRow.subject == subject)
        .values(
            count=sa.case((open_, AttemptRow.count + 1), else_=1),
            since=sa.case((open_, AttemptRow.since), else_=sa.literal(now, AttemptRow.since.type)),
        )
        .returning(AttemptRow.count)
    )
    return conn.execute(counted).scalar_one()


def take_back(conn: sa.Connection, subject: str) -> None:
    """Uncount one try: it was no failure."""
    conn.execute(sa.update(AttemptRow).where(AttemptRow.subject == subject[:160]).values(count=AttemptRow.count - 1))


def forget(conn: sa.Connection, subject: str) -> None:
    """Start the count anew after a try that worked."""
    conn.execute(sa.delete(AttemptRow).where(AttemptRow.subject == subject[:160]))


def sweep(conn: sa.Connection, now: datetime) -> int:
    """Forget counts whose window is over."""
    return conn.execute(sa.delete(AttemptRow).where(AttemptRow.since <= now - WINDOW)).rowcount
