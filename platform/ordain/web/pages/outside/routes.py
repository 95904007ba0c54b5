"""Outside systems: whether they answer, notices that reached nobody, directories that stopped."""

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.flows import directory, notifying
from ordain.web.here import services
from ordain.web.pages.outside import build
from ordain.web.pages.reader import given, go, reader
from ordain.web.policy import current_origin, policy

outside = Blueprint("outside", __name__, url_prefix="/admin/outside")


@outside.get("")
@policy("house.read")
def index() -> str:
    """Show the page; `?state=failed` shows only notices that reached nobody."""
    failed, operate = request.args.get("state") == "failed", given("house").may("operate")
    with services().db.read() as conn:
        page = build.page(conn, services().live.at(conn), reader(), failed=failed, operate=operate)
    return render_template("admin/outside.html", page=page)


@outside.post("/notices/<notice_id>/again")
@policy("house.operate")
def again(notice_id: str) -> Response:
    """Have a failed notice sent once more."""
    if not notifying.ask_again(services(), notice_id, current_origin()):
        abort(404)
    return go(url_for("outside.index"))


@outside.post("/directories/<source>/accept")
@policy("house.operate")
def accept(source: str) -> Response:
    """Let a stopped directory go on."""
    if not directory.accept(services(), source, current_origin()):
        abort(404)
    return go(url_for("outside.index"))
