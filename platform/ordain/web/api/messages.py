"""Raw messages and their fate: find, get, read once more."""

from typing import Any, Final

from flask import Blueprint, abort, g, request
from werkzeug.wrappers import Response

from ordain.base.errors import Refused
from ordain.flows import redriving
from ordain.language.schema import check_document
from ordain.store import messages as store
from ordain.store.messages import MessageQuery
from ordain.web.api.shapes import body, described, limit, message_json, problems_json, reply, words
from ordain.web.here import services
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_origin, policy
from ordain.web.rights import access_to

messages = Blueprint("api_messages", __name__, url_prefix="/api/v1/messages")
REDRIVE: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["filter"],
    "properties": {
        "preview": {"type": "boolean"},
        "filter": {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {
                "channel": {"type": "string", "minLength": 1},
                "code": {"type": "string", "minLength": 1},
                "state": {"enum": ["quarantined", "held"]},
                "ids": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 500},
            },
        },
    },
}
_QUERY: Final[dict[str, dict[str, Any]]] = {
    "state": {"type": "string"},
    "channel": {"type": "string"},
    "code": {"type": "string"},
    "order": {"type": "string"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 500},
    "cursor": {"type": "string"},
}


@messages.get("")
@policy("message.read", kind="api")
@described(query=_QUERY, returns={200: "MessageList"}, errors=(422,))
def index() -> Response:
    """Find messages, newest first."""
    query = MessageQuery(
        states=words("state"),
        channel=request.args.get("channel", ""),
        code=request.args.get("code", ""),
        order_id=request.args.get("order", ""),
    )
    with services().db.read() as conn:
        page = store.find(conn, query, limit=limit(), cursor=request.args.get("cursor") or None)
    return reply({"items": [message_json(item) for item in page.items], "next": page.next, "total": page.total})


@messages.get("/<message_id>")
@policy("message.read", kind="api")
@described(returns={200: "Message"}, errors=(404,))
def one(message_id: str) -> Response:
    """Get one message; its raw content where the role may read it."""
    with services().db.read() as conn:
        found = store.get(conn, message_id)
        if found is None:
            abort(404)
        shown = access_to(services(), g.actor, "message").reads("raw")
        raw = store.raw(conn, services().vault, message_id) if shown else None
    return reply({**message_json(found), "raw": raw})


@messages.post("/<message_id>/redrive")
@policy("message.redrive", kind="api")
@described(returns={200: "Result"}, errors=(404,))
@idempotent
def redrive(message_id: str) -> Response:
    """Read one message once more with the mapping that is live now."""
    results = redriving.redrive(services(), [message_id], current_origin())
    if not results:
        abort(404)
    result = results[0]
    return reply(
        {
            "message": result.message_id,
            "state": result.fate,
            "order": result.order_id,
            "problems": problems_json(result.problems),
        }
    )


@messages.post("/redrive")
@policy("message.redrive", kind="api")
@described(body=REDRIVE, returns={200: "Counts"}, errors=(422,))
@idempotent
def redrive_all() -> Response:
    """Read all that wait and match once more; with `preview` only say what would happen."""
    asked = body()
    found = check_document(REDRIVE, asked)
    if found:
        raise Refused(found)
    wanted = asked["filter"]
    states = (wanted["state"],) if "state" in wanted else ()
    query = MessageQuery(states, wanted.get("channel", ""), wanted.get("code", ""), ids=tuple(wanted.get("ids", ())))
    if asked.get("preview"):
        outlook = redriving.preview(services(), query, current_origin())
        return reply({"total": outlook.total, "passing": outlook.passing, "remaining": dict(outlook.remaining)})
    return reply(dict(redriving.redrive_all(services(), query, current_origin())))
