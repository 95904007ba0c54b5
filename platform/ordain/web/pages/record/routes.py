"""One record: its page, its form, the states it moves to, what can be done with it, its sheet of paper."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Problem, Refused
from ordain.engines.form.staff import StaffForm, defaults
from ordain.flows import drafting, recording
from ordain.flows.recording import Meanwhile
from ordain.records.access import Access
from ordain.records.actor import User
from ordain.store.drafts import Draft, Place
from ordain.store.records import Record
from ordain.web.here import services
from ordain.web.pages.reader import go, reader
from ordain.web.pages.record.asked import form_for, posted, record_for
from ordain.web.pages.record.detail import blocks, detail_page
from ordain.web.pages.record.form import form_page
from ordain.web.pages.record.paper import paper_page
from ordain.web.pages.texts import _
from ordain.web.policy import current_origin, policy

record = Blueprint("record", __name__, url_prefix="/records/<key>")


@record.get("/new")
@policy()
def new(key: str) -> str:
    """Show the form of a new record, with the draft that was begun of one."""
    form, access = form_for(key, "create")
    return _form_text(form, access, None, resumed=True)


@record.post("/new")
@policy()
def create(key: str) -> Response:
    """Keep a new record; where no save was asked for, keep the draft and draw the form anew."""
    form, access = form_for(key, "create")
    draft = drafting.get(services(), _place(form))
    data, typed, unread = posted(form, draft.data if draft else defaults(form))
    if "save" not in request.form:
        return _drafted(form, access, None, data, unread, typed)
    if unread:
        return _redrawn(form, access, None, data, unread, typed, status=422)
    try:
        made = recording.create(services(), form, data, current_origin(), access)
    except Refused as refused:
        return _redrawn(form, access, None, data, refused.problems, typed, status=422)
    drafting.drop(services(), _place(form))
    return go(url_for("record.one", key=key, record_id=made.id, told="saved"))


@record.get("/<record_id>")
@policy()
def one(key: str, record_id: str) -> str:
    """Show a record."""
    form, access = form_for(key, "read")
    found, show = record_for(form, access, record_id), reader()
    draft = drafting.get(services(), _place(form, found)) if access.may("edit") else None
    begun = show.clock(draft.saved_at) if draft else ""
    with services().db.read() as conn:
        page = detail_page(conn, form, access, found, show, told_now=_told(), draft=begun)
    return render_template("staff/record.html", page=page)


@record.get("/<record_id>/print")
@policy()
def paper(key: str, record_id: str) -> str:
    """Show a record as a sheet of paper."""
    form, access = form_for(key, "read")
    found, show = record_for(form, access, record_id), reader()
    with services().db.read() as conn:
        page = paper_page(form, found, blocks(conn, form, access, found, show), show)
    return render_template("staff/paper.html", page=page)


@record.get("/<record_id>/edit")
@policy()
def edit(key: str, record_id: str) -> str:
    """Show a record's form, with the draft that was begun of it."""
    form, access = form_for(key, "edit")
    return _form_text(form, access, record_for(form, access, record_id, "edit"), resumed=True)


@record.post("/<record_id>/edit")
@policy()
def change(key: str, record_id: str) -> Response:
    """Write a record; where no save was asked for, keep the draft and draw the form anew."""
    form, access = form_for(key, "edit")
    found = record_for(form, access, record_id, "edit")
    draft = drafting.get(services(), _place(form, found))
    before = draft.data if draft else recording.covered(services(), form, found, access)
    data, typed, unread = posted(form, before)
    if "save" not in request.form:
        return _drafted(form, access, found, data, unread, typed)
    if request.form.get("seen", "") != str(found.version):
        return _redrawn(form, access, found, data, unread, typed, status=409, theirs=found)
    if unread:
        return _redrawn(form, access, found, data, unread, typed, status=422)
    try:
        whole = recording.uncovered(services(), form, found, access, data)
        made = recording.change(services(), form, found, whole, current_origin(), access)
    except Refused as refused:
        return _redrawn(form, access, found, data, refused.problems, typed, status=422)
    if isinstance(made, Meanwhile):
        return _redrawn(form, access, found, data, unread, typed, status=409, theirs=made.theirs)
    drafting.drop(services(), _place(form, found))
    return go(url_for("record.one", key=key, record_id=record_id, told="saved"))


