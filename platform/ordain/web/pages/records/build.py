"""The pages of an admin's own records, put together from the form and what is kept."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from flask import url_for

from ordain.base.errors import Problem
from ordain.base.text import Text
from ordain.engines.form import View, draw
from ordain.engines.form.staff import StaffForm, defaults, record_name, shown_sections, written_fields
from ordain.flows import recording
from ordain.records.access import Access
from ordain.store.records import Record
from ordain.web.here import services
from ordain.web.pages.lists import Fault, State
from ordain.web.pages.records.context import (
    Happening,
    Move,
    Part,
    RecordPage,
)
from ordain.web.pages.texts import _
from ordain.web.pages.words import faults, field_words
from ordain.web.show import Show

PAGE: Final = 50
_TONES: Final[Mapping[str, Any]] = {"open": "idle"} | {
    name: name for name in ("done", "running", "look", "act", "unknown", "off")
}


def one(
    conn: sa.Connection,
    form: StaffForm,
    access: Access,
    show: Show,
    *,
    record: Record | None = None,
    data: Mapping[str, Any] | None = None,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
    meanwhile: str = "",
    saved: bool = False,
) -> RecordPage:
    """Return a record's page, a new one's where there is none; `data` is what was posted just now."""
    state_key = record.state if record else form.first
    values = (
        data if data is not None else recording.covered(services(), form, record, access) if record else defaults(form)
    )
    view = draw(form.shape, dict(values), problems, typed)
    parts = sections(form, view, values, state_key, show, new=record is None)
    state = form.states.get(state_key)
    here = url_for("records.one", key=form.key, record_id=record.id) if record else url_for("records.new", key=form.key)
    number = _number(form, record) if record else _("New")
    anchors = {part.path: part.id for part in all_views(view)}
    return RecordPage(
        key=form.key,
        form_title=show.text(form.title),
        list_href=url_for("records.index", key=form.key),
        title=number,
        here=here,
        state=State(_TONES.get(state.mark, "idle"), show.text(state.title)) if state else None,
        parts=parts,
        problems=[Fault(f.path, f.code, f.message, anchors.get(f.path, "")) for f in faults(problems, show)],
        moves=_moves(form, record, access, show),
        seen=record.version if record else 0,
        may_save=access.may("edit" if record else "create"),
        is_new=record is None,
        stages=[(show.text(each.title), "now" if key == state_key else "") for key, each in form.states.items()],
        happenings=_happenings(conn, form, record, show) if record else (),
        meanwhile=meanwhile,
        saved=saved,
    )


def sections(
    form: StaffForm, view: View, values: Mapping[str, Any], state: str, show: Show, *, new: bool = False
) -> list[Part]:
    """Return the sections that are shown for these values: their fields to write, and as text those that are not."""
    written = written_fields(form, state, new=new)
    by_name = {part.path: part for part in view.parts if part.path in written}
    made = []
    for section in shown_sections(form, values, state):
        views = [by_name[name] for name in section.fields if name in by_name]
        bad = sum(bool(part.problems) for one_view in views for part in all_views(one_view))
        facts = [
            (_title(form, name, show), _words(form, name, values[name], show))
            for name in section.fields
            if name not in by_name and name in values
        ]
        if views or facts:
            made.append(Part(section.key, show.text(section.title), views, bad, facts))
    return made


def all_views(view: View) -> list[View]:
    """Return a view and all below it."""
    return [view, *(inner for part in view.parts for inner in all_views(part))]


def _moves(form: StaffForm, record: Record | None, access: Access, show: Show) -> list[Move]:
    state = form.states.get(record.state) if record else None
    if state is None or not access.may("move"):
        return []
    return [Move(key, show.text(form.states[key].title)) for key in state.to]


def _happenings(conn: sa.Connection, form: StaffForm, record: Record, show: Show) -> list[Happening]:
    return [_happening(form, entry, show) for entry in recording.history(conn, form, record.id)]


def _happening(form: StaffForm, entry: Any, show: Show) -> Happening:
    act = entry.action.rpartition(".")[2]
    after = entry.after or {}
    if act == "create":
        what = _("Created")
    elif act == "move":
        what = _("Moved to %(state)s", state=_words(form, "state", str(after.get("state", "")), show))
    else:
        names = ", ".join(_title(form, name, show) for name in after.get("changed", ()))
        what = _("Changed: %(fields)s", fields=names) if names else _("Saved")
    return Happening(what, entry.actor.removeprefix("user:"), show.ago(entry.at), show.exact(entry.at))


def _words(form: StaffForm, name: str, value: Any, show: Show) -> str:
    """Return a value in words: titles of choices and states, amounts with their currency."""
    if name == "state":
        state = form.states.get(str(value))
        return show.text(state.title) if state else str(value)
    return field_words(form.fields.get(name, {}), value, show)


def _title(form: StaffForm, name: str, show: Show) -> str:
    own = {"created_at": _("Created"), "updated_at": _("Changed"), "created_by": _("By"), "state": _("State")}
    return own.get(name) or (show.text(Text.of(form.fields[name]["title"])) if name in form.fields else name)


def _number(form: StaffForm, record: Record) -> str:
    return record_name(form, record.number, record.label)
