"""The audit: found by record, person, action, time, address and request; one entry field by field."""

from flask import Blueprint, abort, render_template, request

from ordain.web.here import services
from ordain.web.pages.audit import build
from ordain.web.pages.reader import reader, wants_part
from ordain.web.policy import policy

audit = Blueprint("audit", __name__, url_prefix="/admin/audit")


@audit.get("")
@policy("audit.read")
def index() -> str:
    """Show the audit, or only what lies below the frame."""
    asked = build.read(request.args)
    with services().db.read() as conn:
        page = build.page(conn, asked, reader())
    if asked.entry and page.detail is None:
        abort(404)
    return render_template("admin/audit_page.html" if wants_part("audit") else "admin/audit.html", page=page)
