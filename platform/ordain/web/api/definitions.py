"""Definitions: list, get, draft, try, publish, roll back."""

from typing import Any, Final

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from ordain import kinds
from ordain.base.errors import Refused, problem
from ordain.engines.compare import compare
from ordain.flows import publishing
from ordain.flows.publishing import Conflict
from ordain.language.schema import check_document
from ordain.store import definitions as store
from ordain.web.api.shapes import body, described, problems_json, reply, time_json
from ordain.web.here import services
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_origin, policy

definitions = Blueprint("api_definitions", __name__, url_prefix="/api/v1/definitions")
_NOTE: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"note": {"type": "string", "maxLength": 2000}},
}
_BACK: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version"],
    "properties": {"version": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}},
}
_DOCUMENT: Final[dict[str, Any]] = {"type": "object", "description": "a definition document"}


@definitions.get("")
@policy("definition.read", kind="api")
@described(returns={200: "DefinitionList"})
def index() -> Response:
    """List all definitions."""
    return _listed(None)


@definitions.get("/<kind>")
@policy("definition.read", kind="api")
@described(returns={200: "DefinitionList"}, errors=(404,))
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
    running = {"version": live.number, "hash": live.hash, "document": live.document} if live else None
    drafted = (
        {"owner": draft.owner, "base_version": draft.base_version, "hash": draft.hash, "document": draft.document}
        if draft
        else None
    )
    listed = [{"version": v.number, "author": v.author, "note": v.note, "at": time_json(v.at)} for v in versions]
    answer = {"kind": kind, "key": key, "live": running, "canary": None, "draft": drafted, "versions": listed}
    seen = draft.hash if draft else live.hash if live else ""
    return reply(answer, ETag=f'"{seen}"')


@definitions.put("/<kind>/<key>/draft")
@policy("definition.edit", kind="api")
@described(body=_DOCUMENT, returns={200: "Draft"}, errors=(404, 409, 422))
def save(kind: str, key: str) -> Response:
    """Save a draft against the hash in If-Match; 409 shows both sides, 422 a document of another place."""
    document = _document(kind, key)
    seen = request.headers.get("If-Match", "").strip('"') or None
    saved = publishing.save_draft(services(), document, current_origin(), seen=seen)
    if isinstance(saved, Conflict):
        conflict = problem("", "stale", "草稿已被他人修改", "Somebody else changed this meanwhile")
        sides = {"base": saved.base, "theirs": saved.theirs, "mine": saved.mine, "hash": saved.hash}
        return reply({"status": 409, "title": "Conflict", "problems": problems_json([conflict]), **sides}, 409)
    answer = {"owner": saved.owner, "base_version": saved.base_version, "hash": saved.hash}
    return reply({**answer, "problems": problems_json(publishing.check(document))}, ETag=f'"{saved.hash}"')


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
    listed = [{"path": c.path, "change": c.change, "before": c.before, "after": c.after} for c in changes]
    return reply({"problems": problems_json(found), "changes": listed})


@definitions.post("/<kind>/<key>/publish")
@policy("definition.publish", kind="api")
@described(body=_NOTE, returns={200: "Published"}, errors=(422,))
@idempotent
def publish(kind: str, key: str) -> Response:
    """Publish the draft; 422 with problems where it may not run."""
    asked = body() if request.get_data() else {}
    _check(_NOTE, asked)
    version = publishing.publish_draft(services(), kind, key, asked.get("note", ""), current_origin())
    return reply({"version": version.number, "hash": version.hash})


@definitions.post("/<kind>/<key>/rollback")
@policy("definition.publish", kind="api")
@described(body=_BACK, returns={200: "Published"}, errors=(422,))
@idempotent
def roll_back(kind: str, key: str) -> Response:
    """Make an earlier version live again."""
    asked = body()
    _check(_BACK, asked)
    version = publishing.roll_back(services(), kind, key, asked["version"], current_origin())
    return reply({"version": version.number, "hash": version.hash})


def _listed(kind: str | None) -> Response:
    with services().db.read() as conn:
        found = store.listed(conn, kind)
    items = [
        {"kind": d.kind, "key": d.key, "title": d.title, "live": d.live, "canary": d.canary, "draft": d.draft}
        for d in found
    ]
    return reply({"items": items, "next": None, "total": len(items)})


def _document(kind: str, key: str) -> dict[str, Any]:
    if kinds.get(kind) is None:
        abort(404)
    document = body()
    if (document.get("kind"), document.get("key")) != (kind, key):
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


def _check(schema: dict[str, Any], asked: dict[str, Any]) -> None:
    found = check_document(schema, asked)
    if found:
        raise Refused(found)
