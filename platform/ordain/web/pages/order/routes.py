"""One order: money, lines and buyer; its story; the raw messages, and what a mapping makes of them."""

from typing import Any, Final

import sqlalchemy as sa
from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Refused
from ordain.engines.form.staff import StaffForm
from ordain.flows import extending, redriving
from ordain.flows.redriving import read_payload
from ordain.records.access import EVERYTHING, Access
from ordain.records.message import Message
from ordain.records.order import Order
from ordain.store import audit, definitions, messages, notices
from ordain.store.orders import show as store
from ordain.store.orders import story
from ordain.store.orders.show import OrderView
from ordain.store.orders.story import StoredDecision
from ordain.web.here import services
from ordain.web.pages.order import facts, proof
from ordain.web.pages.order.context import OrderPage, Payload, Trace
from ordain.web.pages.order.fields import fields_page, posted
from ordain.web.pages.order.paper import order_paper
from ordain.web.pages.order.tracing import trace
from ordain.web.pages.reader import given, go, reader, wants_part
from ordain.web.pages.record.related import referring
from ordain.web.pages.story import Teller
from ordain.web.pages.texts import _, many
from ordain.web.pages.words import channel_name, channel_names, faults, order_state
from ordain.web.policy import current_origin, policy
from ordain.web.show import NOTHING, Show

order = Blueprint("order", __name__, url_prefix="/orders/<order_id>")
_NOT_FIELDS: Final = frozenset({"csrf_token", "seen", "act", "save", "to", "shown"})
_TEMPLATES: Final = {True: "staff/order_proof.html", False: "staff/order.html"}


@order.get("")
@policy("order.read")
def index(order_id: str) -> str:
    """Show the order, or only its right pane."""
    show, access = reader(), given("order")
    with services().db.read() as conn:
        view = store.get(conn, services().vault, access, order_id)
        if view is None:
            abort(404)
        page = _page(conn, view, show, access)
    return render_template(_TEMPLATES[wants_part("proof")], page=page)


@order.post("/redrive")
@policy("order.repair")
def redrive(order_id: str) -> Response:
    """Read the order's newest message once more, with the mapping that is live now."""
    _visible(order_id, "repair")
    redriving.redrive_order(services(), order_id, current_origin())
    return redirect(url_for("order.index", order_id=order_id))


@order.post("/reveal/<field>")
@policy("order.reveal")
def reveal(order_id: str, field: str) -> str:
    """Show one covered field in full, and write down who asked for it."""
    _visible(order_id, "reveal")
    if field not in facts.REVEALABLE:
        abort(404)
    with services().db.write() as conn:
        audit.record(
            conn, current_origin(), services().now(), "order.reveal", f"order:{order_id}", after={"field": field}
        )
        whole = store.get(conn, services().vault, EVERYTHING, order_id)
    if whole is None:
        abort(404)
    who = whole.order.buyer
    values = {"buyer.phone": who.phone, "buyer.email": who.email, "buyer.address.street": who.address.street}
    return render_template("parts/revealed.html", value=values[field])


@order.get("/print")
@policy("order.read")
def paper(order_id: str) -> str:
    """Show the order as a sheet of paper."""
    view, show = _visible(order_id), reader()
    with services().db.read() as conn:
        form = extending.order_form(services().live.at(conn))
    return render_template("staff/paper.html", page=order_paper(view, form, show, given("order")))


@order.get("/fields")
@policy("order.edit")
def fields(order_id: str) -> str:
    """Show the form of the order's own fields."""
    found = _visible(order_id, "edit").order
    form = _form(found)
    return render_template(
        "staff/record_form.html", page=fields_page(form, found, reader(), extending.values(services(), form, found))
    )


@order.post("/fields")
@policy("order.edit")
def write_fields(order_id: str) -> Response:
    """Write the order's own fields; what is wrong is said beside its field."""
    found = _visible(order_id, "edit").order
    form = _form(found)
    pairs = [(name, text) for name, text in request.form.items(multi=True) if name not in _NOT_FIELDS]
    data, unread = posted(form, found, pairs)
    problems = list(unread)
    if "save" in request.form and not problems:
        try:
            extending.write_fields(services(), form, found, data, current_origin())
        except Refused as refused:
            problems = list(refused.problems)
        else:
            return go(url_for("order.index", order_id=order_id))
    page = fields_page(form, found, reader(), data, problems)
    part = request.headers.get("HX-Request") == "true"
    text = render_template("staff/record_form_work.html" if part else "staff/record_form.html", page=page)
    return make_response(text, 422 if problems else 200)


