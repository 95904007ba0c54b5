"""The stock widget: a small page that shops embed beside their goods, and the numbers behind it. Anybody may ask."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.flows.offering import Offer, offer
from ordain.web.api.shapes import reply
from ordain.web.guards import CSP
from ordain.web.here import services
from ordain.web.i18n import current_language
from ordain.web.policy import policy

widget = Blueprint("widget", __name__, url_prefix="/widget/stock")
_NOBODY: Final = "frame-ancestors 'none'"


@widget.get("/<sku>")
@policy(public=True, rate="api")
def page(sku: str) -> Response:
    """Show what is left of a SKU, in the reader's language; `?channel=` asks by that channel's policy."""
    found = _offer(sku)
    channel = request.args.get("channel", "")[:64]
    html = render_template(
        "public/widget.html",
        it=_shown(found),
        sku=found.sku,
        seconds=found.policy.refresh_seconds,
        language=current_language(),
        address=url_for("widget.numbers", sku=found.sku, channel=channel or None),
    )
    framed = " ".join(("'self'", *services().settings.widget_origins))
    return Response(
        html,
        content_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": CSP.replace(_NOBODY, f"frame-ancestors {framed}"),
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )


@widget.get("/<sku>.json")
@policy(public=True, rate="api")
def numbers(sku: str) -> Response:
    """Get `{sku, label, left, scarce, refresh_seconds}`; `left` is null while there is plenty."""
    found = _offer(sku)
    answer = reply({"sku": found.sku, **_shown(found), "refresh_seconds": found.policy.refresh_seconds})
    origin = request.headers.get("Origin", "")
    if origin in services().settings.widget_origins:
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        answer.vary.add("Origin")
    return answer


def _offer(sku: str) -> Offer:
    found = offer(services(), sku[:128], request.args.get("channel", "")[:64])
    if found is None:
        abort(404)
    return found


def _shown(found: Offer) -> Mapping[str, Any]:
    """Return what outsiders may know: how many are left only once there are few."""
    left = max(found.available, 0) if found.is_scarce else None
    return {"label": found.label.get(current_language()), "left": left, "scarce": found.is_scarce}
