"""Transforms and target fields in words: what a step's chip says, which settings it has, what a field is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ordain.base import json
from ordain.base.text import Text


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a transform; `options` where it is a choice, `lookup` where it names a lookup table."""

    name: str
    title: Text
    options: tuple[tuple[str, Text], ...] = ()
    lookup: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """A transform's name for people, its settings, and what it is set to when it is added."""

    title: Text
    settings: tuple[Setting, ...] = ()
    first: Any = None


_HOW: Final = Setting(
    "how",
    Text("写法", "Written as"),
    (
        ("iso", Text("ISO 8601", "ISO 8601")), ("epoch_s", Text("时间戳（秒）", "epoch seconds")),
        ("epoch_ms", Text("时间戳（毫秒）", "epoch milliseconds")), ("format", Text("自定格式", "a format")),
    ),
)  # fmt: skip
_PLACES: Final = (
    ("province", Text("省", "province")), ("city", Text("市", "city")), ("district", Text("区", "district")),
    ("street", Text("详细地址", "street")),
)  # fmt: skip
_MONEY: Final = (("unit", Text("元 → 分", "units → minor")), ("minor", Text("已是分", "minor units")))
_STANDARD: Final = {"format": "%Y-%m-%d %H:%M:%S", "zone": "Asia/Shanghai"}
_ONE: Final = ""  # the setting stands alone

WORDINGS: Final[Mapping[str, Wording]] = {
    "text": Wording(Text("转文本", "to text")),
    "trim": Wording(Text("去空格", "trim")),
    "upper": Wording(Text("大写", "upper case")),
    "lower": Wording(Text("小写", "lower case")),
    "phone": Wording(Text("手机号", "phone")),
    "integer": Wording(Text("整数", "whole number")),
    "decimal": Wording(Text("小数", "decimal")),
    "boolean": Wording(Text("是或否", "yes or no")),
    "abs": Wording(Text("取正", "without sign")),
    "first": Wording(Text("取第一个", "first of a list")),
    "money": Wording(Text("金额", "amount"), (Setting(_ONE, Text("单位", "Unit"), _MONEY),), "unit"),
    "time": Wording(
        Text("时间", "time"),
        (_HOW, Setting("format", Text("格式", "Format")), Setting("zone", Text("时区", "Time zone"))),
        _STANDARD,
    ),
    "lookup": Wording(Text("对照表", "lookup"), (Setting(_ONE, Text("对照表", "Lookup table"), lookup=True),), ""),
    "split": Wording(
        Text("拆分", "split"),
        (Setting("by", Text("分隔符", "Separator")), Setting("part", Text("第几段，从0起", "Part, from 0"))),
        {"by": "-", "part": 0},
    ),
    "join": Wording(Text("合并", "join"), (Setting(_ONE, Text("连接符", "Between them")),), ""),
    "replace": Wording(
        Text("替换", "replace"),
        (Setting("find", Text("查找", "Find")), Setting("with", Text("换成", "Replace with"))),
        {"find": "-", "with": ""},
    ),
    "address": Wording(Text("拆地址", "part of address"), (Setting(_ONE, Text("取", "Take"), _PLACES),), "province"),
    "json": Wording(Text("解析JSON", "parse JSON")),
    "default": Wording(Text("默认", "default"), (Setting(_ONE, Text("默认值", "Value")),), ""),
}
TITLES: Final[Mapping[str, Text]] = {
    "external_id": Text("外部单号", "External no."), "state": Text("状态", "State"),
    "placed_at": Text("下单时间", "Placed at"), "paid_at": Text("付款时间", "Paid at"),
    "shipped_at": Text("发货时间", "Shipped at"), "modified_at": Text("修改时间", "Modified at"),
    "currency": Text("币种", "Currency"), "goods": Text("商品金额", "Goods"),
    "seller_discount": Text("商家优惠", "Seller's discount"),
    "platform_discount": Text("平台优惠", "Platform's discount"),
    "freight": Text("运费", "Freight"), "tax": Text("税费", "Tax"), "total": Text("应付", "Total"),
    "paid": Text("实付", "Paid"), "refunded": Text("已退款", "Refunded"),
    "buyer.name": Text("买家姓名", "Buyer's name"),
    "buyer.phone": Text("买家电话", "Buyer's phone"), "buyer.email": Text("买家邮箱", "Buyer's e-mail"),
    "buyer.level": Text("买家等级", "Buyer's level"), "buyer.address.province": Text("省", "Province"),
    "buyer.address.city": Text("市", "City"), "buyer.address.district": Text("区县", "District"),
    "buyer.address.street": Text("详细地址", "Street"), "region": Text("区域", "Region"),
    "priority": Text("优先级", "Priority"), "sku": Text("商品编码", "SKU"), "title": Text("商品名称", "Title"),
    "quantity": Text("数量", "Quantity"), "unit_price": Text("单价", "Unit price"), "amount": Text("金额", "Amount"),
    "shipped_quantity": Text("已发数量", "Shipped quantity"), "refund_state": Text("退款状态", "Refund state"),
    "order": Text("原订单", "Order"), "reason": Text("原因", "Reason"), "return_type": Text("退货类型", "Return type"),
    "requested_at": Text("申请时间", "Requested at"),
}  # fmt: skip


