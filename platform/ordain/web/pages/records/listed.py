"""The list of a form's records: tabs by state, saved views, columns, filters, sort, the board, what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa
from flask import url_for

from ordain.engines.form.staff import StaffForm, record_name
from ordain.flows import recording
from ordain.flows.listing import RecordList
from ordain.flows.operations import operations_of
from ordain.store import records as store
from ordain.store.fields import NUMBERS
from ordain.store.records import Record
from ordain.store.shelves import shelf_of
from ordain.web.here import services
from ordain.web.pages.listing import filtering
from ordain.web.pages.listing.context import Board, Card, Cell, Pile, Row
from ordain.web.pages.listing.tools import choose, fitted, saved_tabs, tools
from ordain.web.pages.lists import Filter, Head, Option, Pager, State, Tab
from ordain.web.pages.reader import given
from ordain.web.pages.record.context import Button
from ordain.web.pages.records.asked import AskedRecords, asked_fields, sorted_kinds
from ordain.web.pages.records.context import RecordsPage
from ordain.web.pages.texts import _
from ordain.web.pages.words import field_words
from ordain.web.show import NOTHING, Show

PAGE: Final = 50
CARDS: Final = 50
FIRST: Final = "number"
TONES: Final[Mapping[str, Any]] = {"open": "idle"} | {
    name: name for name in ("done", "running", "look", "act", "unknown", "off")
}
_WIDTHS: Final = {"number": "c-number", "state": "c-state", "created_at": "c-time", "updated_at": "c-time"}


def page(conn: sa.Connection, listed: RecordList, asked: AskedRecords, cursor: str, at: int, show: Show) -> RecordsPage:
    """Return the list of a type."""
    form, access, shelf = listed.form, listed.access, shelf_of(listed.form)
    query = asked.query(form, access)
    whole = asked.but(states=()).query(form, access)
    counts = store.counts(conn, shelf, access, whole)
    number = sum(counts.get(key, 0) for key in asked.states) if asked.states else sum(counts.values())
    path = url_for("records.index", key=form.key)
    known = titles(listed, show)
    usual = [name for name in ("state", *form.columns, "updated_at") if name in known]
    choice = choose(conn, form.key, asked, known, list(dict.fromkeys(usual)), FIRST)
    board = asked.layout == "board"
    items, following = ([], None) if board else store.page(conn, shelf, access, query, limit=PAGE, after=cursor)
    fields = asked_fields(form, access)
    may_edit = given("definition").may("edit")
    total = show.number(number)
    return RecordsPage(
        key=form.key,
        title=show.text(form.title),
        tabs=[*_tabs(form, counts, asked, path, show), *saved_tabs(choice, form.key, path, total)],
        tools=tools(listed, choice, asked, path, known, filtering.asked(asked.own, fields, show), number, show),
        heads=[head(form, asked, path, name, known[name], sorted_kinds(form, access)) for name in choice.columns],
        rows=[row(listed, item, choice.columns, show) for item in items],
        board=records_board(conn, listed, asked, counts, path, show) if board else None,
        filters=[
            Filter(title, value, asked.but(own=rest).href(path))
            for title, value, rest in filtering.chips(asked.own, fields, show)
        ],
        q=asked.q,
        pager=_pager(asked, len(items), at, following, total, path, show) if not board else Pager(total),
        new=url_for("record.new", key=form.key) if access.may("create") and form.made_here else "",
        edit_form=url_for("editor.edit", kind="form", key=form.key) if may_edit else "",
        bring=url_for("imports.index", into=f"record:{form.key}")
        if (access.may("create") and form.made_here) or access.may("edit")
        else "",
        plain=path,
        narrowed=bool(asked.states or asked.q or asked.own),
        stated=bool(form.states),
        operations=[
            Button(show.text(each.title), url_for("record.operate_on_list", key=form.key, operation=each.key))
            for each in operations_of(form)
            if each.on == "list" and access.may(each.key)
        ],
    )


def row(listed: RecordList, item: Record, columns: Sequence[str], show: Show) -> Row:
    """Return one row in these columns."""
    form = listed.form
    values = recording.covered(services(), form, item, listed.access)
    cells = [cell(form, item, name, values, show) for name in columns]
    return Row(
        id=item.id,
        name=record_name(form, item.number, item.label),
        href=url_for("record.one", key=form.key, record_id=item.id),
        cells=slotted(cells, named=bool(item.label)),
        state=state_of(form, item, show),
        fits=fitted(listed, item),
    )


def state_of(form: StaffForm, item: Record, show: Show) -> State | None:
    """Return a record's state as its mark and word."""
    state = form.states.get(item.state)
    return State(TONES.get(state.mark, "idle"), show.text(state.title)) if state else None


def titles(listed: RecordList, show: Show) -> dict[str, str]:
    """Return all columns the reader may see."""
    return {name: show.text(column.title) for name, column in listed.columns().items()}


