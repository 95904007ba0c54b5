"""Taking a product off sale and putting it back: channels' orders for it are held while it is off."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ordain.base.errors import Refused, problem
from ordain.base.text import Text
from ordain.flows.operations.operation import Operation
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.records.types.built_in import titled
from ordain.store import audit, records
from ordain.store.records import Record
from ordain.store.shelves import SHELVES

_REASON: Final = {"reason": titled("long_text", "原因", "Reason", required=True, most=500)}


def _stop(services: Services, record: Record | None, data: Mapping[str, Any], origin: Origin) -> Text:
    _switch(services, record, data, origin, active=False)
    return Text("已停售，含此编码的新订单将挂起", "It is off sale; new orders with this code will be held")


def _resume(services: Services, record: Record | None, data: Mapping[str, Any], origin: Origin) -> Text:
    _switch(services, record, data, origin, active=True)
    return Text("已恢复销售", "It is on sale again")


def _switch(
    services: Services, record: Record | None, data: Mapping[str, Any], origin: Origin, *, active: bool
) -> None:
    if record is None:
        raise TypeError("this operation is done on one product")
    now = services.now()
    made = replace(record, data={**record.data, "active": active}, version=record.version + 1, updated_at=now)
    with services.db.write() as conn:
        if not records.put(conn, SHELVES["product"], made, "", ["active"]):
            zh, en = "记录已被他人修改，请重新打开", "somebody else changed it meanwhile; open it anew"
            raise Refused([problem("", "stale", zh, en)])
        told = {"reason": data.get("reason", "")}
        action = "product.resume" if active else "product.stop"
        audit.record(conn, origin, now, action, f"product:{record.id}", {"active": not active}, told)


STOP_AND_RESUME: Final = (
    Operation(
        "stop",
        Text("停售", "Take off sale"),
        _REASON,
        _stop,
        offered=lambda record: record.data.get("active") is True,
        danger=True,
        help=Text("停售后，含此编码的新订单将挂起", "New orders with this code will be held"),
    ),
    Operation(
        "resume",
        Text("恢复销售", "Put back on sale"),
        {},
        _resume,
        offered=lambda record: record.data.get("active") is not True,
    ),
)
