"""The number that grows with every change of what runs, so that every process notices at its next decision."""

from typing import Final

import sqlalchemy as sa

from ordain.store.tables.definitions import DefinitionEpochRow

_EPOCH: Final = sa.select(DefinitionEpochRow.__table__.c.epoch).where(DefinitionEpochRow.__table__.c.id == 1)


def epoch(conn: sa.Connection) -> int:
    """Return the number that grows with every change of what runs."""
    return conn.scalar(_EPOCH) or 0


def advance(conn: sa.Connection) -> None:
    """Let every process read what runs anew."""
    raised = sa.update(DefinitionEpochRow).where(DefinitionEpochRow.id == 1).values(epoch=DefinitionEpochRow.epoch + 1)
    if not conn.execute(raised).rowcount:
        conn.execute(sa.insert(DefinitionEpochRow).values(id=1, epoch=1))
