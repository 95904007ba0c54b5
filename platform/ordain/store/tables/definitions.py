"""Definitions: pointers, immutable versions, drafts, change sets; and the connections kept apart from them."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonList, JsonMap, Name, Ref, SealedText, Time


class DefinitionRow(Base):
    """What runs of one definition: the live version, and a canary with its share in percent."""

    __tablename__ = "definition"
    __table_args__ = (sa.PrimaryKeyConstraint("kind", "key"),)
    kind: Mapped[str] = mapped_column(sa.String(32))
    key: Mapped[str] = mapped_column(sa.String(64))
    live_version: Mapped[int | None]
    canary_version: Mapped[int | None]
    canary_percent: Mapped[int | None]


class DefinitionVersionRow(Base):
    """One version: a whole definition, never edited, never deleted."""

    __tablename__ = "definition_version"
    __table_args__ = (sa.PrimaryKeyConstraint("kind", "key", "number"),)
    kind: Mapped[str] = mapped_column(sa.String(32))
    key: Mapped[str] = mapped_column(sa.String(64))
    number: Mapped[int]
    document: Mapped[JsonMap]
    hash: Mapped[str] = mapped_column(sa.String(64))
    schema_version: Mapped[int]
    parent: Mapped[int | None]
    author: Mapped[Name]
    note: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[Time]
    change_set: Mapped[Ref | None]


class DefinitionDraftRow(Base):
    """One draft per definition: whose, from which version, and what it says so far."""

    __tablename__ = "definition_draft"
    __table_args__ = (sa.PrimaryKeyConstraint("kind", "key"),)
    kind: Mapped[str] = mapped_column(sa.String(32))
    key: Mapped[str] = mapped_column(sa.String(64))
    owner: Mapped[Name]
    base_version: Mapped[int | None]
    document: Mapped[JsonMap]
    hash: Mapped[str] = mapped_column(sa.String(64))
    saved_at: Mapped[Time]
    change_set: Mapped[Ref | None]


class ChangeSetRow(Base):
    """Definitions published together, or not at all."""

    __tablename__ = "change_set"
    id: Mapped[Id]
    author: Mapped[Name]
    note: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[Time]
    members: Mapped[JsonList]


class DefinitionEpochRow(Base):
    """One row that grows with every change of what runs, so that every process notices at its next decision."""

    __tablename__ = "definition_epoch"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(sa.BigInteger)


class ConnectionRow(Base):
    """Where an outside system is, and its secrets; not a definition: it differs between installations."""

    __tablename__ = "connection"
    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    base_url: Mapped[str] = mapped_column(sa.Text)
    hosts: Mapped[JsonList]
    secrets: Mapped[SealedText]
    updated_at: Mapped[Time]