@record.post("/<record_id>/move")
@policy()
def move(key: str, record_id: str) -> Response:
    """Move a record to its next state; where its fields keep it from that, show the form with what is wrong."""
    form, access = form_for(key, "move")
    found = record_for(form, access, record_id, "move")
    if request.form.get("seen", "") != str(found.version):
        return redirect(url_for("record.one", key=key, record_id=record_id, told="stale"))
    standing = recording.opened(services(), form, found)
    try:
        to = request.form.get("to", "")
        made = recording.change(services(), form, found, standing, current_origin(), access, to=to)
    except Refused as refused:
        data = recording.covered(services(), form, found, access)
        return _redrawn(form, access, found, data, refused.problems, {}, status=422)
    told = "stale" if isinstance(made, Meanwhile) else "moved"
    return redirect(url_for("record.one", key=key, record_id=record_id, told=told))


@record.post("/<record_id>/reveal/<field>")
@policy()
def reveal(key: str, record_id: str, field: str) -> str:
    """Show one covered field in full, and write down who asked for it."""
    form, access = form_for(key, "reveal")
    found = record_for(form, access, record_id, "reveal")
    if field not in form.fields:
        abort(404)
    value = recording.reveal(services(), form, found, field, current_origin())
    return render_template("parts/revealed.html", value=value)


@record.post("/<record_id>/discard")
@policy()
def discard(key: str, record_id: str) -> Response:
    """Give a draft up."""
    if record_id == "new":
        form, _access = form_for(key, "create")
        drafting.drop(services(), _place(form))
        return redirect(url_for("records.index", key=key))
    form, access = form_for(key, "edit")
    found = record_for(form, access, record_id, "edit")
    drafting.drop(services(), _place(form, found))
    return redirect(url_for("record.one", key=key, record_id=record_id))


def _place(form: StaffForm, found: Record | None = None) -> Place:
    person = g.actor.id if isinstance(g.actor, User) else ""
    return Place(person, form.key, found.id if found else "")


def _told() -> str:
    word = request.args.get("told", "")
    sentences = {
        "saved": _("Saved"),
        "moved": _("Moved on"),
        "done": _("Done"),
        "stale": _("Somebody else changed it meanwhile: look at it as it stands now"),
    }
    return sentences.get(word, "")


def _drafted(
    form: StaffForm,
    access: Access,
    found: Record | None,
    data: Mapping[str, Any],
    problems: Sequence[Problem],
    typed: Mapping[str, str],
) -> Response:
    seen = request.form.get("seen", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 9 else 0
    draft = drafting.keep(services(), _place(form, found), data, version)
    return _redrawn(form, access, found, data, problems, typed, draft=draft)


def _form_text(form: StaffForm, access: Access, found: Record | None, *, resumed: bool) -> str:
    draft = drafting.get(services(), _place(form, found))
    theirs = found if draft and found and draft.seen != found.version else None
    with services().db.read() as conn:
        page = form_page(
            conn,
            form,
            access,
            reader(),
            record=found,
            draft=draft,
            resumed=resumed and draft is not None,
            theirs=theirs,
        )
    return render_template("staff/record_form.html", page=page)


def _redrawn(
    form: StaffForm,
    access: Access,
    found: Record | None,
    data: Mapping[str, Any],
    problems: Sequence[Problem],
    typed: Mapping[str, str],
    *,
    status: int = 200,
    theirs: Record | None = None,
    draft: Draft | None = None,
) -> Response:
    draft = draft or drafting.get(services(), _place(form, found))
    with services().db.read() as conn:
        page = form_page(
            conn,
            form,
            access,
            reader(),
            record=found,
            data=data,
            problems=problems,
            typed=typed,
            draft=draft,
            theirs=theirs,
        )
    part = request.headers.get("HX-Request") == "true"
    template = "staff/record_form_work.html" if part else "staff/record_form.html"
    return make_response(render_template(template, page=page), status)
