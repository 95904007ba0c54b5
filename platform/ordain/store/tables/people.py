"""People, their sessions, tokens and one-time links; counters of failed logins; answers kept for repeated requests."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonList, JsonMap, Name, Ref, Time


class UserRow(Base):
    """A person who may sign in. `auth_epoch` ends all sessions and tokens when it moves."""

    __tablename__ = "person"
    __table_args__ = (
        sa.Index("ux_person_first", "first_admin", unique=True),  # NULLs apart: there is one first admin
    )
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(sa.Text)
    roles: Mapped[JsonList]
    regions: Mapped[JsonList]
    language: Mapped[str] = mapped_column(sa.String(8))
    active: Mapped[bool]
    auth_epoch: Mapped[int]
    first_admin: Mapped[bool | None]
    created_at: Mapped[Time]


class SessionRow(Base):
    """A signed-in browser; the id stands hashed."""

    __tablename__ = "session"
    __table_args__ = (sa.Index("ix_session_person", "person_id"),)
    id_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    public_id: Mapped[Ref]
    person_id: Mapped[Ref] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    auth_epoch: Mapped[int]
    csrf: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[Time]
    seen_at: Mapped[Time]
    ip: Mapped[str] = mapped_column(sa.String(64))
    agent: Mapped[str] = mapped_column(sa.String(255))


class TokenRow(Base):
    """An API token; shown once, kept hashed."""

    __tablename__ = "api_token"
    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    roles: Mapped[JsonList]
    created_at: Mapped[Time]
    expires_at: Mapped[Time]
    used_at: Mapped[Time | None]


class LinkRow(Base):
    """A one-time link to set a password; the secret stands hashed."""

    __tablename__ = "one_time_link"
    secret_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[Ref] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    expires_at: Mapped[Time]
    used_at: Mapped[Time | None]


class AttemptRow(Base):
    """Failed logins by name or address, in windows."""

    __tablename__ = "login_attempt"
    subject: Mapped[str] = mapped_column(sa.String(160), primary_key=True)
    count: Mapped[int]
    since: Mapped[Time]


class AnswerRow(Base):
    """The answer to a request that named an Idempotency-Key, for when it comes again."""

    __tablename__ = "kept_answer"
    __table_args__ = (sa.PrimaryKeyConstraint("actor", "route", "key"),)
    actor: Mapped[Name]
    route: Mapped[Name]
    key: Mapped[Name]
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int | None]
    body: Mapped[JsonMap | None]
    at: Mapped[Time]
