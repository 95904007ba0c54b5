"""The retailer's own shop, for people: goods with the stock widget, an order that holds its stock, paying, cancelling.

It knows the hub by its HTTP interface alone, as any shop does.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from ordain.base import json
from ordain.base.clock import epoch_ms, from_rfc3339
from ordain.sandbox.doors import world, yuan
from ordain.sandbox.hub import Hub, Unreached
from ordain.sandbox.partners.inbox import CSP, own_page
from ordain.sandbox.words import WORDS, language_of

doors = Blueprint("shop", __name__, url_prefix="/shop")
CHANNEL: Final = "own-site"
_SHOWN: Final = 20  # orders of the past on the shop's page


@dataclass(frozen=True, slots=True)
class Good:
    """One thing for sale; `price` in fen."""

    sku: str
    title: Mapping[str, str]
    price: int

    @property
    def costs(self) -> str:
        """The price in yuan."""
        return yuan(self.price)


@dataclass(frozen=True, slots=True)
class Bought:
    """One order placed here, under the shop's own number."""

    number: str
    order_id: str
    sku: str
    quantity: int
    total: int

    @property
    def costs(self) -> str:
        """The total in yuan."""
        return yuan(self.total)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an order stands in the hub; `minutes` are left to pay for it, None once they do not count."""

    state: str
    minutes: int | None


@doors.get("")
def index() -> Response:
    """Show what is for sale, each with what is left of it, and the orders placed here."""
    return _page("sandbox/shop.html", goods=goods().values(), bought=_latest())


@doors.get("/goods/<sku>")
def good(sku: str) -> Response:
    """Show one thing, with the form that orders it."""
    return _form(_good(sku), {"quantity": "1", "once": secrets.token_hex(16)})


@doors.post("/goods/<sku>")
def buy(sku: str) -> AnyResponse:
    """Place the order; where it is refused the form says why and keeps what was typed."""
    own_page()
    wanted, said = _good(sku), request.form.to_dict()
    quantity = int(said["quantity"]) if said.get("quantity", "").isdecimal() else 0
    number = f"WEB-{said.get('once', '')[:8].upper()}"
    line = {"sku": sku, "title": wanted.title["zh"], "quantity": quantity, "unit_price": wanted.price}
    address = {"province": "浙江省", "city": "杭州市", "district": "西湖区", "street": said.get("street", "")}
    buyer = {"name": said.get("name", ""), "phone": said.get("phone", ""), "address": address}
    body = {"channel": CHANNEL, "external_id": number, "currency": "CNY", "buyer": buyer, "lines": [line]}
    try:
        status, answered = _ask("POST", "/api/v1/orders", body, key=said.get("once", ""))
    except Unreached:
        return _form(wanted, said, [WORDS[language_of(request)]["unreached"]], 502)
    if status != 201:
        problems = [found["message"] for found in answered.get("problems", [])] or [answered.get("title", "")]
        return _form(wanted, said, problems, status)
    keep = "INSERT OR IGNORE INTO bought VALUES (?, ?, ?, ?, ?, ?)"
    now = epoch_ms(world().now())
    _table().write(keep, number, answered["id"], sku, quantity, wanted.price * quantity, now)
    return redirect(f"/shop/orders/{number}")


@doors.get("/orders/<number>")
def order(number: str) -> Response:
    """Show how one order stands, as the hub tells it."""
    found = _bought(number)
    return _page("sandbox/bought.html", it=found, good=_good(found.sku), standing=_standing(found), refresh=True)


@doors.post("/orders/<number>/<act>")
def act(number: str, act: str) -> AnyResponse:
    """Pay for an order, or cancel it."""
    own_page()
    found = _bought(number)
    bodies: dict[str, dict[str, Any]] = {
        "pay": {"amount": found.total, "method": "sandbox", "reference": f"P-{number}"},
        "cancel": {"reason": "buyer"},
    }
    if act not in bodies:
        abort(404)
    try:
        _ask("POST", f"/api/v1/orders/{found.order_id}/{act}", bodies[act], key=f"{act}-{number}")
    except Unreached:
        abort(502)
    return redirect(f"/shop/orders/{number}")


@cache
def goods() -> dict[str, Good]:
    """Return what is for sale: the catalogue of the demo, by SKU."""
    from ordain.sandbox.server import ROOT

    stored = json.loads((ROOT / "definitions" / "demo" / "catalogue.json").read_bytes())
    return {item["sku"]: Good(item["sku"], item["title"], item["price"]) for item in stored}


def _good(sku: str) -> Good:
    return goods().get(sku) or abort(404)


def _standing(found: Bought) -> Standing | None:
    """Return how an order stands; None where the hub does not tell."""
    try:
        status, told = _ask("GET", f"/api/v1/orders/{found.order_id}")
    except Unreached:
        return None
    if status != 200:
        return None
    held = told.get("reservation") or {}
    if told["state"] != "unpaid" or not held.get("expires_at"):
        return Standing(told["state"], None)
    left = (from_rfc3339(held["expires_at"]) - world().now()).total_seconds()
    return Standing("unpaid", max(0, -int(-left // 60)))


def _ask(method: str, path: str, body: object = None, *, key: str = "") -> tuple[int, dict[str, Any]]:
    hub: Hub | None = current_app.extensions.get("shop")
    if hub is None:
        raise Unreached("no hub is set")
    more = {"Idempotency_Key": f"shop-{key}"} if key else {}
    return hub.ask(method, path, body, Accept_Language=language_of(request), **more)


def _table() -> Any:
    memory = world().memory
    memory.write(
        "CREATE TABLE IF NOT EXISTS bought (number TEXT PRIMARY KEY, order_id TEXT, sku TEXT, quantity INTEGER,"
        " total INTEGER, at INTEGER)"
    )
    return memory


def _latest() -> list[Bought]:
    asked = "SELECT number, order_id, sku, quantity, total FROM bought ORDER BY at DESC LIMIT ?"
    return [Bought(*row) for row in _table().rows(asked, _SHOWN)]


def _bought(number: str) -> Bought:
    asked = "SELECT number, order_id, sku, quantity, total FROM bought WHERE number = ?"
    rows = _table().rows(asked, number)
    return Bought(*rows[0]) if rows else abort(404)


def _form(wanted: Good, said: Mapping[str, str], problems: Sequence[str] = (), status: int = 200) -> Response:
    return _page("sandbox/good.html", status, it=wanted, said=said, problems=problems)


def _page(template: str, status: int = 200, **more: Any) -> Response:
    hub: Hub | None = current_app.extensions.get("shop")
    language = language_of(request)
    address = hub.address if hub else ""
    html = render_template(template, words=WORDS[language], language=language, hub=address, here="shop", **more)
    frames = f"; frame-src {address}" if address else ""
    return Response(html, status, headers={"Content-Security-Policy": CSP + frames, "Cache-Control": "no-store"})
