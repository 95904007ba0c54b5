"""Connections: where outside systems are. Secrets go in and are never shown again."""

from typing import Any

from flask import Blueprint, abort
from werkzeug.wrappers import Response

from ordain.flows.connecting import SCHEMA, set_connection
from ordain.store import connections as store
from ordain.store.connections import KEPT, Connection
from ordain.web.api.asking import PAGED, body, described
from ordain.web.api.shapes import listed, reply
from ordain.web.here import services
from ordain.web.policy import current_origin, policy

connections = Blueprint("api_connections", __name__, url_prefix="/api/v1/connections")


@connections.get("")
@policy("house.read", kind="api")
@described(query=PAGED, returns={200: "ConnectionList"}, errors=(422,))
def index() -> Response:
    """List all connections, their secrets by name only."""
    with services().db.read() as conn:
        found = [made for name in store.names(conn) if (made := store.get(conn, services().vault, name))]
    return listed(found, _shown, lambda item: item.name)


@connections.get("/<name>")
@policy("house.read", kind="api")
@described(returns={200: "Connection"}, errors=(404,))
def one(name: str) -> Response:
    """Get one connection, its secrets by name only."""
    return reply(_shown(_known(name)))


@connections.put("/<name>")
@policy("house.operate", kind="api", step_up=True)
@described(body=SCHEMA, returns={200: "Connection"}, errors=(422,))
def put(name: str) -> Response:
    """Set a connection; a secret sent back as it was shown stays what it is."""
    set_connection(services(), name, body(), current_origin())
    return reply(_shown(_known(name)))


def _known(name: str) -> Connection:
    with services().db.read() as conn:
        found = store.get(conn, services().vault, name)
    if found is None:
        abort(404)
    return found


def _shown(made: Connection) -> dict[str, Any]:
    secrets = dict.fromkeys(sorted(made.secrets), KEPT)
    return {"name": made.name, "base_url": made.base_url, "hosts": list(made.hosts), "secrets": secrets}
