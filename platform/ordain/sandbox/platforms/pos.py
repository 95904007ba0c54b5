"""The stores' tills: an export per hour, UTF-8 with a mark or GBK, the last receipts of the hour before again."""

import csv
import io
from datetime import datetime, timedelta
from typing import Final

from flask import Response

from ordain.sandbox.doors import BEIJING, answer, blueprint, faulty, world, yuan
from ordain.sandbox.world import Order

doors = blueprint("pos")
_COLUMNS: Final = [
    "门店编号",
    "门店名称",
    "小票号",
    "行号",
    "交易日期",
    "交易时间",
    "收银员",
    "会员手机",
    "商品条码",
    "商品编码",
    "商品名称",
    "规格",
    "数量",
    "零售价",
    "折扣额",
    "实收金额",
    "现金",
    "微信",
    "支付宝",
    "储值卡",
    "券抵扣",
    "交易类型",
    "原小票号",
    "备注",
]
_SPAN: Final = timedelta(minutes=10)
_KEPT: Final = timedelta(hours=24)
_OVERLAP: Final = timedelta(minutes=2)


def rows(order: Order) -> list[list[str]]:
    """Return the receipt's rows; what was paid stands on the first."""
    local = order.placed.astimezone(BEIJING)
    paid = sum(line.amount for line in order.lines)
    found = []
    for place, line in enumerate(order.lines):
        kind = "内购" if order.flaw == "unknown_status" else "销售"
        found.append([
            "S001", "禾屿·杭州虚拟店", f"S001{local:%Y%m%d}{order.number:06d}", str(place + 1), local.strftime("%Y/%m/%d"),
            local.strftime("%H:%M:%S"), "收银01", order.phone if order.flaw == "malformed_phone" or order.index % 3 == 0 else "",
            "", line.sku, line.title, "", str(line.quantity), yuan(line.price), yuan(line.off + line.subsidy), yuan(line.amount),
            "", yuan(paid) if place == 0 else "", "", "", "", kind, "", "",
        ])  # fmt: skip
    return found


@doors.get("/files")
def files() -> Response:
    """List the exports of the last day."""
    down = answer({"message": "down"}, 503)
    if struck := faulty("pos", lambda: down, lambda: answer({"message": "who are you"}, 401)):
        return struck
    now = world().now()
    last = _floor(now)
    spans = int(_KEPT / _SPAN)
    names = [_name(last - _SPAN * back) for back in range(spans, 0, -1)]
    return answer({"files": [{"name": name} for name in names]})


@doors.get("/files/<name>")
def file(name: str) -> Response:
    """Return one export; every third is GBK."""
    start = datetime.strptime(name, "pos_%Y%m%d_%H%M.csv").replace(tzinfo=BEIJING)
    now = world().now()
    found = world().memory.story("pos").placed_between(start - _OVERLAP, start + _SPAN, now)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    count = 0
    for order in found:
        for row in rows(order):
            writer.writerow(row)
            count += int(row[12])
    writer.writerow(["合计", *[""] * 11, str(count), *[""] * 11])
    gbk = start.minute % 30 == 0
    return Response(text.getvalue().encode("gb18030" if gbk else "utf-8-sig"), content_type="text/csv")


def _floor(moment: datetime) -> datetime:
    local = moment.astimezone(BEIJING)
    return local.replace(minute=local.minute // 10 * 10, second=0, microsecond=0)


def _name(start: datetime) -> str:
    return start.strftime("pos_%Y%m%d_%H%M.csv")
