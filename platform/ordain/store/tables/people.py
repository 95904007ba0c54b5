"""People, their second factors, sessions, tokens and one-time links; counters of tries; answers kept for repeats."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonList, JsonMap, Name, Ref, SealedText, Time


class UserRow(Base):
    """A person who may sign in. `auth_epoch` ends all sessions and tokens when it moves."""

    __tablename__ = "person"
    __table_args__ = (
        sa.Index("ux_person_first", "first_admin", unique=True),  # NULLs apart: there is one first admin
        sa.Index("ix_person_mail", "mail_index"),
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
    display_name: Mapped[str] = mapped_column(sa.String(64))
    mail: Mapped[SealedText | None]
    mail_index: Mapped[str | None] = mapped_column(sa.String(32))
    phone: Mapped[SealedText | None]
    demo: Mapped[bool]
    entered_at: Mapped[Time | None]


class SessionRow(Base):
    """A browser that gave a password; the id stands hashed. `stage` says how far in: code | enrol | open.

    `viewing` is the role, and the regions, through whose eyes somebody looks.
    """

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
    stage: Mapped[str] = mapped_column(sa.String(16))
    proven_at: Mapped[Time | None]
    viewing: Mapped[JsonMap | None]


class TokenRow(Base):
    """An API token; shown once, kept hashed. `owner` is a person, "" for tokens of the command line."""

    __tablename__ = "api_token"
    __table_args__ = (sa.UniqueConstraint("owner", "name"),)
    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    owner: Mapped[Ref]
    auth_epoch: Mapped[int | None]
    name: Mapped[str] = mapped_column(sa.String(64))
    roles: Mapped[JsonList]
    created_at: Mapped[Time]
    expires_at: Mapped[Time]
    used_at: Mapped[Time | None]


class LinkRow(Base):
    """A one-time link to set a password (first | reset); the secret stands hashed."""

    __tablename__ = "one_time_link"
    secret_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[Ref] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    expires_at: Mapped[Time]
    used_at: Mapped[Time | None]
    purpose: Mapped[str] = mapped_column(sa.String(16))


class FactorRow(Base):
    """A person's second factor: a sealed seed, codes to the phone, or both; unconfirmed until a code was right."""

    __tablename__ = "second_factor"
    person_id: Mapped[Ref] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    seed: Mapped[SealedText | None]
    last_step: Mapped[int] = mapped_column(sa.BigInteger)
    by_phone: Mapped[bool]
    made_at: Mapped[Time]
    confirmed_at: Mapped[Time | None]


class RecoveryRow(Base):
    """A recovery code, hashed; it works once."""

    __tablename__ = "recovery_code"
    __table_args__ = (sa.Index("ix_recovery_code_person", "person_id"),)
    code_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[Ref] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    used_at: Mapped[Time | None]


class PhoneCodeRow(Base):
    """The code last sent to a person's phone, hashed."""

    __tablename__ = "phone_code"
    person_id: Mapped[Ref] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    sent_at: Mapped[Time]
    expires_at: Mapped[Time]


class AttemptRow(Base):
    """Tries to sign in by name, address or account, in windows."""

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
