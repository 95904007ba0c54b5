"""Simulations that were run, for the page that shows the newest."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonList, JsonMap, Name, Time


class SimulationRow(Base):
    """One run: what it was made of, and how each way of selling did."""

    __tablename__ = "simulation"
    __table_args__ = (sa.Index("ix_simulation_kind", "kind", "at"),)
    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(sa.String(32))
    at: Mapped[Time]
    asked_by: Mapped[Name]
    rush: Mapped[JsonMap]
    outcomes: Mapped[JsonList]
