"""What people change about themselves: password, how they are reached, where they are signed in, their tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ordain.base.errors import Problem, problem
from ordain.flows.login import reopened, too_many
from ordain.flows.login_password import keep, matches, weak
from ordain.flows.people_reach import Contact, fit
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.store import attempts, audit, factors, people, sessions, tokens
from ordain.store.sessions import Session

TOKEN_DAYS: Final = (30, 90, 365)
_NAME_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class Reopened:
    """The session that goes on in place of all that ended."""

    secret: str


def change_password(
    services: Services, session: Session, old: str, new: str, agent: str, origin: Origin
) -> Reopened | list[Problem]:
    """Change the own password, proven by the old one; every other session and every token of the person end."""
    found, now, subject = weak(new, session.user.name), services.now(), f"name:{session.user.name}"
    if found:
        return found
    with services.db.write() as conn:
        free = attempts.count(conn, subject, now) <= attempts.TRIES
        who = people.get(conn, session.user.id)
    if not free:
        return [too_many()]
    if who is None or not matches(who.password_hash, old):
        return [problem("old", "wrong_password", "当前密码不正确", "The current password is not right")]
    made = keep(new)
    with services.db.write() as conn:
        attempts.forget(conn, subject)
        people.set_password(conn, who.id, made)
        audit.record(conn, origin, now, "password.set", f"person:{who.id}")
        has_factor = factors.confirmed(conn, who.id) is not None
        return Reopened(reopened(services, conn, session, agent, proven=not has_factor))


def write_contact(services: Services, session: Session, contact: Contact, origin: Origin) -> list[Problem]:
    """Write how the person is called and reached; [] where it worked."""
    found = fit(contact)
    if found:
        return found
    with services.db.write() as conn:
        people.set_contact(
            conn,
            services.vault,
            session.user.id,
            display_name=contact.display_name,
            mail=contact.mail,
            phone=contact.phone,
        )
        if not contact.phone:
            factors.set_by_phone(conn, session.user.id, on=False)
        audit.record(conn, origin, services.now(), "person.contact", f"person:{session.user.id}", None, contact.told())
    return []


def end_session(services: Services, session: Session, public_id: str, origin: Origin) -> bool:
    """End one session of the person's; False where there is none of that id."""
    with services.db.write() as conn:
        ended = sessions.end_one(conn, session.user.id, public_id)
        if ended:
            entity = f"person:{session.user.id}"
            audit.record(conn, origin, services.now(), "session.end", entity, None, {"session": public_id})
        return ended


def end_others(services: Services, session: Session, origin: Origin) -> int:
    """End all the person's sessions but this one; return how many there were."""
    with services.db.write() as conn:
        ended = sessions.end_others(conn, session.user.id, session.user.session or "")
        audit.record(
            conn, origin, services.now(), "session.end", f"person:{session.user.id}", None, {"sessions": ended}
        )
        return ended


def add_token(
    services: Services, session: Session, name: str, roles: Sequence[str], days: int, origin: Origin
) -> str | list[Problem]:
    """Add a token with some of the person's own roles and return it, this once."""
    name, roles = name.strip(), [key for key in dict.fromkeys(roles) if key]
    found = []
    if not 0 < len(name) <= _NAME_LENGTH:
        zh, en = f"请填写名称，最多 {_NAME_LENGTH} 个字符", f"Give it a name of at most {_NAME_LENGTH} characters"
        found.append(problem("name", "required", zh, en))
    if not roles or not set(roles) <= session.user.roles:
        found.append(problem("roles", "own_roles", "请从你自己的角色中选择", "Choose among your own roles"))
    if days not in TOKEN_DAYS:
        found.append(problem("days", "enum", "请选择有效期", "Choose how long it holds"))
    if found:
        return found
    plain, now = people.secret(), services.now()
    with services.db.write() as conn:
        who = people.get(conn, session.user.id)
        if who is None or not tokens.add(conn, name, roles, plain, now, days, who):
            return [problem("name", "taken", f"你已有名为“{name}”的令牌", f"You have a token “{name}” already")]
        after = {"name": name, "roles": roles, "days": days}
        audit.record(conn, origin, now, "token.add", f"person:{who.id}", None, after)
    return plain


def revoke_token(services: Services, session: Session, token_id: str, origin: Origin) -> bool:
    """End one of the person's tokens; False where there is none of that id."""
    with services.db.write() as conn:
        name = tokens.revoke(conn, session.user.id, token_id)
        if name is not None:
            entity = f"person:{session.user.id}"
            audit.record(conn, origin, services.now(), "token.revoke", entity, {"name": name})
        return name is not None
