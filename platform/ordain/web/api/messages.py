"""Raw messages and their fate: find, get, read once more."""

from typing import Any, Final, get_args

from flask import Blueprint, abort, g
from werkzeug.wrappers import Response

from ordain.flows import redriving
from ordain.records.message import Fate, Message
from ordain.store import messages as store
from ordain.store.messages import MessageQuery
from ordain.web.api.asking import DEFAULT_LIMIT, PAGED, Schema, asked, body, described
from ordain.web.api.shapes import message_json, problems_json, reply
from ordain.web.here import services
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_origin, policy
from ordain.web.rights import access_to

messages = Blueprint("api_messages", __name__, url_prefix="/api/v1/messages")
AT_ONCE: Final = 2_000  # messages one request reads again: some seconds
_WORD: Final = {"type": "string", "minLength": 1, "maxLength": 128}
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
                "channel": _WORD,
                "code": _WORD,
                "state": {"enum": ["quarantined", "held"]},
                "ids": {"type": "array", "items": _WORD, "minItems": 1, "maxItems": 500},
            },
        },
    },
}
_QUERY: Final[dict[str, Schema]] = {
    "state": {"type": "array", "items": {"enum": list(get_args(Fate))}},
    "channel": _WORD,
    "code": {**_WORD, "description": "a problem's code"},
    "order": {**_WORD, "description": "an order's id"},
    **PAGED,
}


@messages.before_request
def _everybodys() -> None:
    """Refuse whoever sees only some orders: messages speak of all of them."""
    if not access_to(services(), g.actor, "order").sees_all:
        abort(404)


@messages.get("")
@policy("message.read", kind="api")
@described(query=_QUERY, returns={200: "MessageList"}, errors=(404, 422))
def index() -> Response:
    """Find messages, newest first."""
    query = MessageQuery(asked("state", ()), asked("channel", ""), asked("code", ""), asked("order", ""))
    with services().db.read() as conn:
        page = store.find(conn, query, limit=asked("limit", DEFAULT_LIMIT), cursor=asked("cursor"))
    return reply({"items": [_shown(item) for item in page.items], "next": page.next, "total": page.total})


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
    return reply({**_shown(found), "raw": raw})


@messages.post("/<message_id>/redrive")
@policy("message.redrive", kind="api")
@described(returns={200: "Result"}, errors=(404, 409, 422))
@idempotent
def redrive(message_id: str) -> Response:
    """Read one message once more with the mapping that is live now."""
    results = redriving.redrive(services(), [message_id], current_origin())
    if not results:
        abort(404)
    result = results[0]
    problems = problems_json(result.problems)
    return reply({"message": result.message_id, "state": result.fate, "order": result.order_id, "problems": problems})


@messages.post("/redrive")
@policy("message.redrive", kind="api")
@described(body=REDRIVE, returns={200: "Redriven"}, errors=(404, 409, 422))
@idempotent
def redrive_all() -> Response:
    """Read all that wait and match once more, some thousands a request; with `preview` only say what would happen."""
    wanted = body()["filter"]
    states = (wanted["state"],) if "state" in wanted else ()
    query = MessageQuery(states, wanted.get("channel", ""), wanted.get("code", ""), ids=wanted.get("ids", ()))
    if body().get("preview"):
        outlook = redriving.preview(services(), query, current_origin())
        return reply({"total": outlook.total, "passing": outlook.passing, "remaining": dict(outlook.remaining)})
    fates = redriving.redrive_all(services(), query, current_origin(), lambda count: count < AT_ONCE)
    return reply({"total": fates.total(), "fates": dict(fates), "complete": fates.total() < AT_ONCE})


def _shown(message: Message) -> dict[str, Any]:
    return message_json(store.covered(message, access_to(services(), g.actor, "message")))
