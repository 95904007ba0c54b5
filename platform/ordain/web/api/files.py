"""Files by programs: hand one over for a field of a form, name it in an entry, fetch it."""

from typing import Any, Final

from flask import Blueprint, abort, g, request, url_for
from werkzeug.wrappers import Response

from ordain.flows import recording, uploading
from ordain.records.files import KINDS, kind_at
from ordain.store.files import File
from ordain.web.api.asking import asked, described
from ordain.web.api.shapes import reply, time_json
from ordain.web.files import download, file_for
from ordain.web.here import services
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_origin, policy
from ordain.web.rights import access_to, live

files = Blueprint("api_files", __name__, url_prefix="/api/v1")
MOST: Final = uploading.MOST_BYTES + 1_000
_WORD: Final = {"type": "string", "maxLength": 128}
_NAME: Final = {"type": "string", "maxLength": 500, "description": "what the file is called"}


@files.post("/forms/<key>/files")
@policy(kind="api", body=MOST)
@described(
    query={"field": {**_WORD, "description": "the field it is for: photo, or photos.photo in a list"}, "name": _NAME},
    upload=True,
    returns={201: "File"},
    errors=(404, 411, 413, 422),
)
@idempotent
def upload(key: str) -> Response:
    """Hand over a file for a field of a form. Name its id in an entry within seven days, or it is removed."""
    form = recording.form_of(live(services()), key)
    access = access_to(services(), g.actor, form.right) if form else None
    if form is None or access is None or not (access.may("create") or access.may("edit")):
        abort(404)
    field = asked("field", "")
    kind = kind_at(form.fields, field)
    if kind not in KINDS or not access.writes(field.split(".", 1)[0]):
        abort(404)
    made = uploading.take(services(), asked("name", ""), request.get_data(), kind, current_origin())
    return reply(_json(made), 201)


@files.get("/files/<file_id>")
@policy(kind="api")
@described(returns={200: "File"}, errors=(404,))
def one(file_id: str) -> Response:
    """Get what is known of a file."""
    return reply(_json(file_for(file_id)))


@files.get("/files/<file_id>/content")
@policy(kind="api")
@described(returns={200: "Content"}, errors=(404,))
def content(file_id: str) -> Response:
    """Fetch a file."""
    return download(file_for(file_id))


def _json(found: File) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "type": found.media,
        "size": found.size,
        "sha256": found.sha256,
        "uploaded_by": found.owner,
        "uploaded_at": time_json(found.made_at),
        "href": url_for("api_files.content", file_id=found.id),
    }
