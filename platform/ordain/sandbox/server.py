"""The sandbox as a server: the platforms' doors, a page for people, and the controls."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, Response, abort, render_template, request

from ordain.base import json
from ordain.base.clock import from_rfc3339, rfc3339
from ordain.sandbox import shelf
from ordain.sandbox.doors import World, answer, world
from ordain.sandbox.hub import Hub
from ordain.sandbox.memory import NO_FAULTS, PARTNERS, PLATFORMS, Memory
from ordain.sandbox.partners import inbox, people, shop, sms
from ordain.sandbox.partners.mail import Post
from ordain.sandbox.platforms import douyin, jd, own_site, pinduoduo, pos, shopify, taobao, woocommerce
from ordain.sandbox.pushing import Pusher
from ordain.sandbox.words import WORDS, language_of

ROOT: Final = Path(__file__).parents[3]
CONNECTIONS: Final = ROOT / "definitions" / "demo" / "connections.json"
HR_FILE: Final = "sandbox-hr.token"  # with which the HR system played here pushes to the hub
SHOP_FILE: Final = "sandbox-shop.token"  # with which the shop played here orders
control = Blueprint("control", __name__)


def create_app(memory: Memory, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Flask:
    """Return the sandbox's application over a memory and a clock."""
    app = Flask("ordain-sandbox", static_folder=None, template_folder=str(ROOT / "templates"))
    app.extensions["world"] = World(memory, now, secrets())
    for module in (taobao, jd, pinduoduo, douyin, shopify, woocommerce, own_site, pos, sms, inbox, people, shelf, shop):
        app.register_blueprint(module.doors)
    app.register_blueprint(control)
    app.after_request(_leave)
    return app


def _leave(response: Response) -> Response:
    """Bound what a browser does with whatever a platform answers."""
    response.headers.setdefault("Content-Security-Policy", inbox.CSP)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response


def secrets() -> dict[str, dict[str, str]]:
    """Return the secrets both sides know, by platform."""
    stored: dict[str, Any] = json.loads(CONNECTIONS.read_bytes())
    return {name: dict(spec["secrets"]) for name, spec in stored.items()}


def serve(host: str, port: int, hub: str, home: Path, mail_port: int) -> None:
    """Serve until stopped, pushing webhooks to the hub and taking mail."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        """Logs nothing: the hub's own logs tell what was asked."""

        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 the base class's name
            """Say nothing."""

    def clock() -> datetime:
        return datetime.now(UTC)

    memory = Memory(home / "sandbox.db", clock())
    pusher = Pusher(memory, clock, hub, secrets())
    threading.Thread(target=pusher.run, daemon=True, name="pusher").start()
    Post(memory, clock, secrets()["mail"]).listen(host, mail_port)
    app = create_app(memory)
    app.extensions["push"] = people.ScimPush(Hub(hub, home / HR_FILE))
    app.extensions["shop"] = Hub(hub, home / SHOP_FILE)
    make_server(host, port, app, threaded=True, request_handler=Quiet).serve_forever()


@control.get("/")
def index() -> Response:
    """Show what is played, for people."""
    memory, language = world().memory, language_of(request)
    rows = [(name, f"{memory.rate(name):g}", _faults(memory, name)) for name in PLATFORMS]
    rows += [(name, "", _faults(memory, name)) for name in PARTNERS]
    page = render_template(
        "sandbox/platforms.html", words=WORDS[language], language=language, rows=rows, here="platforms"
    )
    return Response(page)


def _faults(memory: Memory, name: str) -> str:
    stands = memory.faults(name)
    return ", ".join(f"{key} {value}" for key, value in stands.items() if value != NO_FAULTS[key])


@control.get("/control/<platform>")
def settings(platform: str) -> Response:
    """Return a platform's rate and faults."""
    if platform in PARTNERS:
        return answer({"faults": world().memory.faults(platform)})
    _known(platform)
    return answer({"rate": world().memory.rate(platform), "faults": world().memory.faults(platform)})


@control.put("/control/<platform>/rate")
def rate(platform: str) -> Response:
    """Set how many orders a minute are placed from now on: `{"per_minute": 5}`."""
    _known(platform)
    wanted = json.loads(request.get_data())
    world().memory.set_rate(platform, max(0.0, min(60_000.0, float(wanted["per_minute"]))), world().now())
    return settings(platform)


@control.put("/control/<platform>/faults")
def faults(platform: str) -> Response:
    """Set a platform's faults; those not named are off."""
    if platform not in PARTNERS:
        _known(platform)
    world().memory.set_faults(platform, json.loads(request.get_data()))
    return settings(platform)


@control.post("/control/<platform>/burst")
def burst(platform: str) -> Response:
    """Place so many orders at once: `{"n": 100}`."""
    _known(platform)
    world().memory.burst(platform, min(100_000, int(json.loads(request.get_data())["n"])), world().now())
    return settings(platform)


@control.get("/control/<platform>/orders")
def orders(platform: str) -> Response:
    """Return the truth: every order placed since a moment, with its state."""
    _known(platform)
    now = world().now()
    text = request.args.get("since")
    since = from_rfc3339(text) if text else now - timedelta(hours=24)
    found = world().memory.story(platform).placed_between(since, now, now)
    listed = [{"id": _identity(order), "state": order.state, "placed": rfc3339(order.placed)} for order in found]
    return answer({"orders": listed})


def _identity(order: Any) -> str:
    names: dict[str, tuple[Callable[[Any], Any], str]] = {
        "taobao": (taobao.payload, "tid"),
        "jd": (jd.payload, "orderId"),
        "pinduoduo": (pinduoduo.payload, "order_sn"),
        "douyin": (douyin.payload, "order_id"),
        "shopify": (shopify.payload, "id"),
        "woocommerce": (woocommerce.payload, "id"),
        "own-site": (own_site.payload, "orderNo"),
    }
    if order.platform == "pos":
        return str(pos.rows(order)[0][2])
    make, name = names[order.platform]
    return str(make(order)[name])


def _known(platform: str) -> None:
    if platform not in PLATFORMS:
        abort(404)
