"""Looking as a role, and asking why somebody sees a record or does not."""

from collections.abc import Iterator

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.decision import Clause
from ordain.base.errors import Refused
from ordain.base.regions import REGIONS
from ordain.base.text import Text
from ordain.flows import explaining, looking, recording
from ordain.flows.explaining import Reasons
from ordain.store import people
from ordain.web import session
from ordain.web.here import services
from ordain.web.pages.lists import Option
from ordain.web.pages.reader import reader
from ordain.web.pages.rights.context import Reason, RightsPage
from ordain.web.pages.texts import _
from ordain.web.policy import current_origin, policy
from ordain.web.show import Show

rights = Blueprint("rights", __name__, url_prefix="/admin/rights")
_ASKED = ("person", "type", "record", "field")


@rights.get("")
@policy("person.edit")
def index() -> str:
    """Show the page, with the answer to what was asked."""
    return render_template("admin/rights.html", page=_page())


@rights.post("/view-as")
@policy("person.edit")
def begin() -> Response:
    """Look through the eyes of a role from now on, to read only."""
    held = session.current()
    if held is None:
        return redirect(url_for("rights.index"))
    try:
        looking.begin(services(), held, request.form.get("role", ""), request.form.getlist("region"), current_origin())
    except Refused as refused:
        fault = refused.problems[0].message.get(reader().language)
        return make_response(render_template("admin/rights.html", page=_page(fault)), 422)
    return redirect(url_for("orders.home"))


@rights.post("/view-as/end")
@policy(viewing=True)
def end() -> Response:
    """Look through one's own eyes again."""
    held = session.current()
    if held is not None and held.user.viewing is not None:
        looking.end(services(), held, current_origin())
    return redirect(url_for("orders.home"))


def _page(fault: str = "") -> RightsPage:
    show, asked = reader(), {name: request.args.get(name, "")[:100].strip() for name in _ASKED}
    with services().db.read() as conn:
        live = services().live.at(conn)
        roles = [(one.key, show.text(Text.of(one.document["title"]))) for one in live.all("role")]
        forms = [(form.key, show.text(form.title)) for form in recording.forms(live)]
        names = [(who.name, who.display_name or who.name) for who in people.find(conn) if who.active]
    found = None
    if asked["person"] and asked["record"]:
        found = explaining.why(
            services(), g.actor, asked["person"], asked["type"] or "order", asked["record"], asked["field"]
        )
        fault = fault or ("" if found else _("There is no such record, or you may not see it yourself"))
    return RightsPage(
        roles=[Option(key, title) for key, title in roles],
        regions=[Option(key, show.text(title)) for key, title in REGIONS.items()],
        people=[Option(key, title, key == asked["person"]) for key, title in names],
        types=[Option(key, title, key == asked["type"]) for key, title in [("order", _("Orders")), *forms]],
        asked=asked,
        verdict=_verdict(found) if found else "",
        tone="ok" if found and found.sees and found.mode in ("", "read") else "look",
        reasons=[line for clause in found.why for line in _lines(clause, show, 0)] if found else (),
        fault=fault,
    )


def _verdict(found: Reasons) -> str:
    if not found.sees:
        return _("They do not see this record")
    if found.mode == "masked":
        return _("They see the record, and the field masked")
    if found.mode == "hidden":
        return _("They see the record, but not the field")
    return _("They see it")


def _lines(clause: Clause, show: Show, depth: int) -> Iterator[Reason]:
    word = _("not judged") if clause.true is None else _("yes") if clause.true else _("no")
    mark = "none" if clause.true is None else "yes" if clause.true else "no"
    facts = ", ".join(f"{name} = {value}" for name, value in clause.facts.items())
    yield Reason(min(depth, 4), mark, word, show.text(clause.text), facts)
    for part in clause.parts:
        yield from _lines(part, show, depth + 1)
