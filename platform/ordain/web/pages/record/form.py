"""A record's form, put together from its definition, what is kept, and what was posted just now."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for

from ordain.base.errors import Problem
from ordain.engines.form import View, draw
from ordain.engines.form.staff import StaffForm, defaults, shown_sections, written_fields
from ordain.flows import recording
from ordain.flows.alarming import cannot_open
from ordain.flows.operations import Operation
from ordain.records.access import Access
from ordain.store.drafts import Draft
from ordain.store.records import Record
from ordain.store.vault import Unopened
from ordain.web.here import services
from ordain.web.pages.lists import Fault, Option
from ordain.web.pages.record.context import FormPage, Part
from ordain.web.pages.record.related import names_of
from ordain.web.pages.record.words import name_of_record, title_of, words_of
from ordain.web.pages.texts import _
from ordain.web.pages.words import faults
from ordain.web.show import Show


def form_page(
    conn: sa.Connection,
    form: StaffForm,
    access: Access,
    show: Show,
    *,
    record: Record | None = None,
    data: Mapping[str, Any] | None = None,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
    draft: Draft | None = None,
    resumed: bool = False,
    theirs: Record | None = None,
) -> FormPage:
    """Return a record's form, a new one's where there is none; `data` is what was posted just now, else the draft."""
    standing = recording.covered(services(), form, record, access) if record else defaults(form)
    closed = [name for name, value in standing.items() if isinstance(value, Unopened)]
    problems = [*problems, *map(cannot_open, closed)]
    standing = {name: value for name, value in standing.items() if name not in closed}
    values = data if data is not None else draft.data if draft else standing
    state = record.state if record else form.first
    view = draw(form.shape, dict(values), problems, typed)
    name = name_of_record(form, record) if record else _("New")
    own = url_for("record.one", key=form.key, record_id=record.id) if record else ""
    here = url_for("record.edit", key=form.key, record_id=record.id) if record else url_for("record.new", key=form.key)
    return FormPage(
        place=f"record-{form.key}",
        form_title=show.text(form.title),
        list_href=url_for("records.index", key=form.key),
        title=name,
        here=here,
        files=url_for("records.index", key=form.key) + "/files",
        button=_("Save") if record else _("Submit"),
        parts=sections(form, view, values, state, show, new=record is None, access=access),
        problems=anchored(problems, view, show),
        seen=(theirs.version if theirs else draft.seen if draft and data is None else record.version) if record else 0,
        back=own or url_for("records.index", key=form.key),
        saved=show.clock(draft.saved_at) if draft else "",
        resumed=resumed,
        discard=url_for("record.discard", key=form.key, record_id=record.id if record else "new") if draft else "",
        meanwhile=theirs is not None,
        theirs=_theirs(form, access, theirs, values, show) if theirs else (),
        lists=_lists(conn, view),
    )


def operation_page(
    conn: sa.Connection,
    form: StaffForm,
    operation: Operation,
    record: Record | None,
    show: Show,
    data: Mapping[str, Any],
    problems: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
) -> FormPage:
    """Return the small form of an operation."""
    view = draw(operation.form.shape, dict(data), problems, typed)
    of: dict[str, Any] = {"key": form.key, "operation": operation.key} | ({"record_id": record.id} if record else {})
    back = (
        url_for("record.one", key=form.key, record_id=record.id) if record else url_for("records.index", key=form.key)
    )
    name = name_of_record(form, record) if record else show.text(form.title)
    return FormPage(
        place=f"record-{form.key}",
        form_title=name,
        list_href=back,
        title=show.text(operation.title),
        here=url_for("record.operate" if record else "record.operate_on_list", **of),
        button=show.text(operation.title),
        parts=sections(operation.form, view, data, "", show, new=True),
        problems=anchored(problems, view, show),
        seen=record.version if record else 0,
        back=back,
        help=show.text(operation.help),
        danger=operation.danger,
        lists=_lists(conn, view),
    )


def sections(
    form: StaffForm,
    view: View,
    values: Mapping[str, Any],
    state: str,
    show: Show,
    *,
    new: bool = False,
    access: Access | None = None,
) -> list[Part]:
    """Return the sections that are shown for these values: their fields to write, and as text those that are not."""
    written = (
        written_fields(form, state, new=new) if access is None else recording.written(form, access, state, new=new)
    )
    by_name = {part.path: part for part in view.parts if part.path in written}
    made = []
    for section in shown_sections(form, values, state):
        views = [by_name[name] for name in section.fields if name in by_name]
        bad = sum(bool(part.problems) for one_view in views for part in all_views(one_view))
        facts = [
            (title_of(form, name, show), words_of(form, name, values[name], show, str(values.get("currency") or "")))
            for name in section.fields
            if name not in by_name and name in values
        ]
        if views or facts:
            filled = all(not one_view.required or one_view.value or one_view.parts for one_view in views)
            made.append(Part(section.key, show.text(section.title), views, bad, facts, filled))
    return made


def all_views(view: View) -> list[View]:
    """Return a view and all below it."""
    return [view, *(inner for part in view.parts for inner in all_views(part))]


def anchored(problems: Sequence[Problem], view: View, show: Show) -> list[Fault]:
    """Return problems under the titles of their fields, with the ids of these, so that the summary jumps."""
    known = {part.path: part for part in all_views(view)}
    return [
        Fault(_trail(f.path, known, show), "", f.message, known[f.path].id if f.path in known else "")
        for f in faults(problems, show)
    ]


def _trail(path: str, known: Mapping[str, View], show: Show) -> str:
    """Return how people find a field: the titles on the way to it, lines by their number."""
    steps, words = path.split("."), []
    for length in range(1, len(steps) + 1):
        part = known.get(".".join(steps[:length]))
        words.append(str(int(steps[length - 1]) + 1) if steps[length - 1].isdecimal() else _named(part, steps, show))
    return " · ".join(word for word in words if word)


def _named(part: View | None, steps: Sequence[str], show: Show) -> str:
    return show.text(part.title) if part else steps[-1]


def _theirs(
    form: StaffForm, access: Access, theirs: Record, mine: Mapping[str, Any], show: Show
) -> list[tuple[str, str, str]]:
    """Return the fields in which both sides differ: title, theirs, mine."""
    other = recording.covered(services(), form, theirs, access)
    names = [name for name in form.fields if other.get(name) != mine.get(name) and name not in form.fixed]
    return [
        (
            title_of(form, name, show),
            words_of(form, name, other.get(name), show),
            words_of(form, name, mine.get(name), show),
        )
        for name in names
    ]


def _lists(conn: sa.Connection, view: View) -> list[tuple[str, Sequence[Option]]]:
    """Return what references may name: by type, the records that fit what is typed, else the newest."""
    typed: dict[str, str] = {}
    for part in all_views(view):
        if part.ref:
            typed[part.ref] = part.value or typed.get(part.ref, "")
    return [(ref, names_of(conn, ref, text)) for ref, text in typed.items()]
