"""Which form and record a request is about, and what was posted of it."""

from collections.abc import Mapping
from typing import Any, Final

from flask import abort, g, request

from ordain.base.errors import Problem
from ordain.engines.form import act, read
from ordain.engines.form.staff import StaffForm
from ordain.flows import recording
from ordain.records.access import NOTHING, Access
from ordain.store import records as store
from ordain.store.records import Record
from ordain.store.shelves import shelf_of
from ordain.web.here import services
from ordain.web.rights import access_to

NOT_FIELDS: Final = frozenset({"csrf_token", "seen", "act", "save", "to", "shown"})


def form_for(key: str, action: str) -> tuple[StaffForm, Access]:
    """Return a live form whose records the caller may do this with, else 404."""
    with services().db.read() as conn:
        form = recording.form_of(services().live.at(conn), key)
    access = access_to(services(), g.actor, form.right) if form else NOTHING
    if form is None or not access.may(action):
        abort(404)
    return form, access


def record_for(form: StaffForm, access: Access, record_id: str, action: str = "read") -> Record:
    """Return a record the caller may see and do this with; else 404."""
    with services().db.read() as conn:
        found = store.get(conn, shelf_of(form), access, record_id)
        if found is None or not recording.reaches(conn, form, access, found, action):
            abort(404)
    return found


def posted(form: StaffForm, before: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str], list[Problem]]:
    """Return the fields as they were posted, what could not be read as it was typed, and the problems of that.

    Fields that did not stand on the page keep what they held: a section that is hidden is not emptied.
    """
    pairs = [(name, text) for name, text in request.form.items(multi=True) if name not in NOT_FIELDS]
    found = read(form.shape, pairs, before)
    data = found.document if isinstance(found.document, dict) else {}
    word, _, name = request.form.get("act", "").partition(":")
    if word:
        data = act(form.shape, data, word, name)
    stood = set(request.form["shown"].split()) if "shown" in request.form else set(form.fields)
    kept = {name: value for name, value in before.items() if name not in stood}
    return {**kept, **{name: value for name, value in data.items() if value is not None}}, found.typed, found.problems
