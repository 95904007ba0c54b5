"""Records of an admin's own types: list, new, one, its states, export."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import Blueprint, abort, g, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Problem, Refused
from ordain.engines.form import act, read
from ordain.engines.form.staff import StaffForm, record_name
from ordain.flows import recording
from ordain.flows.recording import Meanwhile
from ordain.flows.tables import csv_lines, shown_safely
from ordain.records.access import NOTHING, Access
from ordain.store import records as store
from ordain.store.records import Record, RecordQuery
from ordain.store.shelves import shelf_of
from ordain.web.here import services
from ordain.web.pages.reader import go, reader
from ordain.web.pages.records import build
from ordain.web.policy import current_origin, policy
from ordain.web.rights import access_to

records = Blueprint("records", __name__, url_prefix="/records")
_OWN_NAMES: Final = frozenset({"csrf_token", "seen", "act", "save", "to"})


@records.get("/<key>")
@policy()
def index(key: str) -> str:
    """Show the list."""
    form, access = _form(key, "read")
    asked = {name: text[:200] for name, text in request.args.items()}
    with services().db.read() as conn:
        try:
            page = build.listed(conn, form, access, asked, asked.get("after", ""), reader())
        except ValueError:
            abort(404)
    return render_template("staff/records.html", page=page)


@records.get("/<key>/export")
@policy(step_up=True)
def export(key: str) -> Response:
    """Give the list as a CSV file; a cell never begins like a formula."""
    form, access = _form(key, "export")
    asked = {name: text[:200] for name, text in request.args.items()}
    equal = {name: asked[name] for name in form.filters if asked.get(name) and access.reads(name)}
    query = RecordQuery(
        (asked["state"],) if asked.get("state") else (), asked.get("q", "").strip(), equal, form.searched
    )
    names = [name for name in form.fields if access.mode(name) != "hidden"]
    body = "".join(csv_lines(["number", "state", *names], _exported(form, access, query, names)))
    headers = {"Content-Disposition": f'attachment; filename="{form.key}.csv"'}
    return Response("\ufeff" + body, content_type="text/csv; charset=utf-8", headers=headers)


@records.get("/<key>/new")
@policy()
def new(key: str) -> str:
    """Show an empty form."""
    form, access = _form(key, "create")
    with services().db.read() as conn:
        page = build.one(conn, form, access, reader())
    return render_template("staff/record.html", page=page)


@records.post("/<key>/new")
@policy()
def create(key: str) -> Response:
    """Keep a new record, or only draw the form anew where no save was asked for."""
    form, access = _form(key, "create")
    data, typed, unread = _posted(form, {})
    if "save" not in request.form:
        return _redrawn(form, access, None, data, unread, typed)
    if unread:
        return _redrawn(form, access, None, data, unread, typed, status=422)
    try:
        made = recording.create(services(), form, data, current_origin())
    except Refused as refused:
        return _redrawn(form, access, None, data, refused.problems, typed, status=422)
    return go(url_for("records.one", key=key, record_id=made.id, saved="1"))


@records.get("/<key>/<record_id>")
@policy()
def one(key: str, record_id: str) -> str:
    """Show a record."""
    form, access = _form(key, "read")
    with services().db.read() as conn:
        record = _record(form, access, record_id)
        page = build.one(conn, form, access, reader(), record=record, saved="saved" in request.args)
    return render_template("staff/record.html", page=page)


@records.post("/<key>/<record_id>")
@policy()
def change(key: str, record_id: str) -> Response:
    """Write a record, move it on, or only draw its form anew."""
    to = request.form.get("to", "")
    form, access = _form(key, "move" if to else "edit")
    record = _record(form, access, record_id)
    data, typed, unread = _posted(form, recording.covered(services(), form, record, access))
    if "save" not in request.form and not to:
        return _redrawn(form, access, record, data, unread, typed)
    seen = request.form.get("seen", "")
    if seen != str(record.version):
        return _redrawn(form, access, record, data, unread, typed, status=409, meanwhile=record)
    if unread:
        return _redrawn(form, access, record, data, unread, typed, status=422)
    try:
        whole = recording.uncovered(services(), form, record, access, data)
        made = recording.change(services(), form, record, whole, current_origin(), to=to)
    except Refused as refused:
        return _redrawn(form, access, record, data, refused.problems, typed, status=422)
    if isinstance(made, Meanwhile):
        return _redrawn(form, access, record, data, unread, typed, status=409, meanwhile=made.theirs)
    return go(url_for("records.one", key=key, record_id=record_id, saved="1"))


def _form(key: str, action: str) -> tuple[StaffForm, Access]:
    """Return a live form whose records the caller may do this with, else 404."""
    with services().db.read() as conn:
        form = recording.form_of(services().live.at(conn), key)
    access = access_to(services(), g.actor, form.right) if form else NOTHING
    if form is None or not access.may(action):
        abort(404)
    return form, access


def _record(form: StaffForm, access: Access, record_id: str) -> Record:
    with services().db.read() as conn:
        found = store.get(conn, shelf_of(form), access, record_id)
    if found is None:
        abort(404)
    return found


def _posted(form: StaffForm, before: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str], list[Problem]]:
    pairs = [(name, text) for name, text in request.form.items(multi=True) if name not in _OWN_NAMES]
    posted = read(form.shape, pairs, before)
    data = posted.document if isinstance(posted.document, dict) else {}
    word, _, name = request.form.get("act", "").partition(":")
    if word:
        data = act(form.shape, data, word, name)
    return {key: value for key, value in data.items() if value is not None}, posted.typed, posted.problems


def _redrawn(
    form: StaffForm,
    access: Access,
    record: Record | None,
    data: Mapping[str, Any],
    problems: Any,
    typed: Mapping[str, str],
    *,
    status: int = 200,
    meanwhile: Record | None = None,
) -> Response:
    with services().db.read() as conn:
        who = meanwhile.created_by if meanwhile else ""
        page = build.one(
            conn, form, access, reader(), record=record, data=data, problems=problems, typed=typed, meanwhile=who
        )
    part = request.headers.get("HX-Request") == "true"
    return make_response(render_template("staff/record_work.html" if part else "staff/record.html", page=page), status)


def _exported(form: StaffForm, access: Access, query: RecordQuery, names: list[str]) -> Iterator[list[str]]:
    after = None
    while True:
        with services().db.read() as conn:
            page = store.find(conn, shelf_of(form), access, query, limit=500, after=after)
        for item in page.items:
            values = recording.covered(services(), form, item, access)
            yield [
                record_name(form, item.number, item.label),
                item.state,
                *(shown_safely(values.get(name)) for name in names),
            ]
        if page.next is None:
            return
        after = page.next
