"""Setting connections: where an outside system is, and its secrets."""

from typing import Any, Final
from urllib.parse import urlsplit

from ordain.base.errors import Refused, problem
from ordain.base.ids import is_key
from ordain.flows.services import Services
from ordain.language.schema import check_document
from ordain.records.actor import Origin
from ordain.store import audit, connections
from ordain.store.connections import Connection

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["base_url"],
    "properties": {
        "base_url": {"type": "string", "pattern": "^(https?|smtps?)://[^\\s]+$"},
        "hosts": {"type": "array", "items": {"type": "string", "minLength": 1}},
        "secrets": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def set_connection(services: Services, name: str, spec: Any, origin: Origin) -> None:
    """Set a connection; hosts default to the base URL's own. Refused where it makes no sense."""
    found = check_document(SCHEMA, spec)
    if not is_key(name):
        found.append(problem("name", "bad_name", "名称只能用小写字母、数字和连字符", "a name is kebab-case"))
    if found:
        raise Refused(found)
    host = _host(spec["base_url"])
    if not host:
        message = ("地址不完整，应为 https://主机名[:端口]/路径", "This is no whole address: https://host[:port]/path")
        raise Refused([problem("base_url", "bad_address", *message)])
    if services.settings.production and spec["base_url"].startswith("http://"):
        raise Refused([problem("base_url", "not_https", "生产环境只允许 https", "production allows https only")])
    made = Connection(name, spec["base_url"], tuple(spec.get("hosts", [host])), spec.get("secrets", {}))
    with services.db.write() as conn:
        connections.put(conn, services.vault, made, services.now())
        after = {"base_url": made.base_url, "hosts": list(made.hosts), "secrets": sorted(made.secrets)}
        audit.record(conn, origin, services.now(), "connection.set", f"connection:{name}", None, after)


def _host(address: str) -> str:
    """Return the host an address names, "" where it names none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:  # brackets that do not close, a port that is no number
        return ""
    return (parts.hostname or "") if port != 0 else ""
