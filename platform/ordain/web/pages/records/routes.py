"""The list of a type that a form describes, or its board by state."""

from flask import Blueprint, render_template, request

from ordain.flows.listing import RecordList
from ordain.web.here import services
from ordain.web.pages.reader import reader, wants_part
from ordain.web.pages.record.asked import form_for
from ordain.web.pages.records import listed
from ordain.web.pages.records.asked import read as read_asked
from ordain.web.policy import policy

records = Blueprint("records", __name__, url_prefix="/records")


@records.get("/<key>")
@policy()
def index(key: str) -> str:
    """Show the list, or the board by state."""
    form, access = form_for(key, "read")
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
