"""People, looked after by others: added, given roles and regions, deactivated, helped when locked out.

Nobody changes what they themselves may do, nobody gives more than they hold (who may publish roles holds all of them),
nobody touches a person who holds more than they do, and the last one who may do all this stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.errors import Problem, Refused, problem
from ordain.base.regions import REGIONS
from ordain.flows.login import check_roles
from ordain.flows.login_notice import ring, send_link
from ordain.flows.people_reach import Contact, fit, fit_name
from ordain.flows.services import Services
from ordain.kinds import role
from ordain.records.access import covers
from ordain.records.actor import Actor, Origin, User
from ordain.store import audit, factors, people
from ordain.store.access import access
from ordain.store.definitions import Live
from ordain.store.people import Person

RECORD: Final = "person"


@dataclass(frozen=True, slots=True)
class Added:
    """Somebody new, and the path of the link they set their password with; "" where it was mailed."""

    id: str
    link: str


def may_give(live: Live, actor: Actor, key: str) -> bool:
    """Tell whether an actor may give a role: they may publish roles, or hold all that it gives."""
    if access(live, actor, "definition").may("publish"):
        return True
    version = live.get("role", key)
    regions = actor.regions if isinstance(actor, User) else frozenset()
    found = role.grants(version.document) if version else {}
    return all(covers(access(live, actor, record), grant, regions) for record, grant in found.items())


def may_touch(live: Live, actor: Actor, who: Person) -> bool:
    """Tell whether an actor may change another person: they hold all that the person holds."""
    return all(may_give(live, actor, key) for key in who.roles)


def add(
    services: Services,
    name: str,
    roles: Sequence[str],
    regions: Sequence[str],
    contact: Contact,
    origin: Origin,
    *,
    mail_link: bool = False,
) -> Added:
    """Add a person with a link to set their password, shown once or mailed; Refused with every problem."""
    name, now = name.strip(), services.now()
    found = [*fit_name(name), *fit(contact)]
    if mail_link and not contact.mail:
        found.append(problem("mail", "required", "要邮寄链接，请填写邮箱", "To mail the link, give a mail address"))
    with services.db.write() as conn:
        live = services.live.at(conn)
        found += [*_fit_roles(live, roles, origin.actor, ()), *_fit_regions(live, regions, origin.actor, ())]
        if found:
            raise Refused(found)
        person_id = people.add_person(conn, name, roles, now, regions=regions)
        if person_id is None:
            raise Refused([problem("name", "taken", f"用户名“{name}”已存在", f"There is a person “{name}” already")])
        _set_contact(services, conn, person_id, contact)
        after = {"name": name, "roles": list(roles), "regions": list(regions)}
        audit.record(conn, origin, now, "person.add", f"person:{person_id}", None, after)
        made = Added(person_id, _link(services, conn, person_id, mail=mail_link))
    ring(services)
    return made


def new_link(services: Services, person_id: str, origin: Origin, *, mail: bool = False) -> str:
    """Make a fresh link to set a password and return its path, "" where it was mailed; earlier ones end."""
    with services.db.write() as conn:
        who = _touched(services, conn, person_id, origin)
        if not who.active:
            raise Refused(
                [problem("", "inactive", "该人员已停用，请先恢复", "The person is deactivated; reactivate first")]
            )
        if mail and not who.mail:
            raise Refused([problem("mail", "required", "此人没有邮箱", "There is no mail address for this person")])
        audit.record(conn, origin, services.now(), "person.link", f"person:{person_id}", None, {"mailed": mail})
        link = _link(services, conn, person_id, mail=mail)
    ring(services)
    return link


def change(
    services: Services,
    person_id: str,
    roles: Sequence[str],
    regions: Sequence[str],
    contact: Contact,
    origin: Origin,
) -> None:
    """Change a person; other roles or regions end all they are signed in with. Refused with every problem."""
    roles, regions = list(dict.fromkeys(roles)), list(dict.fromkeys(regions))
    with services.db.write() as conn:
        who, live = _touched(services, conn, person_id, origin), services.live.at(conn)
        found = [*fit(contact), *_fit_regions(live, regions, origin.actor, who.regions)]
        found += _fit_roles(live, roles, origin.actor, who.roles)
        moved = (set(roles), set(regions)) != (set(who.roles), set(who.regions))
        if moved and _is_self(origin.actor, who):
            zh, en = "不能更改自己的角色和区域", "Nobody changes their own roles and regions; ask another administrator"
            found.append(problem("roles", "own_roles", zh, en))
        found += _last_one(conn, live, who, roles) if who.active else []
        if found:
            raise Refused(found)
        _set_contact(services, conn, person_id, contact)
        if not contact.phone:
            factors.set_by_phone(conn, person_id, on=False)
        if moved:
            people.set_roles(conn, person_id, roles, regions)
        before = {"roles": list(who.roles), "regions": list(who.regions), "display_name": who.display_name}
        after = {"roles": roles, "regions": regions, **contact.told()}
        audit.record(conn, origin, services.now(), "person.edit", f"person:{person_id}", before, after)


def deactivate(services: Services, person_id: str, origin: Origin) -> None:
    """Shut a person out everywhere at once; Refused for oneself and for the last one who looks after people."""
    with services.db.write() as conn:
        who = _touched(services, conn, person_id, origin)
        found = _last_one(conn, services.live.at(conn), who, ())
        if _is_self(origin.actor, who):
            found = [
                problem("", "own_account", "不能停用自己", "Nobody deactivates themselves; ask another administrator")
            ]
        if found:
            raise Refused(found)
        if people.deactivate(conn, person_id, services.now()):
            audit.record(conn, origin, services.now(), "person.deactivate", f"person:{person_id}")


def reactivate(services: Services, person_id: str, origin: Origin) -> None:
    """Let a person sign in again."""
    with services.db.write() as conn:
        who = _touched(services, conn, person_id, origin)
        if who.demo and services.settings.production:
            raise Refused(
                [problem("", "demo", "演示人员不能在生产环境使用", "People of the demo have no place in production")]
            )
        if people.reactivate(conn, person_id):
            audit.record(conn, origin, services.now(), "person.reactivate", f"person:{person_id}")


def end_sessions(services: Services, person_id: str, origin: Origin) -> None:
    """End all a person is signed in with, tokens included; they may sign in anew."""
    with services.db.write() as conn:
        _touched(services, conn, person_id, origin)
        people.end_all(conn, person_id)
        audit.record(conn, origin, services.now(), "person.end_sessions", f"person:{person_id}")


def reset_factor(services: Services, person_id: str, origin: Origin) -> None:
    """Forget the second factor of a person who lost it; all they are signed in with ends. Not one's own."""
    with services.db.write() as conn:
        who = _touched(services, conn, person_id, origin)
        if _is_self(origin.actor, who):
            zh, en = "自己的双因素认证请在“我的账号”中更改", "Change your own second factor in “My account”"
            raise Refused([problem("", "own_account", zh, en)])
        if factors.drop(conn, person_id):
            people.end_all(conn, person_id)
            audit.record(conn, origin, services.now(), "second_factor.reset", f"person:{person_id}")


