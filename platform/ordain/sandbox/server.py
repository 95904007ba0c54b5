"""The sandbox as a server: the platforms' doors, a page for people, and the controls."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, Response, abort, request

from ordain.base import json
from ordain.base.clock import from_rfc3339, rfc3339
from ordain.sandbox.doors import World, answer, world
from ordain.sandbox.memory import PLATFORMS, Memory
from ordain.sandbox.platforms import douyin, jd, own_site, pinduoduo, pos, shopify, taobao, woocommerce
from ordain.sandbox.pushing import Pusher

CONNECTIONS: Final = Path(__file__).parents[3] / "definitions" / "demo" / "connections.json"
control = Blueprint("control", __name__)


def create_app(memory: Memory, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Flask:
    """Return the sandbox's application over a memory and a clock."""
    app = Flask("ordain-sandbox", static_folder=None)
    app.extensions["world"] = World(memory, now, secrets())
    for module in (taobao, jd, pinduoduo, douyin, shopify, woocommerce, own_site, pos):
        app.register_blueprint(module.doors)
    app.register_blueprint(control)
    return app


def secrets() -> dict[str, dict[str, str]]:
    """Return the secrets both sides know, by platform."""
    stored: dict[str, Any] = json.loads(CONNECTIONS.read_bytes())
    return {name: dict(spec["secrets"]) for name, spec in stored.items()}


def serve(host: str, port: int, hub: str, home: Path) -> None:
    """Serve until stopped, pushing webhooks to the hub."""
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
    make_server(host, port, create_app(memory), threaded=True, request_handler=Quiet).serve_forever()


@control.get("/")
def index() -> Response:
    """Show what is played, for people."""
    rows = "".join(
        f"<tr><td>{name}</td><td>{world().memory.rate(name):g}</td><td>{world().memory.faults(name)}</td></tr>"
        for name in PLATFORMS
    )
    page = (
        "<!doctype html><html lang=zh><meta charset=utf-8><title>沙箱 sandbox</title>"
        "<h1>沙箱 · sandbox</h1><p>扮演外部平台；控制接口在 /control。 "
        "Plays the platforms outside; controls are below /control.</p>"
        f"<table><tr><th>平台 platform<th>每分钟订单 orders a minute<th>故障 faults</tr>{rows}</table>"
    )
    return Response(page, headers={"Content-Security-Policy": "default-src 'none'"})


@control.get("/control/<platform>")
def settings(platform: str) -> Response:
    """Return a platform's rate and faults."""
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
