"""Puts the pages of people together."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import g, url_for

from ordain.base.regions import REGIONS
from ordain.flows.login import must_have_factor
from ordain.flows.notifying import mask
from ordain.flows.staffing import may_give, may_touch
from ordain.kinds import role
from ordain.store import factors, people, sessions
from ordain.store.definitions import Live
from ordain.store.people import Person
from ordain.web.here import services
from ordain.web.pages.account.build import joined, opened, role_titles, spot
from ordain.web.pages.lists import State, Tab
from ordain.web.pages.people.context import Choice, Outcome, PeoplePage, PersonPage, PersonRow
from ordain.web.pages.reader import given
from ordain.web.pages.texts import _, many
from ordain.web.show import Show


def listed(conn: sa.Connection, show: Show, q: str, view: str) -> PeoplePage:
    """Return the list: those of a view whose name, shown name or role holds the words."""
    live, holders = services().live.at(conn), factors.holders(conn)
    titles = role_titles(live, show)
    everybody = [(who, _row(who, live, titles, show, has=who.id in holders)) for who in people.find(conn)]
    gone = [row for who, row in everybody if not who.active]
    active = [row for who, row in everybody if who.active]
    rows = gone if view == "gone" else active
    words = q.casefold().split()
    rows = [row for row in rows if all(w in f"{row.name} {row.shown} {row.roles}".casefold() for w in words)]
    tabs = [
        Tab("active", _("Active"), show.number(len(active)), url_for("people.index"), view != "gone"),
        Tab("gone", _("Deactivated"), show.number(len(gone)), url_for("people.index", view="gone"), view == "gone"),
    ]
    count = many("%(num)s person", "%(num)s people", len(rows))
    return PeoplePage(rows, tabs, count, q, view, given("person").may("edit"))


def one(conn: sa.Connection, show: Show, who: Person, outcome: Outcome) -> PersonPage:
    """Return the page of a person."""
    live = services().live.at(conn)
    may_edit = given("person").may("edit") and may_touch(live, g.actor, who)
    mail, phone = opened(who) if may_edit else (mask(part) for part in opened(who))
    factor = factors.confirmed(conn, who.id) is not None
    typed = outcome.typed
    return PersonPage(
        id=who.id,
        name=who.name,
        display_name=typed.get("display_name", who.display_name),
        mail=typed.get("mail", mail),
        phone=typed.get("phone", phone),
        state=_state(who),
        active=who.active,
        demo=who.demo,
        own=who.id == getattr(g.actor, "id", ""),
        may_edit=may_edit,
        roles=_roles(live, show, who.roles if outcome.roles is None else outcome.roles, who.roles),
        regions=_regions(show, who.regions if outcome.regions is None else outcome.regions),
        factor=_factor(live, who, has=factor)[0],
        has_factor=factor,
        entered=show.clock(who.entered_at) if who.entered_at else _("never"),
        since=show.clock(who.created_at),
        spots=[spot(place, None, show) for place in sessions.places(conn, who.id, show.now)],
        audit=url_for("audit.index", record=f"person:{who.id}") if given("audit").may("read") else "",
        outcome=outcome,
    )


def new(conn: sa.Connection, show: Show, outcome: Outcome) -> PersonPage:
    """Return the page on which somebody is added."""
    live, typed = services().live.at(conn), outcome.typed
    return PersonPage(
        "", typed.get("name", ""), typed.get("display_name", ""), typed.get("mail", ""), typed.get("phone", ""),
        None, active=True, demo=False, own=False, may_edit=True,
        roles=_roles(live, show, outcome.roles or (), ()), regions=_regions(show, outcome.regions or ()),
        factor="", has_factor=False, entered="", since="", spots=(), audit="", outcome=outcome,
    )  # fmt: skip


def _row(who: Person, live: Live, titles: dict[str, str], show: Show, *, has: bool) -> PersonRow:
    shown = who.display_name or (titles.get(who.roles[0], "") if who.demo and who.roles else "")
    text, tone = _factor(live, who, has=has)
    return PersonRow(
        who.id,
        url_for("people.one", person_id=who.id),
        who.name,
        shown,
        (shown or who.name)[:1].upper(),
        _state(who),
        joined([titles.get(key, key) for key in who.roles]),
        joined([show.text(REGIONS[key]) for key in who.regions if key in REGIONS]) or _("all"),
        text,
        tone,
        show.ago(who.entered_at) if who.entered_at else _("never"),
        show.exact(who.entered_at),
        who.demo,
    )


def _state(who: Person) -> State:
    if not who.active:
        return State("off", _("deactivated"))
    if not who.password_hash:
        return State("idle", _("invited"))
    return State("done", _("active"))


def _factor(live: Live, who: Person, *, has: bool) -> tuple[str, str]:
    """Return how the second factor stands, in words and tone."""
    if has:
        return _("on"), "fine"
    return (_("due at next sign-in"), "look") if must_have_factor(live, who.roles) else (_("off"), "quiet")


def _roles(live: Live, show: Show, chosen: Sequence[str], had: Sequence[str]) -> list[Choice]:
    """Return all roles; those that may not be given are locked, unless the person has them already."""
    titles, found = role_titles(live, show), []
    for version in sorted(live.all("role"), key=lambda one: titles[one.key]):
        note = _("second factor required") if role.asks_second_factor(version.document) else ""
        locked = version.key not in had and not may_give(live, g.actor, version.key)
        found.append(Choice(version.key, titles[version.key], version.key in chosen, locked, note))
    return found


def _regions(show: Show, chosen: Sequence[str]) -> list[Choice]:
    return [Choice(key, show.text(text), key in chosen) for key, text in REGIONS.items()]
