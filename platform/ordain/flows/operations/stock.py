"""Moving stock by hand: receive, adjust with a reason, count, set limits. What moves pieces is a row in the ledger."""

from collections.abc import Mapping
from typing import Any, Final

from ordain.base.errors import Refused, problem
from ordain.base.text import Text
from ordain.flows import stocking
from ordain.flows.operations.operation import Operation
from ordain.flows.services import Services
from ordain.flows.stocking import Move, Moved
from ordain.records.actor import Origin
from ordain.records.stock import MAIN, MOST, MovementKind
from ordain.records.types.built_in import titled
from ordain.store import catalogue
from ordain.store.records import Record

_SKU: Final = titled("reference", "商品编码", "SKU", to="product", required=True, most=128)
_POOL: Final = titled("text", "库存池", "Pool", default=MAIN, most=64)
_REASON: Final = titled("text", "原因", "Reason", required=True, most=500)
_FORCE: Final = titled(
    "bool",
    "允许低于已预占的数量",
    "Let less be there than is promised",
    help={
        "zh": "仅在实物确实不足时使用，会记入操作日志",
        "en": "Only where goods are really missing; the log says so",
    },
)


def _receive(services: Services, record: Record | None, data: Mapping[str, Any], origin: Origin) -> Text:
    sku, pool = _place(services, record, data)
    wanted = Move(sku, "receive", int(data["quantity"]), pool, data.get("reason") or "")
    return _told(stocking.move(services, wanted, origin))


def _adjust(services: Services, record: Record | None, data: Mapping[str, Any], origin: Origin) -> Text:
    return _told(_moved(services, record, data, origin, "adjust", int(data["change"])))


def _count(services: Services, record: Record | None, data: Mapping[str, Any], origin: Origin) -> Text:
    return _told(_moved(services, record, data, origin, "count", int(data["counted"])))


def _limits(services: Services, record: Record | None, data: Mapping[str, Any], origin: Origin) -> Text:
    sku, pool = _place(services, record, data)
    names = ("safety", "backorder_limit")
    limits = {name: int(data[name]) for name in names if data.get(name) is not None}
    stocking.set_limits(services, sku, pool, limits, origin)
    return Text("已保存", "Saved")


def _moved(
    services: Services,
    record: Record | None,
    data: Mapping[str, Any],
    origin: Origin,
    kind: MovementKind,
    quantity: int,
) -> Moved:
    sku, pool = _place(services, record, data)
    wanted = Move(sku, kind, quantity, pool, data["reason"], force=bool(data.get("force")))
    return stocking.move(services, wanted, origin)


def _place(services: Services, record: Record | None, data: Mapping[str, Any]) -> tuple[str, str]:
    """Return SKU and pool: those of the level it is done on, else those that were named."""
    if record is not None:
        return record.data["sku"], record.data["pool"]
    code = str(data["sku"]).strip()
    with services.db.read() as conn:
        known = catalogue.resolve(conn, [("", code)])
    if not known:
        zh, en = f"没有商品编码“{code}”，请先新建商品", f"there is no SKU “{code}”; make the product first"
        raise Refused([problem("sku", "unknown_sku", zh, en)])
    return known["", code], data.get("pool") or MAIN


def _told(done: Moved) -> Text:
    level = done.level
    return Text(
        f"现有{level.on_hand}，预占{level.reserved}，可售{level.available}",
        f"On hand {level.on_hand}, reserved {level.reserved}, available {level.available}",
    )


def _whole(zh: str, en: str, least: int) -> Mapping[str, Any]:
    return titled("integer", zh, en, required=True, least=least, most=MOST)


_RECEIVED: Final = {
    "quantity": _whole("入库数量", "Pieces received", 1),
    "reason": titled("text", "单号或备注", "Document or note", most=500),
}
MOVE_STOCK: Final = (
    Operation("receive", Text("入库", "Receive"), {"sku": _SKU, "pool": _POOL, **_RECEIVED}, _receive, on="list"),
    Operation("receive", Text("入库", "Receive"), _RECEIVED, _receive),
    Operation(
        "adjust",
        Text("调整", "Adjust"),
        {"change": _whole("增减数量", "Pieces more or less", -MOST), "reason": _REASON, "force": _FORCE},
        _adjust,
    ),
    Operation(
        "count",
        Text("盘点", "Count"),
        {"counted": _whole("实际数量", "Pieces found", 0), "reason": _REASON, "force": _FORCE},
        _count,
    ),
    Operation(
        "limits",
        Text("安全库存", "Limits"),
        {
            "safety": titled("integer", "安全库存", "Safety stock", least=0, most=MOST),
            "backorder_limit": titled("integer", "缺货预订上限", "Backorder limit", least=0, most=MOST),
        },
        _limits,
    ),
)
