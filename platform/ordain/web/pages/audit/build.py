"""The page of the audit, put together from its entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import url_for

from ordain.records.access import Access
from ordain.store import audit_chain, audit_find
from ordain.store.audit_find import AuditEntry, AuditQuery
from ordain.web.pages.audit.context import AuditDetail, AuditLine, AuditPage, Fact, FieldChange, FilterForm
from ordain.web.pages.audit.words import (
    URGENT,
    action_options,
    action_word,
    actor_word,
    audit_field,
    audit_value,
    type_word,
)
from ordain.web.pages.lists import Filter, Pager
from ordain.web.pages.reader import given
from ordain.web.pages.texts import _
from ordain.web.show import NOTHING, Show

PAGE: Final = 50
_COVERED: Final = frozenset({"order", "return_request"})  # types whose fields a role may cover
_SHORT: Final = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """The page's address as values; `entry` is the one shown in full."""

    record: str = ""
    person: str = ""
    action: str = ""
    ip: str = ""
    request_id: str = ""
    at_from: str = ""
    at_to: str = ""
    entry: str = ""
    after: str = ""

    def href(self, **changes: str) -> str:
        """Return the address with these parts changed."""
        made = replace(self, **changes)
        pairs = {name: value for name in made.__slots__ if (value := getattr(made, name))}
        path = url_for("audit.index")
        return f"{path}?{urlencode(pairs)}" if pairs else path


def read(args: Mapping[str, str]) -> Asked:
    """Return what the address asks for; `q` is taken for what it looks like."""
    values = {name: args.get(name, "").strip()[:128] for name in Asked.__slots__}
    q = args.get("q", "").strip()[:128]
    return Asked(**{**values, **({_guess(q): q} if q else {})})


def page(conn: sa.Connection, asked: Asked, show: Show) -> AuditPage:
    """Return the list asked for, and the entry chosen in it."""
    access = given("order")
    entity = audit_find.order_entity(conn, asked.record) if asked.record.upper().startswith("SO-") else ""
    query = AuditQuery(
        entity or asked.record,
        _actor(asked.person),
        asked.action,
        asked.ip,
        asked.request_id,
        _day(asked.at_from, show),
        _day(asked.at_to, show, after=1),
    )
    found = audit_find.find(conn, access, query, limit=PAGE, cursor=asked.after)
    chosen = audit_find.get(conn, access, asked.entry) if asked.entry else None
    shown = [*found.items, chosen] if chosen else found.items
    known = audit_find.orders(conn, [item.entity for item in shown])
    total = show.number(min(found.total, audit_find.MOST)) + ("+" if found.total > audit_find.MOST else "")
    head = audit_chain.head(conn)
    return AuditPage(
        count=_("%(n)s entries", n=total),
        plain=url_for("audit.index"),
        refresh=asked.href(),
        lines=[_line(item, asked, known, show) for item in found.items],
        filters=_filters(asked),
        form=FilterForm(
            asked.record,
            asked.person,
            asked.ip,
            asked.request_id,
            asked.at_from,
            asked.at_to,
            action_options(audit_find.actions(conn), asked.action),
        ),
        pager=Pager(
            _("%(first)s of %(total)s", first=_span(asked, len(found.items), show), total=total)
            if found.items
            else _("Nothing here"),
            asked.href(after="", entry="") if asked.after else "",
            asked.href(after=found.next, entry="") if found.next else "",
        ),
        detail=_detail(chosen, asked, known, show) if chosen else None,
        chain=_("%(n)s entries sealed", n=show.number(head.count)),
    )


def _span(asked: Asked, count: int, show: Show) -> str:
    return show.number(count) if asked.after else f"1–{show.number(count)}"


def _line(item: AuditEntry, asked: Asked, known: Mapping[str, tuple[str, str]], show: Show) -> AuditLine:
    changes = _changes(item, known, show)
    said = " · ".join(f"{it.title} {_arrow(it)}" for it in changes[:3])
    return AuditLine(
        item.id,
        asked.href(entry=item.id),
        show.clock(item.at),
        show.exact(item.at),
        actor_word(item.actor, item.on_behalf_of),
        action_word(item.action),
        _record(item, known),
        said[: _SHORT * 2],
        item.ip or "",
        item.id == asked.entry,
        item.action in URGENT,
    )


