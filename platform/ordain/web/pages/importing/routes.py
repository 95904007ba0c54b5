"""The import wizard's routes: each does one step and shows the import as it then stands."""

from collections.abc import Callable, Sequence
from typing import Final

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Problem, Refused
from ordain.engines.importing import Column, Plan
from ordain.flows.importing import wizard
from ordain.flows.importing.wizard import Standing
from ordain.records.actor import User
from ordain.store.imports.faults import FaultKind
from ordain.web.here import services
from ordain.web.pages.importing import build
from ordain.web.pages.reader import go, reader, wants_part
from ordain.web.policy import current_actor, current_origin, policy

imports = Blueprint("imports", __name__, url_prefix="/imports")
MOST: Final = wizard.MOST_BYTES + 100_000
_NUMBER: Final = 9  # digits of a row's number


@imports.get("")
@policy()
def index() -> str:
    """Show the reader's imports, and the way to a new one."""
    return _list(())


@imports.post("")
@policy(body=MOST)
def begin() -> Response:
    """Take a file in and begin to read it."""
    file = request.files.get("file")
    name, data = (file.filename or "", file.read()) if file else ("", b"")
    try:
        made = wizard.begin(services(), name, data, current_origin(), into=request.form.get("into", "")[:128])
    except Refused as refused:
        return make_response(_list(refused.problems), 422)
    return go(url_for("imports.one", import_id=made.id))


@imports.get("/<import_id>")
@policy()
def one(import_id: str) -> Response:
    """Show how an import stands."""
    return _shown(_own(import_id))


@imports.get("/<import_id>/layout")
@policy()
def layout(import_id: str) -> str:
    """Show how the file is written, to be changed."""
    at = _own(import_id)
    if at.state not in ("unread", "mapping"):
        abort(404)
    with services().db.read() as conn:
        page = build.layout_page(conn, at)
    return render_template("staff/import_layout.html", page=page)


@imports.post("/<import_id>/layout")
@policy()
def set_layout(import_id: str) -> Response:
    """Read the file anew in another way."""
    given = {name: request.form.get(name, "")[:200] for name in ("sheet", "encoding", "delimiter")}
    header = request.form.get("header", "")
    wanted = given | {"header": int(header) if header.isdecimal() and len(header) < _NUMBER else 0}
    return _step(import_id, lambda at: wizard.lay_out(services(), at, wanted, current_origin()))


@imports.post("/<import_id>/into")
@policy()
def choose(import_id: str) -> Response:
    """Say what the file goes into."""
    return _step(import_id, lambda at: wizard.choose(services(), at, request.form.get("into", "")[:128], _me()))


@imports.post("/<import_id>/plan")
@policy()
def plan(import_id: str) -> Response:
    """Keep the mapping, and look at all rows."""
    return _step(import_id, lambda at: wizard.plan(services(), at, _posted_plan(), current_origin()))


@imports.post("/<import_id>/cell")
@policy()
def mend(import_id: str) -> Response:
    """Mend one cell."""
    number, column = _whole("row"), _whole("column")
    value = request.form.get("value", "")
    return _step(import_id, lambda at: wizard.mend(services(), at, number, column, value, _me()))


@imports.post("/<import_id>/fix")
@policy()
def mend_all(import_id: str) -> Response:
    """Mend all rows with the same problem."""
    code, mark = request.form.get("code", "")[:64], request.form.get("mark", "")[:32]
    kind = FaultKind(_whole("column"), code, mark, 0, 0)
    value = request.form.get("value", "")
    return _step(import_id, lambda at: wizard.mend_all(services(), at, kind, value, current_origin()))


@imports.post("/<import_id>/confirm")
@policy()
def confirm(import_id: str) -> Response:
    """Import."""
    only_good, in_parts = request.form.get("only_good") == "1", request.form.get("in_parts") == "1"
    return _step(
        import_id,
        lambda at: wizard.confirm(services(), at, current_origin(), only_good=only_good, in_parts=in_parts),
    )


@imports.post("/<import_id>/stop")
@policy()
def stop(import_id: str) -> Response:
    """Stop what goes on."""
    return _step(import_id, lambda at: wizard.stop(services(), at, current_origin()))


@imports.post("/<import_id>/back")
@policy()
def back(import_id: str) -> Response:
    """Go back to the mapping."""
    return _step(import_id, lambda at: wizard.back(services(), at))


@imports.post("/<import_id>/forget")
@policy()
def forget(import_id: str) -> Response:
    """Delete an import with its file."""
    at = _own(import_id)
    try:
        wizard.forget(services(), at, current_origin())
    except Refused as refused:
        return _shown(at, refused.problems, 422)
    return go(url_for("imports.index"))


def _list(problems: Sequence[Problem]) -> str:
    me, show = _me(), reader()
    found = wizard.all_of(services(), me)
    with services().db.read() as conn:
        page = build.listed(conn, me, found, show, request.values.get("into", "")[:128], problems)
    return render_template("staff/imports.html", page=page)


def _step(import_id: str, act: Callable[[Standing], object]) -> Response:
    """Do one step of an import and show how it then stands; what is refused stands above what was posted."""
    at = _own(import_id)
    try:
        act(at)
    except Refused as refused:
        return _shown(_own(import_id), refused.problems, 422)
    if request.headers.get("HX-Request") == "true":
        return _shown(_own(import_id))
    return redirect(url_for("imports.one", import_id=import_id, fate=_asked("fate") or None), 303)


def _shown(at: Standing, problems: Sequence[Problem] = (), status: int = 200) -> Response:
    after = _asked("after")
    with services().db.read() as conn:
        page = build.one(
            conn,
            _me(),
            at,
            reader(),
            fate=_asked("fate"),
            after=int(after) if after.isdecimal() and len(after) < _NUMBER else 0,
            problems=problems,
        )
    part = wants_part("import")
    return make_response(render_template("staff/import_work.html" if part else "staff/import.html", page=page), status)


def _posted_plan() -> Plan:
    columns = {}
    for name, to in request.form.items():
        place = name.removeprefix("to-")
        if name.startswith("to-") and to and place.isdecimal() and len(place) < 4:
            columns[int(place)] = Column(to[:128], request.form.get(f"how-{place}", "")[:8])
    fixed = {name.removeprefix("fixed-"): text for name, text in request.form.items() if name.startswith("fixed-")}
    return Plan(columns, fixed, tuple(one[:128] for one in request.form.getlist("match") if one))


def _asked(name: str) -> str:
    return request.values.get(name, "")[:20]


def _whole(name: str) -> int:
    text = request.form.get(name, "")
    if not text.isdecimal() or len(text) >= _NUMBER:
        abort(400)
    return int(text)


def _own(import_id: str) -> Standing:
    found = wizard.standing(services(), import_id, _me())
    if found is None:
        abort(404)
    return found


def _me() -> User:
    actor = current_actor()
    if not isinstance(actor, User):
        abort(404)
    return actor
