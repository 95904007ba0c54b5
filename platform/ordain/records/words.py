"""The words of states, lanes and the like that stand in files and pages alike, in both languages."""

from collections.abc import Mapping
from typing import Final

from ordain.base.text import Text

STATE_WORDS: Final[Mapping[str | None, Text]] = {
    "unpaid": Text("待付款", "Unpaid"),
    "paid": Text("已付款", "Paid"),
    "picking": Text("拣货中", "Picking"),
    "shipped": Text("已发货", "Shipped"),
    "completed": Text("已完成", "Completed"),
    "cancelled": Text("已取消", "Cancelled"),
    None: Text("状态未知", "State unknown"),
}
LANE_WORDS: Final[Mapping[str, Text]] = {
    "normal": Text("普通", "Normal"),
    "urgent": Text("加急", "Urgent"),
    "vip": Text("VIP", "VIP"),
}
