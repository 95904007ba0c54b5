"""Records that belong together: what a record refers to, and what refers to it, each behind its own access."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from flask import url_for

from ordain.engines.form.staff import StaffForm
from ordain.flows import recording
from ordain.store import records as store
from ordain.store.orders import find as orders
from ordain.store.orders.find import OrderQuery
from ordain.store.records import Record, RecordQuery
from ordain.store.shelves import shelf_of
from ordain.web.here import services
from ordain.web.pages.lists import Option
from ordain.web.pages.reader import given
from ordain.web.pages.record.context import Related
from ordain.web.pages.record.words import name_of_record, state_of, title_of
from ordain.web.show import Show

MOST: Final = 10
ORDER: Final = "order"


def reference(conn: sa.Connection, target: str, name: str) -> str:
    """Return the address of the record of a form that people call by this name, "" where the reader sees none."""
    if target == ORDER:
        order_id = orders.called(conn, given(ORDER), name)
        return url_for("order.index", order_id=order_id) if order_id else ""
    form = recording.form_of(services().live.at(conn), target)
    if form is None:
        return ""
    found = store.called(conn, shelf_of(form), given(form.right), name)
    return url_for("record.one", key=form.key, record_id=found.id) if found else ""


def names_of(conn: sa.Connection, target: str, text: str) -> list[Option]:
    """Return the names of records a reference may be, for what is typed so far."""
    if target == ORDER:
        items, _following = orders.page(conn, services().vault, given(ORDER), OrderQuery(q=text), limit=MOST)
        return [Option(item.number, f"{item.number} · {item.title}") for item in items]
    form = recording.form_of(services().live.at(conn), target)
    if form is None:
        return []
    query = RecordQuery(q=text, searched=form.searched)
    found = store.find(conn, shelf_of(form), given(form.right), query, limit=MOST)
    return [Option(name_of_record(form, item), _gist(form, item)) for item in found.items]


def referring(conn: sa.Connection, target: str, names: Sequence[str], show: Show) -> list[Related]:
    """Return the records that refer to one of `target` called by any of these names, by form and field."""
    found = []
    for form in recording.forms(services().live.at(conn)):
        access = given(form.right)
        for field in _referring_fields(form, target):
            if access.may("read") and recording.mode(form, access, field) == "read":
                links = list(_links(conn, form, field, names, show))
                if links:
                    title = f"{show.text(form.title)} · {title_of(form, field, show)}"
                    found.append(Related(title, links[:MOST]))
    return found


def _referring_fields(form: StaffForm, target: str) -> list[str]:
    return [name for name, field in form.fields.items() if field["type"] == "reference" and field.get("to") == target]


def _links(
    conn: sa.Connection, form: StaffForm, field: str, names: Sequence[str], show: Show
) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys(names):
        query = RecordQuery(equal={field: name})
        for item in store.find(conn, shelf_of(form), given(form.right), query, limit=MOST).items:
            state = state_of(form, item.state, show)
            href = url_for("record.one", key=form.key, record_id=item.id)
            yield href, name_of_record(form, item), state.word if state else ""


def _gist(form: StaffForm, item: Record) -> str:
    """Return a record's name with its first text, for suggestions; never a protected one."""
    values: Mapping[str, Any] = item.data
    access = given(form.right)
    first = next(
        (
            str(values[name])
            for name in form.searched
            if values.get(name) and str(values[name]) != item.label and recording.mode(form, access, name) == "read"
        ),
        "",
    )
    return " · ".join(part for part in (name_of_record(form, item), first) if part)
