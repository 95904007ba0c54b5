"""The door for what channels push."""

from flask import Blueprint, abort, g, request
from werkzeug.wrappers import Response

from ordain.base.errors import problem
from ordain.flows.listening import Knock, webhook_origin
from ordain.web.api.asking import described
from ordain.web.here import listener
from ordain.web.policy import policy
from ordain.web.problems import answer

hooks = Blueprint("hooks", __name__)


@hooks.post("/hooks/<channel>")
@policy(public=True, csrf=False, kind="hook")
@described(returns={200: "Acknowledged"}, errors=(401, 404), checked=False)
def receive(channel: str) -> Response:
    """Take a webhook in: 200 after the commit, 401 for a bad signature, a repeat answers the same."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    origin = webhook_origin(channel, g.request_id, g.ip)
    reply = listener().receive(Knock(channel, headers, request.get_data(), origin))
    if reply is None:
        abort(404)
    if reply.status == 401:
        return answer(
            401, [problem("", "bad_signature", "签名缺失、不符或已过期", "The signature is missing, wrong or too old")]
        )
    kind = "application/json" if reply.body.startswith("{") else "text/plain; charset=utf-8"
    return Response(reply.body, reply.status, content_type=kind)
