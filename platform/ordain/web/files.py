"""Files as answers: never shown as a page of ours, whatever they hold."""

from typing import Final
from urllib.parse import quote

from flask import abort
from werkzeug.wrappers import Response

from ordain.flows import uploading
from ordain.store.file_box import FileLost
from ordain.store.files import File
from ordain.web.here import services
from ordain.web.policy import current_actor

CSP: Final = "sandbox; default-src 'none'"


def file_for(file_id: str) -> File:
    """Return a file that the caller may read; 404 else, as where there is none."""
    found = uploading.readable(services(), current_actor(), file_id)
    if found is None:
        abort(404)
    return found


def download(found: File, *, small: bool = False) -> Response:
    """Return a file to be kept, or the small picture of it to be shown; 404 where it is lost."""
    try:
        content = uploading.content(services(), found, small=small)
    except FileLost:
        abort(404)
    answer = Response(content, content_type=found.media)
    answer.headers["Content-Security-Policy"] = CSP
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if not small:
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    return answer