def _arrow(it: FieldChange) -> str:
    return it.after[:_SHORT] if it.before == NOTHING else f"{it.before[:_SHORT]} → {it.after[:_SHORT]}"


def _record(item: AuditEntry, known: Mapping[str, tuple[str, str]]) -> str:
    kind, _sep, name = item.entity.partition(":")
    if item.entity in known:
        return known[item.entity][0]
    word = type_word(item.entity)
    if kind in ("definition", "connection", "channel", "token"):
        return f"{word} {name}"
    return f"{word} {name[-8:]}" if name else word


def _detail(item: AuditEntry, asked: Asked, known: Mapping[str, tuple[str, str]], show: Show) -> AuditDetail:
    plain = Asked()
    facts = [
        Fact(_("Who"), actor_word(item.actor, item.on_behalf_of), only=plain.href(person=item.actor)),
        Fact(_("Record"), _record(item, known), _href(item), plain.href(record=item.entity)),
        Fact(_("Action"), item.action, only=plain.href(action=item.action)),
        Fact("IP", item.ip, only=plain.href(ip=item.ip)) if item.ip else None,
        Fact(_("Request"), item.request_id, only=plain.href(request_id=item.request_id)) if item.request_id else None,
        Fact(_("Session"), item.session[-8:]) if item.session else None,
    ]
    place = _("Sealed as no. %(n)s of the chain", n=show.number(item.place)) if item.place else _("Not sealed yet")
    return AuditDetail(
        action_word(item.action),
        show.exact(item.at),
        [fact for fact in facts if fact is not None],
        _changes(item, known, show),
        place,
        asked.href(entry=""),
    )


def _changes(item: AuditEntry, known: Mapping[str, tuple[str, str]], show: Show) -> list[FieldChange]:
    """Return the fields that differ, those before the act beside those after it."""
    before, after = item.before or {}, item.after or {}
    kind = item.entity.partition(":")[0]
    access: Access | None = given(kind) if kind in _COVERED else None
    currency = known.get(item.entity, ("", ""))[1]
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [
        FieldChange(
            audit_field(name),
            audit_value(name, before.get(name), currency, access, show),
            audit_value(name, after.get(name), currency, access, show),
        )
        for name in names
    ]


def _href(item: AuditEntry) -> str:
    """Return where the thing itself is shown, "" where it has no page or this reader none."""
    kind, _sep, name = item.entity.partition(":")
    match kind:
        case "order" if given("order").may("read"):
            return url_for("order.index", order_id=name)
        case "definition" if given("definition").may("read") and "/" in name:
            own, _slash, key = name.partition("/")
            return url_for("definitions.one", kind=own, key=key)
        case "channel" if given("channel").may("read"):
            return url_for("channels.one", key=name)
        case _:
            return ""


def _filters(asked: Asked) -> Sequence[Filter]:
    named = (
        (_("Record"), "record", asked.record),
        (_("Who"), "person", actor_word(_actor(asked.person)) if asked.person else ""),
        (_("Action"), "action", action_word(asked.action) if asked.action else ""),
        ("IP", "ip", asked.ip),
        (_("Request"), "request_id", asked.request_id),
        (_("From"), "at_from", asked.at_from),
        (_("Until"), "at_to", asked.at_to),
    )
    return [
        Filter(title, value, asked.href(**{name: "", "after": "", "entry": ""}))
        for title, name, value in named
        if value
    ]


def _actor(person: str) -> str:
    return person if not person or ":" in person or person == "anonymous" else f"user:{person}"


def _guess(q: str) -> str:
    if q.upper().startswith("SO-") or q.partition(":")[0] in ("order", "definition", "message", "record", "connection"):
        return "record"
    try:
        ip_address(q)
    except ValueError:
        return "request_id" if len(q) == 32 and q.isalnum() else "person"
    return "ip"


def _day(text: str, show: Show, *, after: int = 0) -> datetime | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=show.zone) + timedelta(days=after)
    except (ValueError, OverflowError):
        return None
    return day
