"""What every page stands in: the rail with its places and counts, and the reader."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g, url_for

from ordain.base.text import Text
from ordain.flows.importing.targets import may_import
from ordain.flows.recording import forms
from ordain.records.actor import User
from ordain.store.messages import MessageQuery
from ordain.store.messages import find as find_messages
from ordain.store.orders.find import OrderQuery
from ordain.store.orders.standing import matching
from ordain.web.here import services
from ordain.web.pages.reader import given, reader, tally
from ordain.web.pages.texts import _


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail."""

    key: str
    title: str
    href: str
    icon: str
    count: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of the rail under one head."""

    title: str
    places: Sequence[Place]


@dataclass(frozen=True, slots=True)
class Frame:
    """The rail of one reader; `initial` stands in the round beside the name."""

    groups: Sequence[Group]
    name: str
    initial: str
    language: str
    viewing: str = ""


def frame() -> Frame:
    """Return the rail as the current reader may use it."""
    actor = g.get("actor")
    name = actor.name if isinstance(actor, User) else ""
    groups = (
        Group(_("Work"), [*_work(), *_importing()]),
        Group(_("Records"), _records()),
        Group(_("Set-up"), _setup()),
    )
    return Frame([group for group in groups if group.places], name, name[:1].upper(), reader().language, _viewing())


def _viewing() -> str:
    """Return the title of the role through whose eyes the reader looks, "" for their own."""
    actor = g.get("actor")
    if not isinstance(actor, User) or actor.viewing is None:
        return ""
    with services().db.read() as conn:
        live = services().live.at(conn)
        found = [version for key in sorted(actor.roles) if (version := live.get("role", key))]
    return reader().text(Text.of(found[0].document["title"])) if found else ", ".join(actor.roles)


def _work() -> list[Place]:
    found = []
    if given("order").may("read"):
        waiting, held = _waiting()
        found.append(Place("orders", _("Orders"), url_for("orders.index"), "list-details", waiting))
        if given("message").may("read"):
            title = _("Quarantine")
            found.append(Place("quarantine", title, url_for("quarantine.index"), "shield-half", held, bool(held)))
    if given("stock").may("read"):
        found.append(Place("proof", _("Stock proof"), url_for("proof.index"), "shield-check"))
    return found


def _importing() -> list[Place]:
    """Return the way to the import wizard, for whoever may import anything."""
    actor = g.get("actor")
    if not isinstance(actor, User):
        return []
    with services().db.read() as conn:
        may = may_import(services().live.at(conn), actor)
    return [Place("imports", _("Imports"), url_for("imports.index"), "file-spreadsheet")] if may else []


def _records() -> list[Place]:
    """Return the types whose lists forms describe and this reader may read."""
    show = reader()
    with services().db.read() as conn:
        known = forms(services().live.at(conn))
    return [
        Place(f"record-{form.key}", show.text(form.title), url_for("records.index", key=form.key), form.icon)
        for form in known
        if given(form.right).may("read")
    ]


def _setup() -> list[Place]:
    found = []
    if given("channel").may("read"):
        found.append(Place("channels", _("Channels"), url_for("channels.index"), "plug"))
    if given("person").may("read"):
        found.append(Place("people", _("People"), url_for("people.index"), "user"))
    if given("audit").may("read"):
        found.append(Place("audit", _("Audit log"), url_for("audit.index"), "history"))
    if given("house").may("read"):
        found.append(Place("outside", _("Outside systems"), url_for("outside.index"), "share"))
    settings = services().settings
    if not settings.production:
        inbox = f"http://127.0.0.1:{settings.sandbox_port}/inbox"
        found.append(Place("sandbox", _("Sandbox inbox"), inbox, "inbox"))
    if not given("definition").may("read"):
        return found
    return [
        *found,
        Place("mapping", _("Field mappings"), url_for("definitions.index", kind="mapping"), "arrows-left-right"),
        Place("definitions", _("Definitions"), url_for("definitions.index"), "braces"),
        Place("style", _("Parts"), url_for("style.index"), "palette"),
    ]


def _waiting() -> tuple[str, str]:
    """Return how many orders wait to be picked, and how many cases wait for repair; "" for none."""
    with services().db.read() as conn:
        found = tally(conn)
        open_orders = matching(found, OrderQuery(states=("paid", "picking"), held=False))
        held = matching(found, OrderQuery(held=True))
        if given("message").may("read"):
            held += find_messages(conn, MessageQuery(states=("quarantined",)), limit=1).total
    show = reader()
    return (show.number(open_orders) if open_orders else ""), (show.number(held) if held else "")