def name_of(step: Any) -> str:
    """Return which transform a step is, "" where it is none."""
    if isinstance(step, Mapping):
        return str(next(iter(step), ""))
    return step if isinstance(step, str) else ""


def settings_of(step: Any) -> dict[str, str]:
    """Return the settings of a step as they are typed, by name."""
    name, setting = name_of(step), next(iter(step.values()), None) if isinstance(step, Mapping) else None
    if name == "time":
        own = {"how": "format", **_typed(setting)} if isinstance(setting, Mapping) else {"how": str(setting)}
        return {"format": "", "zone": "", **own}
    if isinstance(setting, Mapping):
        return _typed(setting)
    return {_ONE: _shown(setting)} if name in WORDINGS and WORDINGS[name].settings else {}


def step_of(name: str, typed: Mapping[str, str]) -> Any:
    """Return the step that a transform's name and its settings, as typed, make."""
    known = WORDINGS.get(name)
    if known is None or not known.settings:
        return name
    if name == "time":
        how = typed.get("how", "iso")
        made = {key: typed[key] for key in ("format", "zone") if typed.get(key)}
        return {"time": ({"format": _STANDARD["format"], **made} if how == "format" else how)}
    if name == "default":
        return {"default": _value(typed.get(_ONE, ""))}
    if name == "split":
        part = typed.get("part", "0")
        return {"split": {"by": typed.get("by", ""), "part": int(part) if part.lstrip("-").isdecimal() else part}}
    if len(known.settings) == 1:
        return {name: typed.get(_ONE, "")}
    return {name: {setting.name: typed.get(setting.name, "") for setting in known.settings}}


def first_step(name: str) -> Any:
    """Return a transform as it is when it is added."""
    known = WORDINGS[name]
    return name if known.first is None else {name: known.first}


def said(step: Any) -> Text:
    """Return what a step's chip says: the transform, and the setting that tells it from others of its kind."""
    known = WORDINGS.get(name_of(step))
    if known is None:
        return Text(str(step)[:40], str(step)[:40])
    typed = settings_of(step)
    options = {value: words for setting in known.settings for value, words in setting.options}
    match name_of(step):
        case "money":
            return options.get(typed.get(_ONE, ""), known.title)
        case "time":
            if typed["how"].startswith("epoch"):
                return options.get(typed["how"], known.title)
            zone = typed["zone"].rpartition("/")[2].replace("_", " ")
            extra = Text(zone, zone) if typed["how"] == "format" else Text("ISO", "ISO")
        case "address":
            extra = options.get(typed.get(_ONE, ""), Text("", ""))
        case "split":
            parts = f"{typed.get('by', '')} {typed.get('part', '')}"
            extra = Text(parts, parts)
        case "replace":
            extra = Text(typed.get("find", ""), typed.get("find", ""))
        case _:
            extra = Text(typed.get(_ONE, ""), typed.get(_ONE, ""))
    return Text(f"{known.title.zh} {extra.zh}".strip(), f"{known.title.en} {extra.en}".strip())


def title_of(name: str) -> Text:
    """Return what a target field is called; its own name where there is no word."""
    return TITLES.get(name) or Text(name, name)


def _typed(setting: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): _shown(value) for key, value in setting.items()}


def _shown(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.canonical(value).decode()


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.BadJson:
        return text
