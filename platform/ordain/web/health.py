"""Health for machines: the process, the database and its schema, figures for Prometheus."""

from flask import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from ordain.base import json
from ordain.gateways.doorbell import connect
from ordain.store import channels, outbox
from ordain.store.migrations import is_current
from ordain.web.api.asking import described
from ordain.web.here import services
from ordain.web.policy import policy

health = Blueprint("health", __name__)


@health.get("/healthz")
@policy(public=True, kind="api", rate="free")
@described(returns={200: "Alive"}, checked=False)
def healthz() -> Response:
    """Say that the process lives."""
    return Response(b'{"status":"ok"}', content_type="application/json")


@health.get("/readyz")
@policy(public=True, kind="api", rate="free")
@described(returns={200: "Ready", 503: "Ready"}, checked=False)
def readyz() -> Response:
    """Say whether requests can be served: the database and its schema decide, a missing Redis only slows."""
    try:
        ready = is_current(services().db)
    except SQLAlchemyError:
        ready = False
    queue = "ok" if _redis_answers() else "degraded"
    body = {"status": "ok" if ready else "unready", "database": "ok" if ready else "unready", "queue": queue}
    return Response(json.dumps(body), 200 if ready else 503, content_type="application/json")


@health.get("/metrics")
@policy(public=True, kind="api", rate="free")
@described(returns={200: "Figures"}, checked=False)
def metrics() -> Response:
    """Return the figures an operator watches: backlog per lane, breakers and failures per channel."""
    registry = CollectorRegistry()
    waiting = Gauge("ordain_outbox_waiting", "Work that waits, by lane", ["lane"], registry=registry)
    dead = Gauge("ordain_outbox_dead", "Dead letters, by lane", ["lane"], registry=registry)
    failed = Gauge("ordain_channel_failed", "Failures in a row, by channel", ["channel"], registry=registry)
    opened = Gauge("ordain_channel_breaker_open", "1 while a channel's breaker is open", ["channel"], registry=registry)
    with services().db.read() as conn:
        for lane in outbox.backlog(conn):
            waiting.labels(lane.lane).set(lane.waiting)
            dead.labels(lane.lane).set(lane.dead)
        for key, state in channels.states(conn).items():
            failed.labels(key).set(state.failed)
            opened.labels(key).set(state.breaker == "open")
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _redis_answers() -> bool:
    url = services().settings.redis_url
    try:
        return bool(url) and bool(connect(url).ping())
    except RedisError:
        return False
