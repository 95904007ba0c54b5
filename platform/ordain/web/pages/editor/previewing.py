"""The preview of a form's draft: the staff form and the list as the draft would draw them.

Records are read and covered by the form that runs, never by the draft: a draft that calls a field open shows nothing
of it before it is published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa
from flask import g

from ordain.engines.form import View, draw
from ordain.engines.form.staff import StaffForm, compile_staff_form, defaults, record_name, shown_sections
from ordain.flows import recording
from ordain.flows.listing import RecordList
from ordain.records.access import EVERYTHING
from ordain.store import records as store
from ordain.store.records import RecordQuery
from ordain.store.shelves import SHELVES, shelf_of
from ordain.web.here import services
from ordain.web.pages.editor.context import FormPreview
from ordain.web.pages.listing.context import Row
from ordain.web.pages.record.form import sections
from ordain.web.pages.record.words import state_of
from ordain.web.pages.records.asked import AskedRecords
from ordain.web.pages.records.listed import FIRST, cell, head, slotted, titles
from ordain.web.pages.texts import _
from ordain.web.rights import access_to
from ordain.web.show import Show

SHOWN: Final = 3
_PLACE: Final = "preview/"


def form_preview(conn: sa.Connection, key: str, document: Mapping[str, Any], show: Show) -> FormPreview:
    """Return what a sound draft would draw: the form of a new record, and the list."""
    form = compile_staff_form(document)
    values = defaults(form)
    view = _elsewhere(draw(form.shape, values))
    now = {section.key for section in shown_sections(form, values, form.first)}
    columns = _columns(form, show)
    rows = _rows(conn, key, form, list(columns), show) if columns else []
    return FormPreview(
        title=show.text(form.title),
        button=_("Submit"),
        parts=sections(form, view, values, form.first, show, new=True),
        later=[show.text(section.title) for section in form.sections if section.key not in now],
        states=[found for name in form.states if (found := state_of(form, name, show))],
        heads=[head(form, AskedRecords(), "", name, title, {}) for name, title in columns.items()],
        rows=rows,
        sentence=_("The newest records, as you may see them") if rows else _("No record yet that you may see"),
    )


def _elsewhere(view: View) -> View:
    """Return the view under names of its own: the editor beside it has fields that are called the same."""
    return replace(view, name=_PLACE + view.name, parts=[_elsewhere(part) for part in view.parts])


def _columns(form: StaffForm, show: Show) -> dict[str, str]:
    """Return the columns the list would begin with; none where the type has pages of its own."""
    if form.built_in and form.record not in SHELVES:
        return {}
    known = titles(RecordList(services(), EVERYTHING, form), show)
    return {name: known[name] for name in (FIRST, "state", *form.columns, "updated_at") if name in known}


def _rows(conn: sa.Connection, key: str, form: StaffForm, columns: Sequence[str], show: Show) -> list[Row]:
    runs = recording.form_of(services().live.at(conn), key)
    if runs is None or runs.record != form.record:
        return []
    access = access_to(services(), g.actor, runs.right)
    if not access.may("read"):
        return []
    found, _following = store.page(conn, shelf_of(runs), access, RecordQuery(), limit=SHOWN)
    rows = []
    for item in found:
        values = {
            name: value
            for name, value in recording.covered(services(), runs, item, access).items()
            if name in form.fields and form.fields[name]["type"] == runs.fields[name]["type"]
        }
        cells = slotted([cell(form, item, name, values, show) for name in columns], named=bool(item.label))
        name = record_name(runs, item.number, item.label)
        rows.append(Row(f"preview-{item.id}", name, "", cells, state_of(form, item.state, show)))
    return rows
