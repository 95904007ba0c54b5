"""The number that grows with every change of what runs, so that every process notices at its next decision."""

import sqlalchemy as sa

from ordain.store.tables.definitions import DefinitionEpochRow


def epoch(conn: sa.Connection) -> int:
    """Return the number that grows with every change of what runs."""
    return conn.scalar(sa.select(DefinitionEpochRow.epoch).where(DefinitionEpochRow.id == 1)) or 0


def advance(conn: sa.Connection) -> None:
    """Let every process read what runs anew."""
    raised = sa.update(DefinitionEpochRow).where(DefinitionEpochRow.id == 1).values(epoch=DefinitionEpochRow.epoch + 1)
    if not conn.execute(raised).rowcount:
        conn.execute(sa.insert(DefinitionEpochRow).values(id=1, epoch=1))
