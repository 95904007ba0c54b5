"""Definitions: list, get, draft, try, publish, roll back."""

from typing import Any, Final

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from ordain import kinds
from ordain.base.errors import Refused, problem
from ordain.base.ids import KEY_PATTERN
from ordain.engines.compare import compare
from ordain.flows import publishing
from ordain.flows.publishing import Conflict
from ordain.store import definitions as store
from ordain.store.definitions import Draft, Listed, Version
from ordain.web.api.asking import PAGED, body, described
from ordain.web.api.shapes import listed, problems_json, reply, time_json
from ordain.web.here import services
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_origin, policy, weighty_kind
from ordain.web.problems import answer

definitions = Blueprint("api_definitions", __name__, url_prefix="/api/v1/definitions")
_NUMBER: Final = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_NOTE: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"note": {"type": "string", "maxLength": 2000}},
}
_BACK: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version"],
    "properties": {"version": _NUMBER},
}
_TEXTS: Final = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 5000}}
_DOCUMENT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "a definition document; a draft may be incomplete, but must name its kind and key",
    "required": ["kind", "key"],
    "properties": {
        "kind": {"type": "string"},
        "key": {"type": "string", "pattern": KEY_PATTERN, "maxLength": 64},
        "title": _TEXTS,
        "description": _TEXTS,
        "schema_version": {"type": "integer", "minimum": 1, "maximum": 1000},
        "spec": {"type": "object"},
        "examples": {"type": "array"},
    },
}
_SEEN: Final[dict[str, Any]] = {"If-Match": {"type": "string", "description": "the ETag of what was read before"}}


@definitions.get("")
@policy("definition.read", kind="api")
@described(query=PAGED, returns={200: "DefinitionList"}, errors=(422,))
def index() -> Response:
    """List all definitions."""
    return _listed(None)


@definitions.get("/<kind>")
@policy("definition.read", kind="api")
@described(query=PAGED, returns={200: "DefinitionList"}, errors=(404, 422))
def of_kind(kind: str) -> Response:
    """List the definitions of a kind."""
    if kinds.get(kind) is None:
        abort(404)
    return _listed(kind)


@definitions.get("/<kind>/<key>")
@policy("definition.read", kind="api")
@described(returns={200: "Definition"}, errors=(404,))
def one(kind: str, key: str) -> Response:
    """Get a definition: what is live, the draft, all versions. The ETag is the hash a draft is saved against."""
    with services().db.read() as conn:
        live, draft = store.live(conn, kind, key), store.draft(conn, kind, key)
        versions = store.history(conn, kind, key)
    if not versions and draft is None:
        abort(404)
    found = {
        "kind": kind,
        "key": key,
        "live": _running(live) if live else None,
        "canary": None,  # nothing is published to a part of the traffic yet
        "draft": {**_drafted(draft), "document": draft.document} if draft else None,
        "versions": [_version(version) for version in versions],
    }
    return reply(found, ETag=_etag(draft.hash if draft else live.hash if live else ""))


@definitions.get("/<kind>/<key>/versions/<number>")
@policy("definition.read", kind="api")
@described(returns={200: "Version"}, errors=(404,))
def version(kind: str, key: str, number: str) -> Response:
    """Get one version with its document."""
    if not number.isdecimal() or len(number) > 9:
        abort(404)
    with services().db.read() as conn:
        found = store.get(conn, kind, key, int(number))
    if found is None:
        abort(404)
    return reply({**_version(found), "hash": found.hash, "document": found.document}, ETag=_etag(found.hash))


