"""What can be done with a record or a list beyond writing fields: a small form with a flow behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.form.staff import StaffForm, defaults
from ordain.flows.operations import Operation, operations_of, perform
from ordain.store.records import Record
from ordain.web.here import services
from ordain.web.pages.reader import go, reader
from ordain.web.pages.record.asked import form_for, posted, record_for
from ordain.web.pages.record.form import operation_page
from ordain.web.pages.record.routes import record
from ordain.web.policy import current_origin, policy

__all__ = ["record"]


@record.route("/<record_id>/do/<operation>", methods=["GET", "POST"])
@policy()
def operate(key: str, record_id: str, operation: str) -> Response:
    """Show the form of an operation on a record; do it where it is posted."""
    form, known, found = _asked(key, operation, record_id)
    return _done(form, known, found)


@record.route("/do/<operation>", methods=["GET", "POST"])
@policy()
def operate_on_list(key: str, operation: str) -> Response:
    """Show the form of an operation on the list; do it where it is posted."""
    form, known, _found = _asked(key, operation, "")
    return _done(form, known, None)


def _asked(key: str, operation: str, record_id: str) -> tuple[StaffForm, Operation, Record | None]:
    form, access = form_for(key, operation)
    found = record_for(form, access, record_id, operation) if record_id else None
    place = "record" if found else "list"
    known = next((one for one in operations_of(form) if one.key == operation and one.on == place), None)
    if known is None or (found is not None and not known.offered(found)):
        abort(404)
    return form, known, found


def _done(form: StaffForm, known: Operation, found: Record | None) -> Response:
    if request.method == "GET":
        return _shown(form, known, found, defaults(known.form))
    data, typed, problems = posted(known.form, {})
    if "save" not in request.form or problems:
        return _shown(form, known, found, data, problems, typed, status=422 if "save" in request.form else 200)
    if found is not None and request.form.get("seen", "") != str(found.version):
        stale = problem("", "stale", "记录已被他人修改，请重新打开", "somebody else changed it meanwhile; open it anew")
        return _shown(form, known, found, data, [stale], typed, status=409)
    try:
        perform(services(), known, found, data, current_origin())
    except Refused as refused:
        return _shown(form, known, found, data, refused.problems, typed, status=422)
    if found is None:
        return go(url_for("records.index", key=form.key))
    return go(url_for("record.one", key=form.key, record_id=found.id, told="done"))


def _shown(
    form: StaffForm,
    known: Operation,
    found: Record | None,
    data: Mapping[str, Any],
    problems: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    with services().db.read() as conn:
        page = operation_page(conn, form, known, found, reader(), data, problems, typed)
    part = request.headers.get("HX-Request") == "true"
    template = "staff/record_form_work.html" if part else "staff/record_form.html"
    return make_response(render_template(template, page=page), status)