def records_board(
    conn: sa.Connection,
    listed: RecordList,
    asked: AskedRecords,
    counts: Mapping[str, int],
    path: str,
    show: Show,
    problem: str = "",
) -> Board:
    """Return the records that match, piled by state, each with the states it may go to."""
    form, may_move = listed.form, listed.access.may("move")
    piles = []
    for key, state in form.states.items():
        if asked.states and key not in asked.states:
            continue
        one = AskedRecords(states=(key,), q=asked.q, own=asked.own).query(form, listed.access)
        items, following = store.page(conn, shelf_of(form), listed.access, one, limit=CARDS)
        moves = [Option(to, show.text(form.states[to].title)) for to in state.to] if may_move else []
        number = counts.get(key, 0)
        more = _("%(n)s more", n=show.number(number - len(items))) if following else ""
        word = State(TONES.get(state.mark, "idle"), show.text(state.title))
        href = asked.but(layout="", states=(key,)).href(path)
        cards = [_card(listed, item, moves, show) for item in items]
        piles.append(Pile(key, word, show.number(number), href, cards, more))
    return Board(piles, url_for("listing.move", subject=form.key) if may_move else "", problem)


def _card(listed: RecordList, item: Record, moves: Sequence[Option], show: Show) -> Card:
    form = listed.form
    values = recording.covered(services(), form, item, listed.access)
    shown = [name for name in form.columns if name in form.fields]
    words = [field_words(form.fields[name], values.get(name), show) for name in shown]
    lines = [word for word in words if word][:2]
    href = url_for("record.one", key=form.key, record_id=item.id)
    return Card(item.id, record_name(form, item.number, item.label), href, lines, None, item.version, moves)


def _tabs(form: StaffForm, counts: Mapping[str, int], asked: AskedRecords, path: str, show: Show) -> list[Tab]:
    plain = asked.but(saved="")
    every = Tab("", _("All"), show.number(sum(counts.values())), plain.but(states=()).href(path))
    every = replace(every, current=not asked.states and not asked.saved)
    return [
        every,
        *(
            Tab(
                key,
                show.text(state.title),
                show.number(counts.get(key, 0)),
                plain.but(states=(key,)).href(path),
                asked.states == (key,) and not asked.saved,
            )
            for key, state in form.states.items()
        ),
    ]


def head(form: StaffForm, asked: AskedRecords, path: str, name: str, title: str, kinds: Mapping[str, str]) -> Head:
    """Return the head of a column, with the way to sort by it where its kind is known."""
    kind = form.fields.get(name, {}).get("type", "")
    number = kind in NUMBERS or name in ("created_at", "updated_at")
    key = {"number": "c-number", "state": "c-state", "created_at": "c-time", "updated_at": "c-time"}.get(
        name, "c-field"
    )
    classes = f"{key} num" if number else key
    own = name in ("number", "created_at", "updated_at", "state") and name not in form.fields
    if name not in kinds and not own:
        return Head(title, classes)
    order = {name: "ascending", f"-{name}": "descending"}.get(asked.sort, "")
    turned = name if order == "descending" else f"-{name}"
    return Head(title, classes, asked.but(sort=turned).href(path), order)


def cell(form: StaffForm, item: Record, name: str, values: Mapping[str, Any], show: Show) -> Cell:
    """Return one value of a row."""
    field = form.fields.get(name)
    if name == "state" and field is None:
        return Cell("c-state", "state", state=state_of(form, item, show))
    if field is None and name in ("created_at", "updated_at"):
        moment = item.created_at if name == "created_at" else item.updated_at
        slot = "p4" if name == "updated_at" else ""
        return Cell("c-time", "time", show.ago(moment), exact=show.exact(moment), slot=slot)
    if field is None:
        return Cell("c-field", "text", item.created_by.removeprefix("user:") or NOTHING)
    kind = "num" if field["type"] in NUMBERS else "text"
    value = values.get(name)
    if field["type"] == "money" and isinstance(value, int):
        return Cell("c-field", kind, show.money(value, str(item.data.get("currency") or "CNY")))
    return Cell("c-field", kind, field_words(field, value, show) or NOTHING)


def slotted(cells: Sequence[Cell], *, named: bool) -> list[Cell]:
    """Give the name, the first words and the first number their places on a phone.

    What people call by a name has it on top; what is called by its number has its words there.
    """
    name, *rest = cells
    fields = [cell for cell in rest if cell.key == "c-field"]
    words = next((cell for cell in fields if cell.kind != "num"), None)
    number = next((cell for cell in fields if cell.kind == "num"), None)
    on_top = named or words is None
    slots = {id(words): "p3" if on_top else "p1", id(number): "p2"}
    return [replace(name, slot="p1" if on_top else "p3"), *(replace(c, slot=slots.get(id(c), c.slot)) for c in rest)]


def _pager(
    asked: AskedRecords, number: int, begin: int, following: str | None, total: str, path: str, show: Show
) -> Pager:
    end = begin + number
    numbers = {"first": show.number(begin + 1), "last": show.number(end), "total": total}
    sentence = _("%(first)s–%(last)s of %(total)s", **numbers) if number else _("Nothing here")
    return Pager(
        sentence,
        asked.href(path) if begin else "",
        asked.href(path, cursor=following, at=str(end)) if following else "",
    )
