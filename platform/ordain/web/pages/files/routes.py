"""Uploading a file while a form is filled, and fetching what records hold."""

from flask import Blueprint, abort, g, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from ordain.base.errors import Refused
from ordain.flows import recording, uploading
from ordain.records.files import KINDS, kind_at, text_of
from ordain.web.api.shapes import reply
from ordain.web.files import download, file_for
from ordain.web.here import services
from ordain.web.policy import current_origin, policy
from ordain.web.problems import answer
from ordain.web.rights import access_to

files = Blueprint("files", __name__)
MOST = uploading.MOST_BYTES + 1_000


@files.post("/records/<key>/files/<field>")
@policy(body=MOST)
def upload(key: str, field: str) -> Response:
    """Keep a file for a field of a form; the body is the file, `name` what it was called."""
    kind = _kind(key, field)
    try:
        data = request.get_data()
    except RequestEntityTooLarge:
        data = b"\0" * (uploading.MOST_BYTES + 1)
    try:
        made = uploading.take(services(), request.args.get("name", "")[:500], data, kind, current_origin())
    except Refused as refused:
        return answer(422, refused.problems)
    small = url_for("files.small", file_id=made.id) if made.small else ""
    shown = {"href": url_for("files.one", file_id=made.id), "small": small}
    return reply({"value": text_of(made.id, made.name), "name": made.name, **shown}, 201)


@files.get("/files/<file_id>")
@policy()
def one(file_id: str) -> Response:
    """Fetch a file."""
    return download(file_for(file_id))


@files.get("/files/<file_id>/small")
@policy()
def small(file_id: str) -> Response:
    """Show the small picture of one."""
    found = file_for(file_id)
    if not found.small:
        abort(404)
    return download(found, small=True)


def _kind(key: str, field: str) -> str:
    """Return the kind of a field that this person may put a file into; 404 else."""
    with services().db.read() as conn:
        form = recording.form_of(services().live.at(conn), key)
    access = access_to(services(), g.actor, form.right) if form else None
    if form is None or access is None or not (access.may("create") or access.may("edit")):
        abort(404)
    kind = kind_at(form.fields, field)
    if kind not in KINDS or not access.writes(field.split(".", 1)[0]):
        abort(404)
    return kind
