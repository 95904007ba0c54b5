"""Who reads: how values are written for them, and whether they ask for a page or a part of it."""

import sqlalchemy as sa
from flask import g, redirect, request
from werkzeug.wrappers import Response

from ordain.records.access import Access
from ordain.store.orders import standing
from ordain.store.orders.standing import Tally
from ordain.web.here import services
from ordain.web.i18n import current_language
from ordain.web.rights import access_to
from ordain.web.show import Show


def reader() -> Show:
    """Return the writer of values for the current reader."""
    return Show(current_language(), services().settings.timezone, services().now())


def given(record: str) -> Access:
    """Return what the current reader may do with a type of record."""
    return access_to(services(), g.actor, record)


def tally(conn: sa.Connection) -> Tally:
    """Return where all orders the reader sees stand; counted once a request, for the rail and for tabs."""
    if "tally" not in g:
        g.tally = standing.tally(conn, given("order"))
    found: Tally = g.tally
    return found


def wants_part(target: str) -> bool:
    """Tell whether only the part with this id is asked for; everything else gets the whole page."""
    asked = request.headers.get("HX-Target", "")
    return request.headers.get("HX-Request") == "true" and asked.partition("#")[2] == target


def go(place: str) -> Response:
    """Lead the reader to another page after a form was taken: htmx by its own header, a plain form by a redirect."""
    if request.headers.get("HX-Request") == "true":
        return Response(status=204, headers={"HX-Redirect": place})
    return redirect(place)
