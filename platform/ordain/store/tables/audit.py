"""What was done, by whom, and the chain that proves that nothing of it was changed since.

Triggers of the database refuse to change or delete rows of the first two tables, and put every new row of the
audit among those that wait for their link.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonMap, Name, Ref, Time


class AuditRow(Base):
    """Who did what to what, when, from where, before and after. Written in the unit of work's transaction.

    `mac` says that the application wrote the row; rows from before there was a chain have none.
    """

    __tablename__ = "audit"
    __table_args__ = (
        sa.Index("ix_audit_at", "at", "id"),
        sa.Index("ix_audit_entity", "entity", "at", "id"),
        sa.Index("ix_audit_actor", "actor", "at", "id"),
        sa.Index("ix_audit_action", "action", "at", "id"),
        sa.Index(
            "ix_audit_ip",
            "ip",
            "at",
            "id",
            sqlite_where=sa.text("ip IS NOT NULL"),
            postgresql_where=sa.text("ip IS NOT NULL"),
        ),
        sa.Index(
            "ix_audit_request",
            "request_id",
            "at",
            "id",
            sqlite_where=sa.text("request_id <> ''"),
            postgresql_where=sa.text("request_id <> ''"),
        ),
    )
    id: Mapped[Id]
    at: Mapped[Time]
    actor: Mapped[Name]
    on_behalf_of: Mapped[Name | None]
    ip: Mapped[str | None] = mapped_column(sa.String(64))
    session: Mapped[Ref | None]
    request_id: Mapped[Name]
    action: Mapped[Name]
    entity: Mapped[Name]
    before: Mapped[JsonMap | None]
    after: Mapped[JsonMap | None]
    mac: Mapped[str | None] = mapped_column(sa.String(64))


class AuditLinkRow(Base):
    """One link of the chain: the place of an audit row in it, and the HMAC over that row and the link before."""

    __tablename__ = "audit_link"
    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    audit_id: Mapped[Ref] = mapped_column(unique=True)
    link: Mapped[str] = mapped_column(sa.String(64))


class AuditWaitingRow(Base):
    """An audit row that has no link yet; a trigger puts it here, the sealer takes it."""

    __tablename__ = "audit_waiting"
    audit_id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
