"""Signing in: passwords, sessions, one-time links, tokens. All failures look and last alike."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Final

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ordain.base.errors import Problem, Refused, problem
from ordain.flows.services import Services
from ordain.records.actor import Origin, System, User
from ordain.store import attempts, audit, people, sessions, tokens
from ordain.store.sessions import Session
from ordain.store.tokens import Holder

LEAST_LENGTH: Final = 10
_MOST_LENGTH: Final = 256
_SEEN_EVERY: Final = timedelta(minutes=1)
_USED_EVERY: Final = timedelta(hours=1)
_TURNS: Final = threading.BoundedSemaphore(2)  # each check of a password takes 64 MB


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened; `secret` goes into the cookie and is kept nowhere."""

    secret: str
    name: str


def sign_in(services: Services, name: str, password: str, agent: str, origin: Origin) -> SignedIn | Problem:
    """Open a session, or say that it failed; after five failures in 15 minutes nothing more is believed.

    The try is counted before the password is looked at, so that many at once get no more tries than one by one.
    """
    name, now = name[:64], services.now()
    by_name, by_place = f"name:{name}", f"ip:{origin.ip or ''}"
    with services.db.write() as conn:
        free = attempts.count(conn, by_name, now) <= attempts.TRIES
        free &= attempts.count(conn, by_place, now) <= attempts.TRIES_OF_A_PLACE
        who = people.person(conn, name)
    sound = _verify(who.password_hash if who and who.password_hash else _dummy(), password)
    with services.db.write() as conn:
        if not free:
            return problem(
                "", "too_many_attempts", "尝试次数过多，请 15 分钟后再试", "Too many attempts; try again in 15 minutes"
            )
        if not sound or who is None or not who.active or not who.password_hash:
            audit.record(conn, origin, now, "login.failed", f"person:{name}")
            return problem("", "login_failed", "用户名或密码不正确", "The name or the password is not right")
        attempts.forget(conn, by_name)
        attempts.take_back(conn, by_place)
        secret = people.secret()
        opened = sessions.add(conn, who, secret, now, origin.ip or "", agent)
        user = User(who.id, who.name, frozenset(who.roles), frozenset(who.regions), origin.ip, opened)
        audit.record(conn, replace(origin, actor=user), now, "login", f"person:{who.id}")
    return SignedIn(secret, who.name)


def resume(services: Services, secret: str, *, seen: bool) -> Session | None:
    """Return the session that a cookie names; `seen` says that somebody is at work, which keeps it alive."""
    now = services.now()
    with services.db.read() as conn:
        found = sessions.get(conn, secret, now)
    if found is None:
        return None
    session, seen_at = found
    if seen and now - seen_at > _SEEN_EVERY:
        with services.db.write() as conn:
            sessions.touch(conn, session.id_hash, now)
    return session


def holder(services: Services, token: str) -> Holder | None:
    """Return whom an API token speaks for."""
    now = services.now()
    with services.db.read() as conn:
        found = tokens.holder(conn, token, now)
    if found and (found.used_at is None or now - found.used_at > _USED_EVERY):
        with services.db.write() as conn:
            tokens.touch(conn, found.token_id, now)
    return found


def sign_out(services: Services, session: Session, origin: Origin) -> None:
    """End a session."""
    with services.db.write() as conn:
        sessions.end(conn, session.id_hash)
        audit.record(conn, replace(origin, actor=session.user), services.now(), "logout", f"person:{session.user.id}")


def whose(services: Services, link: str) -> str | None:
    """Return the name of the person a one-time link is for; None where it no longer works."""
    with services.db.read() as conn:
        found = people.link_person(conn, link, services.now())
    return found.name if found else None


def set_password(services: Services, link: str, password: str, origin: Origin) -> list[Problem]:
    """Set a password by a one-time link and use the link up; [] where it worked."""
    found = _weak(password)
    if found:
        return found
    with _TURNS:
        made = _hasher().hash(password)
    now = services.now()
    with services.db.write() as conn:
        who = people.link_person(conn, link, now)
        if who is None or not people.use_link(conn, link, now):
            return [
                problem(
                    "", "link_expired", "链接已失效，请管理员重新发送", "The link no longer works; ask for a new one"
                )
            ]
        people.set_password(conn, who.id, made)
        audit.record(conn, origin, now, "password.set", f"person:{who.id}")
    return []


def first_admin_link(services: Services) -> str | None:
    """Return the one-time path for the first admin while nobody has set a password; None afterwards."""
    now = services.now()
    with services.db.write() as conn:
        first = people.person(conn, "admin")
        if first is None:
            if people.anybody(conn):
                return None
            person_id = people.add_person(conn, "admin", ["admin"], now, first=True)
            after = {"name": "admin", "roles": ["admin"]}
            audit.record(conn, Origin(System("init")), now, "person.add", f"person:{person_id}", None, after)
            first = people.person(conn, "admin")
        if first is None or first.password_hash:
            return None
        secret = people.secret()
        people.add_link(conn, first.id, secret, now)
    return f"/first/{secret}"


def add_user(services: Services, name: str, roles: Sequence[str], regions: Sequence[str] = ()) -> str | None:
    """Add a person and return the path of their password link; None where the name is taken.

    Refused where a role does not exist.
    """
    now = services.now()
    with services.db.write() as conn:
        _check_roles(services, conn, roles)
        person_id = people.add_person(conn, name, roles, now, regions=regions)
        if person_id is None:
            return None
        secret = people.secret()
        people.add_link(conn, person_id, secret, now)
        after = {"name": name, "roles": list(roles)}
        audit.record(conn, Origin(System("command")), now, "person.add", f"person:{person_id}", None, after)
    return f"/first/{secret}"


def add_token(services: Services, name: str, roles: Sequence[str], days: int = 365) -> str | None:
    """Add an API token and return it, this once; None where the name is taken. Refused for an unknown role."""
    plain = people.secret()
    with services.db.write() as conn:
        _check_roles(services, conn, roles)
        if not tokens.add(conn, name, roles, plain, services.now(), days):
            return None
        after = {"roles": list(roles)}
        audit.record(conn, Origin(System("command")), services.now(), "token.add", f"token:{name}", None, after)
    return plain


def _weak(password: str) -> list[Problem]:
    if not LEAST_LENGTH <= len(password) <= _MOST_LENGTH:
        return [
            problem(
                "password",
                "length",
                f"密码需 {LEAST_LENGTH} 到 {_MOST_LENGTH} 个字符",
                f"The password needs {LEAST_LENGTH} to {_MOST_LENGTH} characters",
            )
        ]
    if len(set(password)) < 4:
        return [problem("password", "too_simple", "密码过于简单", "The password is too simple; use more characters")]
    return []


def _check_roles(services: Services, conn: sa.Connection, roles: Sequence[str]) -> None:
    known = [version.key for version in services.live.at(conn).all("role")]
    listed = ", ".join(known)
    unknown = [
        problem(
            "role", "unknown_role", f"没有角色“{role}”，现有：{listed}", f"there is no role “{role}”; known: {listed}"
        )
        for role in roles
        if role not in known
    ]
    if unknown:
        raise Refused(unknown)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _dummy() -> str:
    return _hasher().hash("nobody has this password")


def _verify(stored: str, password: str) -> bool:
    try:
        with _TURNS:
            return _hasher().verify(stored, password[:_MOST_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