@definitions.put("/<kind>/<key>/draft")
@policy("definition.edit", kind="api")
@described(body=_DOCUMENT, headers=_SEEN, returns={200: "Draft"}, errors=(404, 409, 422))
def save(kind: str, key: str) -> Response:
    """Save a draft against the ETag in If-Match; 409 shows both sides. Without If-Match it takes the draft's place."""
    document = _document(kind, key)
    saved = publishing.save_draft(services(), document, current_origin(), seen=_seen())
    if isinstance(saved, Conflict):
        conflict = problem(
            "", "stale", "草稿已被他人修改，请合并后再保存", "Somebody else changed this meanwhile; merge, then save"
        )
        return answer(409, [conflict], base=saved.base, theirs=saved.theirs, mine=saved.mine, hash=saved.hash)
    found = publishing.check(document)
    return reply({**_drafted(saved), "problems": problems_json(found)}, ETag=_etag(saved.hash))


@definitions.delete("/<kind>/<key>/draft")
@policy("definition.edit", kind="api")
@described(returns={200: "Discarded"}, errors=(404,))
def discard(kind: str, key: str) -> Response:
    """Forget the draft; what runs stays as it is."""
    if not publishing.discard_draft(services(), kind, key, current_origin()):
        abort(404)
    return reply({"kind": kind, "key": key})


@definitions.post("/<kind>/<key>/try")
@policy("definition.read", kind="api")
@described(body=_DOCUMENT, returns={200: "Checked"}, errors=(404, 422))
def attempt(kind: str, key: str) -> Response:
    """Check a document as publishing would, and compare it with what is live; nothing is stored."""
    document = _document(kind, key)
    found = publishing.check(document)
    with services().db.read() as conn:
        live = store.live(conn, kind, key)
    changes = compare(live.document if live else {}, document)
    listed_changes = [{"path": c.path, "change": c.change, "before": c.before, "after": c.after} for c in changes]
    return reply({"problems": problems_json(found), "changes": listed_changes})


@definitions.post("/<kind>/<key>/publish")
@policy("definition.publish", kind="api", step_up=weighty_kind)
@described(body=_NOTE, body_required=False, returns={200: "Published"}, errors=(409, 422))
@idempotent
def publish(kind: str, key: str) -> Response:
    """Publish the draft; 422 with problems where there is none or it may not run."""
    made = publishing.publish_draft(services(), kind, key, body().get("note", ""), current_origin())
    return reply({"version": made.number, "hash": made.hash})


@definitions.post("/<kind>/<key>/rollback")
@policy("definition.publish", kind="api", step_up=weighty_kind)
@described(body=_BACK, returns={200: "Published"}, errors=(409, 422))
@idempotent
def roll_back(kind: str, key: str) -> Response:
    """Make an earlier version live again; 422 where there is no such version."""
    made = publishing.roll_back(services(), kind, key, int(body()["version"]), current_origin())
    return reply({"version": made.number, "hash": made.hash})


def _listed(kind: str | None) -> Response:
    with services().db.read() as conn:
        found = store.listed(conn, kind)
    return listed(found, _line, lambda item: f"{item.kind}/{item.key}")


def _line(item: Listed) -> dict[str, Any]:
    return {name: getattr(item, name) for name in ("kind", "key", "title", "live", "canary", "draft")}


def _running(live: Version) -> dict[str, Any]:
    return {"version": live.number, "hash": live.hash, "document": live.document}


def _drafted(draft: Draft) -> dict[str, Any]:
    return {"owner": draft.owner, "base_version": draft.base_version, "hash": draft.hash}


def _version(item: Version) -> dict[str, Any]:
    return {"version": item.number, "author": item.author, "note": item.note, "at": time_json(item.at)}


def _etag(content_hash: str) -> str:
    return f'"{content_hash}"'


def _seen() -> str | None:
    """Return the hash the author read before; None where any will do."""
    text = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    return None if text in ("", "*") else text


def _document(kind: str, key: str) -> dict[str, Any]:
    if kinds.get(kind) is None:
        abort(404)
    document = body()
    if (document["kind"], document["key"]) != (kind, key):
        raise Refused(
            [
                problem(
                    "key",
                    "other_place",
                    "文档的类型或键与地址不符",
                    "The document's kind and key are not those of the address",
                )
            ]
        )
    return document