def _form(found: Order) -> StaffForm:
    with services().db.read() as conn:
        form = extending.order_form(services().live.at(conn))
    able = given("order").within(found.state).doing("edit")
    form = extending.narrowed(form, able, writing=True) if form else None
    if form is None or not form.fields:
        abort(404)
    return form


def _visible(order_id: str, action: str = "read") -> OrderView:
    with services().db.read() as conn:
        view = store.get(conn, services().vault, given("order"), order_id, action)
    if view is None:
        abort(404)
    return view


def _page(conn: sa.Connection, view: OrderView, show: Show, access: Access) -> OrderPage:
    found = view.order
    access = access.within(found.state)
    sums = access.reads("total")
    told = _told(conn, found.id)
    decisions = story.decisions(conn, f"order:{found.id}")
    newer, older = store.neighbours(conn, access, found)
    tab = "mapping" if request.args.get("tab") == "mapping" else "raw"
    form = extending.order_form(services().live.at(conn))
    payload, traced = _proof(conn, told, decisions, tab, show, access)
    return OrderPage(
        id=found.id,
        number=found.number,
        state=order_state(found.state, held=found.held),
        lane=found.lane,
        waiting=_waiting(found, show),
        waiting_tone="",
        channel=channel_name(channel_names(conn, show), found.channel),
        total=show.money(found.total, found.currency) if sums else NOTHING,
        paid=facts.paid(found, show, visible=sums),
        lines=facts.lines(found, show, amounts=sums),
        lines_note=many("%(num)s piece", "%(num)s pieces", sum(line.quantity for line in found.lines)),
        amounts=facts.amounts(found, show) if sums else (),
        buyer=facts.buyer(view, show, may_reveal=access.may("reveal")),
        related=facts.related(view, show),
        extra=facts.own_fields(
            extending.shown(services(), form, found.id, found.extra, access),
            extending.narrowed(form, access) if form else None,
            show,
        ),
        edit_fields=url_for("order.fields", order_id=found.id) if form and access.may("edit") else "",
        problems=faults(found.problems, show),
        story=Teller(
            show,
            found.currency,
            access,
            given("definition").may("read"),
            {message.id: message for message in told},
            {decision.id: decision for decision in decisions},
            notices.about(conn, f"order:{found.id}"),
        ).story(story.events(conn, found.id), found),
        referring=referring(conn, "order", [found.number, found.external_id], show),
        print_href=url_for("order.paper", order_id=found.id),
        newer=url_for("order.index", order_id=newer) if newer else "",
        older=url_for("order.index", order_id=older) if older else "",
        redrive=url_for("order.redrive", order_id=found.id) if found.held and access.may("repair") else "",
        tab=tab,
        raw_href=_tab(found.id, "raw"),
        mapping_href=_tab(found.id, "mapping"),
        payload=payload,
        trace=traced,
    )


def _told(conn: sa.Connection, order_id: str) -> list[Message]:
    """Return the messages that spoke of an order, as the reader may see them."""
    rights = given("message")
    found = messages.of_order(conn, order_id) if rights.may("read") else []
    return [messages.covered(message, rights) for message in found]


def _proof(
    conn: sa.Connection,
    told: list[Message],
    decisions: list[StoredDecision],
    tab: str,
    show: Show,
    access: Access,
) -> tuple[Payload | None, Trace | None]:
    """Return the message asked for, else the newest that changed the order, and its mapping where that is asked for."""
    if not told:
        return None, None
    wanted = request.args.get("message")
    news = [message for message in told if message.state in ("applied", "held")]
    chosen = next((message for message in told if message.id == wanted), (news or told)[0])
    text = messages.raw(conn, services().vault, chosen.id) or ""
    document: Any = read_payload(text)[0]
    mapping = definitions.get(conn, "mapping", chosen.mapping, chosen.mapping_version or 0)
    decision = next((one for one in reversed(decisions) if one.message_id == chosen.id), None)
    shown = proof.payload(told, chosen, text, document, decision, mapping, show, given("message"))
    if tab != "mapping" or document is None or shown.lines is None:
        return shown, None
    return shown, trace(conn, chosen, document, request.args.get("version", ""), show, access)


def _tab(order_id: str, tab: str) -> str:
    return url_for("order.index", order_id=order_id, tab=tab, message=request.args.get("message"))


def _waiting(found: Order, show: Show) -> str:
    begun = {"unpaid": found.placed_at, "paid": found.paid_at, "picking": found.paid_at}.get(found.state or "")
    if begun is None:
        return ""
    return _("waiting %(time)s", time=show.age((show.now - begun).total_seconds()))
