"""Records of an admin's own types: list, new, one, its states, export."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, abort, g, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Problem, Refused
from ordain.engines.form import act, read
from ordain.engines.form.staff import StaffForm
from ordain.flows import recording
from ordain.flows.listing import RecordList
from ordain.flows.recording import Meanwhile
from ordain.records.access import NOTHING, Access
from ordain.store import records as store
from ordain.store.records import Record
from ordain.store.shelves import shelf_of
from ordain.web.here import services
from ordain.web.pages.reader import go, reader, wants_part
from ordain.web.pages.records import build, listed
from ordain.web.pages.records.asked import read as read_asked
from ordain.web.policy import current_origin, policy
from ordain.web.rights import access_to

records = Blueprint("records", __name__, url_prefix="/records")
_OWN_NAMES: Final = frozenset({"csrf_token", "seen", "act", "save", "to"})


@records.get("/<key>")
@policy()
def index(key: str) -> str:
    """Show the list, or the board by state."""
    form, access = _form(key, "read")
    asked = read_asked(request.args, form)
    at = request.args.get("at", "")
    begin = int(at) if at.isdecimal() and len(at) < 10 else 0
    known = RecordList(services(), access, form)
    with services().db.read() as conn:
        try:
            page = listed.page(conn, known, asked, request.args.get("cursor", ""), begin, reader())
        except ValueError:
            page = listed.page(conn, known, asked, "", 0, reader())
    return render_template("staff/records_list.html" if wants_part("records") else "staff/records.html", page=page)


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
