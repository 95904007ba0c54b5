"""Entries of every form, also of built-in types: list, get, create, change; checked by the form, with its rights."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, abort, current_app, g, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Refused, problem
from ordain.engines.form.staff import StaffForm, record_name
from ordain.flows import recording
from ordain.flows.entering import EntryDesk
from ordain.flows.recording import Meanwhile
from ordain.records.access import Access
from ordain.records.files import id_of, mapped, name_of
from ordain.store import records as store
from ordain.store.records import Record, RecordQuery
from ordain.store.shelves import shelf_of
from ordain.web.api.asking import DEFAULT_LIMIT, PAGED, asked, body, described
from ordain.web.api.shapes import bad_cursor, reply, time_json
from ordain.web.here import services
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_origin, policy
from ordain.web.problems import answer
from ordain.web.rights import access_to, live

records = Blueprint("api_records", __name__, url_prefix="/api/v1/forms/<key>/entries")
_TEXT: Final = {"type": "string", "maxLength": 200}
_FILTER: Final = {
    "type": "array",
    "items": {"type": "string", "maxLength": 400},
    "maxItems": 20,
    "description": "field:value, several after each other with commas",
}
_DATA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["data"],
    "additionalProperties": False,
    "properties": {"data": {"type": "object", "description": "the record's fields, as its form has them"}},
}
_CHANGE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["data", "version"],
    "additionalProperties": False,
    "properties": {
        **_DATA["properties"],
        "version": {"type": "integer", "minimum": 1, "description": "the version that was read"},
        "to": {**_TEXT, "description": "the state it moves to"},
    },
}


@records.get("")
@policy(kind="api")
@described(
    query={"state": _TEXT, "q": _TEXT, "filter": _FILTER, **PAGED}, returns={200: "RecordList"}, errors=(404, 422)
)
def index(key: str) -> Response:
    """List the records of a type, newest first."""
    form, access = _form(key, "read")
    equal = _filters(form, access, asked("filter", ()))
    query = RecordQuery((asked("state"),) if asked("state") else (), asked("q", ""), equal, form.searched)
    with services().db.read() as conn:
        try:
            page = store.find(
                conn, shelf_of(form), access, query, limit=asked("limit", DEFAULT_LIMIT), after=asked("cursor", "")
            )
        except ValueError:
            raise bad_cursor() from None
    items = [_json(form, access, item) for item in page.items]
    return reply({"items": items, "next": page.next, "total": page.total})


@records.post("")
@policy(kind="api")
@described(body=_DATA, returns={201: "Record"}, errors=(404, 409, 422))
@idempotent
def create(key: str) -> Response:
    """Add a record."""
    form, access = _form(key, "create")
    desk: EntryDesk = current_app.extensions["ordain.entries"]
    made = desk.create(form, _given(form), current_origin(), access)
    return reply(_json(form, access, made), 201)


@records.get("/<record_id>")
@policy(kind="api")
@described(returns={200: "Record"}, errors=(404,))
def one(key: str, record_id: str) -> Response:
    """Get a record."""
    form, access = _form(key, "read")
    return reply(_json(form, access, _record(form, access, record_id)))


@records.put("/<record_id>")
@policy(kind="api")
@described(body=_CHANGE, returns={200: "Record"}, errors=(404, 409, 422))
def change(key: str, record_id: str) -> Response:
    """Write a record's fields, and move it to another state; 409 where somebody else was faster."""
    wanted = body()
    form, access = _form(key, "move" if wanted.get("to") else "edit")
    record = _record(form, access, record_id, "move" if wanted.get("to") else "edit")
    given = _given(form, recording.covered(services(), form, record, access))
    found = recording.unwritable(services(), form, record, access, given)
    if found:
        raise Refused(found)
    made: Record | Meanwhile = Meanwhile(record)
    if record.version == wanted["version"]:
        whole = recording.uncovered(services(), form, record, access, given)
        made = recording.change(services(), form, record, whole, current_origin(), access, to=wanted.get("to", ""))
    if isinstance(made, Meanwhile):
        stale = problem("version", "stale", "记录已被他人修改，请重新读取", "Somebody else changed it; read it anew")
        return answer(409, [stale])
    return reply(_json(form, access, made))


def _form(key: str, action: str) -> tuple[StaffForm, Access]:
    form = recording.form_of(live(services()), key)
    access = access_to(services(), g.actor, form.right) if form else None
    if form is None or access is None or not access.may(action):
        abort(404)
    return form, access


def _filters(form: StaffForm, access: Access, texts: Sequence[str]) -> dict[str, str]:
    """Return the fields that are asked for with their values; Refused for one that is not there or may not be read."""
    found = {name: value for name, _, value in (text.partition(":") for text in texts)}
    for name in found:
        if name not in form.fields or not recording.reads(form, access, name):
            zh, en = f"没有可筛选的字段“{name}”", f"there is no field “{name}” to filter by"
            raise Refused([problem("filter", "unknown_field", zh, en)])
    return found


def _record(form: StaffForm, access: Access, record_id: str, action: str = "read") -> Record:
    with services().db.read() as conn:
        found = store.get(conn, shelf_of(form), access, record_id)
        if found is None or not recording.reaches(conn, form, access, found, action):
            abort(404)
    return found


def _json(form: StaffForm, access: Access, record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "name": record_name(form, record.number, record.label),
        "number": record.number or None,
        "state": record.state or None,
        "version": record.version,
        "created_at": time_json(record.created_at),
        "updated_at": time_json(record.updated_at),
        "data": mapped(form.fields, recording.covered(services(), form, record, access), _shown),
    }


def _given(form: StaffForm, standing: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the fields of a body; a file may be named by its id alone, or as it was shown."""
    known: dict[str, Any] = {}

    def note(_path: str, _kind: str, value: Any) -> Any:
        if id_of(value):
            known[id_of(value)] = value
        return value

    def named(_path: str, _kind: str, value: Any) -> Any:
        given = value.get("id", "") if isinstance(value, dict) else value
        return known.get(id_of(given), given)

    mapped(form.fields, standing or {}, note)
    return mapped(form.fields, body()["data"], named)


def _shown(_path: str, _kind: str, value: Any) -> Any:
    """Return a file as programs see it; what is covered stays covered."""
    file_id = id_of(value)
    href = url_for("api_files.content", file_id=file_id) if file_id else ""
    return {"id": file_id, "name": name_of(value), "href": href} if file_id else value
