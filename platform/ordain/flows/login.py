"""Signing in: passwords, sessions, one-time links, tokens. All failures look and last alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ordain.base.errors import Problem, problem
from ordain.flows.services import Services
from ordain.records.actor import Anonymous, Origin, System, User
from ordain.store import audit, people

LEAST_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened; `secret` goes into the cookie and is kept nowhere."""

    secret: str
    name: str


def sign_in(services: Services, name: str, password: str, ip: str, agent: str) -> SignedIn | Problem:
    """Open a session, or say that it failed; after five failures in 15 minutes nothing more is tried."""
    now = services.now()
    subjects = (f"name:{name[:64]}", f"ip:{ip}")
    with services.db.read() as conn:
        blocked = people.failures(conn, subjects[0], now) >= people.ATTEMPTS
        blocked = blocked or people.failures(conn, subjects[1], now) >= 10 * people.ATTEMPTS
        who = people.person(conn, name)
    sound = _verify(who.password_hash if who and who.password_hash else _dummy(), password)
    if blocked:
        return problem(
            "", "too_many_attempts", "尝试次数过多，请 15 分钟后再试", "Too many attempts; try again in 15 minutes"
        )
    origin = Origin(Anonymous(ip), ip=ip)
    with services.db.write() as conn:
        if not sound or who is None or not who.active or not who.password_hash:
            for subject in subjects:
                people.count_failure(conn, subject, now)
            audit.record(conn, origin, now, "login.failed", f"person:{name[:64]}")
            return problem("", "login_failed", "用户名或密码不正确", "The name or the password is not right")
        people.forget_failures(conn, subjects[0])
        secret = people.secret()
        people.add_session(conn, who, secret, now, ip, agent)
        user = User(who.id, who.name, frozenset(who.roles), frozenset(who.regions), ip)
        audit.record(conn, Origin(user, ip=ip), now, "login", f"person:{who.id}")
    return SignedIn(secret, who.name)


def sign_out(services: Services, session: people.Session) -> None:
    """End a session."""
    with services.db.write() as conn:
        people.end_session(conn, session.id_hash)
        audit.record(conn, Origin(session.user), services.now(), "logout", f"person:{session.user.id}")


def set_password(services: Services, link: str, password: str, ip: str) -> list[Problem]:
    """Set a password by a one-time link and use the link up; [] where it worked."""
    if len(password) < LEAST_LENGTH or len(password) > 256:
        return [
            problem(
                "password",
                "too_short",
                f"密码至少 {LEAST_LENGTH} 个字符",
                f"The password needs at least {LEAST_LENGTH} characters",
            )
        ]
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
        audit.record(conn, Origin(Anonymous(ip), ip=ip), now, "password.set", f"person:{who.id}")
    return []


def first_admin_link(services: Services) -> str | None:
    """Return the one-time path for the first admin while nobody has set a password; None afterwards."""
    now = services.now()
    with services.db.write() as conn:
        first = people.person(conn, "admin")
        if first is None:
            if people.anybody(conn):
                return None
            people.add_person(conn, "admin", ["admin"], now, first=True)
            first = people.person(conn, "admin")
        if first is None or first.password_hash:
            return None
        secret = people.secret()
        people.add_link(conn, first.id, secret, now)
    return f"/first/{secret}"


def add_user(services: Services, name: str, roles: Sequence[str], regions: Sequence[str] = ()) -> str | None:
    """Add a person and return the path of their password link; None where the name is taken."""
    now = services.now()
    with services.db.write() as conn:
        person_id = people.add_person(conn, name, roles, now, regions=regions)
        if person_id is None:
            return None
        secret = people.secret()
        people.add_link(conn, person_id, secret, now)
        after = {"name": name, "roles": list(roles)}
        audit.record(conn, Origin(System("command")), now, "person.add", f"person:{person_id}", None, after)
    return f"/first/{secret}"


def add_token(services: Services, name: str, roles: Sequence[str], days: int = 365) -> str | None:
    """Add an API token and return it, this once; None where the name is taken."""
    plain = people.secret()
    with services.db.write() as conn:
        if not people.add_token(conn, name, roles, plain, services.now(), days):
            return None
        after = {"roles": list(roles)}
        audit.record(conn, Origin(System("command")), services.now(), "token.add", f"token:{name}", None, after)
    return plain


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _dummy() -> str:
    return _hasher().hash("nobody has this password")


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
