"""Signing in: sessions, tokens, and the one-time links people begin with. All failures look and last alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from ordain.base.errors import Problem, Refused, problem
from ordain.flows.login_password import LEAST_LENGTH, keep, matches, weak
from ordain.flows.services import Services
from ordain.kinds import role
from ordain.records.actor import Origin, System, User
from ordain.store import attempts, audit, factors, people, sessions, tokens
from ordain.store.definitions import Live
from ordain.store.people import Person
from ordain.store.sessions import Session, Stage
from ordain.store.tokens import Holder

__all__ = ["LEAST_LENGTH", "SignedIn", "sign_in"]
_SEEN_EVERY: Final = timedelta(minutes=1)
_USED_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened; `secret` goes into the cookie and is kept nowhere. `stage` says what is still asked."""

    secret: str
    name: str
    stage: Stage = "open"


def sign_in(services: Services, name: str, password: str, agent: str, origin: Origin) -> SignedIn | Problem:
    """Open a session, or say that it failed; after five failures in 15 minutes nothing more is believed.

    The try is counted before the password is looked at, so that many at once get no more tries than one by one.
    Where a second factor is due, the session is good for nothing else.
    """
    name, now = name[:64], services.now()
    by_name, by_place = f"name:{name}", f"ip:{origin.ip or ''}"
    with services.db.write() as conn:
        free = attempts.count(conn, by_name, now) <= attempts.TRIES
        free &= attempts.count(conn, by_place, now) <= attempts.TRIES_OF_A_PLACE
        who = people.person(conn, name)
    sound = matches(who.password_hash if who else "", password)
    with services.db.write() as conn:
        if not free:
            return too_many()
        if not sound or who is None or not who.active or (who.demo and services.settings.production):
            audit.record(conn, origin, now, "login.failed", f"person:{name}")
            return problem("", "login_failed", "用户名或密码不正确", "The name or the password is not right")
        attempts.forget(conn, by_name)
        attempts.take_back(conn, by_place)
        return opened(services, conn, who, agent, origin)


def sign_in_as(services: Services, name: str, agent: str, origin: Origin) -> SignedIn | None:
    """Open a session for a demo person without a password; None for everybody else, and wherever demos are shut."""
    with services.db.write() as conn:
        who = people.person(conn, name[:64])
        if not services.settings.demo or who is None or not who.demo or not who.active:
            return None
        return opened(services, conn, who, agent, origin)


def opened(services: Services, conn: sa.Connection, who: Person, agent: str, origin: Origin) -> SignedIn:
    """Open a session for somebody whose first proof was good, as far in as they may come by it."""
    now, secret, stage = services.now(), people.secret(), _stage(services.live.at(conn), conn, who)
    public_id = sessions.add(conn, who, secret, now, origin.ip or "", agent, stage)
    if stage == "open":
        entered(conn, services, _user(who, public_id, origin), origin)
    return SignedIn(secret, who.name, stage)


def reopened(services: Services, conn: sa.Connection, session: Session, agent: str, *, proven: bool) -> str:
    """Open the one session that goes on after a change that ended all of a person's; return its secret."""
    who, secret = people.get(conn, session.user.id), people.secret()
    if who is None:
        raise RuntimeError("somebody who is signed in is nobody")
    sessions.add(conn, who, secret, services.now(), session.user.ip or "", agent, proven=proven)
    return secret


def entered(conn: sa.Connection, services: Services, user: User, origin: Origin) -> None:
    """Write down that somebody is in."""
    now = services.now()
    people.entered(conn, user.id, now)
    audit.record(conn, replace(origin, actor=user), now, "login", f"person:{user.id}")


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


def holder(services: Services, token: str) -> tuple[Holder | None, int]:
    """Return whom an API token speaks for, and the epoch of what runs."""
    now = services.now()
    found, epoch = tokens.at_a_glance(services.db, token, now)
    if found and (found.used_at is None or now - found.used_at > _USED_EVERY):
        with services.db.write() as conn:
            tokens.touch(conn, found.token_id, now)
    return found, epoch


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
    found = weak(password, whose(services, link) or "")
    if found:
        return found
    made, now = keep(password), services.now()
    with services.db.write() as conn:
        who = people.link_person(conn, link, now)
        if who is None or not people.use_link(conn, link, now):
            return [
                problem(
                    "", "link_expired", "链接已失效，请管理员重新发送", "The link no longer works; ask for a new one"
                )
            ]
        people.set_password(conn, who.id, made)
        attempts.forget(conn, f"name:{who.name}")
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
        check_roles(services.live.at(conn), roles)
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
        check_roles(services.live.at(conn), roles)
        if not tokens.add(conn, name, roles, plain, services.now(), days):
            return None
        after = {"roles": list(roles)}
        audit.record(conn, Origin(System("command")), services.now(), "token.add", f"token:{name}", None, after)
    return plain


def check_roles(live: Live, roles: Sequence[str], path: str = "role") -> None:
    """Refuse roles that are not live."""
    known = [version.key for version in live.all("role")]
    listed = ", ".join(known)
    unknown = [
        problem(path, "unknown_role", f"没有角色“{key}”，现有：{listed}", f"there is no role “{key}”; known: {listed}")
        for key in roles
        if key not in known
    ]
    if unknown:
        raise Refused(unknown)


def must_have_factor(live: Live, roles: Sequence[str]) -> bool:
    """Tell whether a role of these asks for a second factor."""
    found = [live.get("role", key) for key in roles]
    return any(role.asks_second_factor(version.document) for version in found if version)


def too_many() -> Problem:
    """Return the refusal of one try too many."""
    return problem(
        "", "too_many_attempts", "尝试次数过多，请 15 分钟后再试", "Too many attempts; try again in 15 minutes"
    )


def _stage(live: Live, conn: sa.Connection, who: Person) -> Stage:
    if factors.confirmed(conn, who.id):
        return "code"
    return "enrol" if must_have_factor(live, who.roles) else "open"


def _user(who: Person, session: str, origin: Origin) -> User:
    return User(who.id, who.name, frozenset(who.roles), frozenset(who.regions), origin.ip, session)
