"""Long work of the reader's own: the list, one, stop it, fetch its file. Nobody sees anybody else's."""

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from ordain.flows import working
from ordain.records.actor import User
from ordain.store.work import Work
from ordain.web.here import services
from ordain.web.pages.reader import reader, wants_part
from ordain.web.pages.work.build import view
from ordain.web.pages.work.context import WorksPage
from ordain.web.policy import current_actor, current_origin, policy

work = Blueprint("work", __name__, url_prefix="/background")


@work.get("")
@policy()
def index() -> str:
    """Show what the reader asked for, newest first."""
    show = reader()
    page = WorksPage([view(found, show) for found in working.of(services(), _me())])
    return render_template("staff/long_works.html", page=page)


@work.get("/<work_id>")
@policy()
def one(work_id: str) -> str:
    """Show how far it is, or the part that is asked for anew every second."""
    return _shown(_own(work_id))


@work.post("/<work_id>/stop")
@policy()
def stop(work_id: str) -> Response | str:
    """Let it end before its next step."""
    found = _own(work_id)
    working.stop(services(), found.id, current_origin())
    return _shown(_own(work_id)) if wants_part(f"work-{work_id}") else redirect(url_for("work.one", work_id=work_id))


@work.get("/<work_id>/file")
@policy(step_up=True)
def file(work_id: str) -> Response:
    """Give the file that was kept; whoever may no longer ask for such a file is not given it either."""
    found = _own(work_id)
    if found.state != "done" or not found.file_name or not working.may_go_on(services(), found, _me()):
        abort(404)
    return download(found.file_name, found.file_type, found)


def download(name: str, content_type: str, found: Work) -> Response:
    """Return a kept file as something to save, never to show."""
    made = Response(working.result_of(services(), found), content_type=content_type)
    made.headers.set("Content-Disposition", "attachment", filename=name)
    made.headers["Content-Length"] = str(found.file_size)
    made.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return made


def _shown(found: Work) -> str:
    item = view(found, reader())
    part = wants_part(f"work-{found.id}")
    return render_template("staff/long_work_part.html" if part else "staff/long_work.html", item=item)


def _own(work_id: str) -> Work:
    found = working.seen_by(services(), work_id, _me())
    if found is None:
        abort(404)
    return found


def _me() -> User:
    actor = current_actor()
    if not isinstance(actor, User):
        abort(404)
    return actor
