"""Source documents made by hand, with what matters to a test as arguments."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from ordain.base import json
from ordain.flows import publishing
from ordain.flows.services import Services
from ordain.records.actor import Origin, System
from ordain.records.message import Incoming
from ordain.store import definitions

ORIGIN = Origin(System("test"))


def own_site_order(
    number: str = "HY1", *, state: str = "已付款", updated: int = 1795053067000, sku: str = "HY-NTB-08", **more: Any
) -> dict[str, Any]:
    """Return an order of the retailer's own shop."""
    return {
        "orderNo": number,
        "state": state,
        "createdAt": 1795052947000,
        "paidAt": 1795053067000,
        "updatedAt": updated,
        "buyer": {"nick": "u", "mobile": "13900000008"},
        "ship": {"to": "宋星野", "tel": "13900000008", "addr": "湖北省 武汉市 洪山区 虚拟珞珈支路12号"},
        "lines": {
            "1": {
                "sku": sku,
                "name": "线装笔记本",
                "attrs": {},
                "qty": 2,
                "unitCents": 1999,
                "shopOff": 0,
                "platOff": 0,
            }
        },
        "money": {"goods": 3998, "off": {"shop": 0, "plat": 0}, "freight": 600, "payable": 4598, "paid": 4598},
        "pays": [],
        "ext": "{}",
        "refunds": None,
        **more,
    }


def incoming(payload: dict[str, Any], event_id: str = "") -> Incoming:
    """Return a document as a message."""
    raw = json.dumps(payload)
    return Incoming(event_id or f"event-{json.content_hash(payload)[:20]}", raw, json.loads(raw))


def publish_role(services: Services, key: str, rights: Mapping[str, Any], **more: Any) -> None:
    """Publish a role with these rights."""
    title = {"zh": key, "en": key}
    spec = {"rights": rights, **more}
    publishing.publish(
        services, [{"kind": "role", "key": key, "title": title, "schema_version": 1, "spec": spec}], "", ORIGIN
    )


def ask_second_factor(services: Services, key: str) -> None:
    """Publish a role once more, now asking for a second factor."""
    with services.db.read() as conn:
        found = definitions.live(conn, "role", key)
    assert found is not None
    spec = {**found.document["spec"], "second_factor": True}
    publishing.publish(services, [{**found.document, "spec": spec}], "stricter", ORIGIN)


def remap(services: Services, key: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Publish a mapping once more, with its spec changed."""
    with services.db.read() as conn:
        found = definitions.live(conn, "mapping", key)
    assert found is not None
    document = {**deepcopy(dict(found.document)), "examples": []}
    change(document["spec"])
    publishing.publish(services, [document], "mended", ORIGIN)