class NoSuchPerson(Exception):
    """There is nobody of that id."""


def _touched(services: Services, conn: sa.Connection, person_id: str, origin: Origin) -> Person:
    """Return the person an act is about; Refused where they hold more than who acts."""
    who = people.get(conn, person_id)
    if who is None:
        raise NoSuchPerson(person_id)
    if not may_touch(services.live.at(conn), origin.actor, who):
        zh = "此人的权限多于你，只能由有同等权限的人更改"
        en = "This person holds more than you do; only somebody who holds as much may change them"
        raise Refused([problem("", "holds_more", zh, en)])
    return who


def _link(services: Services, conn: sa.Connection, person_id: str, *, mail: bool) -> str:
    who = people.get(conn, person_id)
    if mail and who is not None:
        send_link(services, conn, who, "first")
        return ""
    secret = people.secret()
    people.add_link(conn, person_id, secret, services.now())
    return f"/first/{secret}"


def _set_contact(services: Services, conn: sa.Connection, person_id: str, contact: Contact) -> None:
    values: dict[str, Any] = {"display_name": contact.display_name, "mail": contact.mail, "phone": contact.phone}
    people.set_contact(conn, services.vault, person_id, **values)


def _fit_roles(live: Live, roles: Sequence[str], actor: Actor, had: Sequence[str]) -> list[Problem]:
    """Return what keeps these roles from being given; those a person had stay theirs without being given anew."""
    if not roles:
        return [problem("roles", "required", "请至少选择一个角色", "Choose at least one role")]
    try:
        check_roles(live, roles, "roles")
    except Refused as refused:
        return list(refused.problems)
    return [
        problem(
            "roles",
            "holds_more",
            f"角色“{key}”的权限多于你，不能授予",
            f"The role “{key}” gives more than you hold; you cannot give it",
        )
        for key in roles
        if key not in had and not may_give(live, actor, key)
    ]


def _fit_regions(live: Live, regions: Sequence[str], actor: Actor, had: Sequence[str]) -> list[Problem]:
    """Return what keeps these regions from being given: none such, or outside those of whoever gives them."""
    known = ", ".join(REGIONS)
    found = [
        problem("regions", "unknown_region", f"没有区域“{key}”", f"there is no region “{key}”; known: {known}")
        for key in regions
        if key not in REGIONS
    ]
    if isinstance(actor, User) and actor.regions and not access(live, actor, "definition").may("publish"):
        zh, en = "只能授予自己负责的区域", "You can give only regions of your own"
        outside = not set(regions) <= {*actor.regions, *had}
        found += [problem("regions", "holds_more", zh, en)] if outside else []
    return found


def _last_one(conn: sa.Connection, live: Live, who: Person, roles: Sequence[str]) -> list[Problem]:
    """Return the refusal where nobody would be left who may look after people."""
    if not _looks_after(live, who.roles) or _looks_after(live, roles):
        return []
    others = [one for one in people.find(conn) if one.active and not one.demo and one.id != who.id]
    if who.demo or any(_looks_after(live, one.roles) for one in others):
        return []
    zh = "这是最后一位能管理人员的人，请先把此权限交给他人"
    en = "This is the last one who may look after people; give somebody else that right first"
    return [problem("roles", "last_admin", zh, en)]


def _looks_after(live: Live, roles: Sequence[str]) -> bool:
    return access(live, User("", "", frozenset(roles)), RECORD).may("edit")


def _is_self(actor: Actor, who: Person) -> bool:
    return isinstance(actor, User) and actor.id == who.id
