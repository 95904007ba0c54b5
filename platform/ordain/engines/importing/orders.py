"""The fields of an order that a file of any shop can fill, with the words that exports use for them."""

from collections.abc import Mapping
from typing import Final

from ordain.base.text import Text
from ordain.engines.importing.goals import Goal, Kind
from ordain.records.access import PROTECTED
from ordain.records.order import PRIORITIES, STATES

NUMBER: Final = "number"
_STATES: Final[Mapping[str, tuple[Text, tuple[str, ...]]]] = {
    "unpaid": (Text("待付款", "Unpaid"), ("未付款", "等待买家付款", "pending", "unpaid")),
    "paid": (
        Text("已付款", "Paid"),
        ("待发货", "等待卖家发货", "买家已付款", "买家已付款，等待卖家发货", "processing"),
    ),
    "picking": (Text("配货中", "Picking"), ("拣货中", "备货中")),
    "shipped": (Text("已发货", "Shipped"), ("待收货", "卖家已发货", "卖家已发货，等待买家确认", "运输中")),
    "completed": (Text("已完成", "Completed"), ("交易成功", "已签收", "已收货", "complete")),
    "cancelled": (Text("已取消", "Cancelled"), ("交易关闭", "已关闭", "canceled", "closed")),
}
_PRIORITIES: Final = {"normal": Text("普通", "Normal"), "urgent": Text("加急", "Urgent"), "vip": Text("VIP", "VIP")}
# name, title, kind, words of headers; a star marks what an order cannot do without.
_FIELDS: Final[tuple[tuple[str, str, str, Kind, str], ...]] = (
    ("*external_id", "平台订单号", "Channel's order number", "text",
     ("订单编号 订单号 交易编号 单号 主订单编号 原始单号 小票号 order_id order_no order_number order_sn "
      "orderid tid trade_no")),
    ("*placed_at", "下单时间", "Placed at", "moment",
     ("订单创建时间 创建时间 拍下时间 订单提交时间 下单日期 日期 created_at create_time order_time "
      "date_created placed_at order_date")),
    ("state", "订单状态", "State", "choice", "状态 交易状态 order_status status state"),
    ("paid_at", "付款时间", "Paid at", "moment", "订单付款时间 支付时间 paid_at pay_time payment_time date_paid"),
    ("shipped_at", "发货时间", "Shipped at", "moment", "shipped_at ship_time consign_time"),
    ("currency", "币种", "Currency", "text", "货币 currency"),
    ("freight", "运费", "Freight", "money", "邮费 快递费 买家应付邮费 freight post_fee shipping postage"),
    ("tax", "税", "Tax", "money", "税费 税额 tax total_tax"),
    ("seller_discount", "商家优惠", "Seller's discount", "money", "店铺优惠 优惠金额 优惠 discount seller_discount"),
    ("platform_discount", "平台优惠", "Platform's discount", "money", "平台补贴 platform_discount"),
    ("total", "应付金额", "Total", "money",
     ("实付金额 买家应付货款 买家实际支付金额 订单金额 总金额 实收金额 应付 实付 total payment pay_amount "
      "order_amount payable amount")),
    ("buyer.name", "收货人", "Receiver", "text",
     ("收货人姓名 收件人 收件人姓名 姓名 客户 客户姓名 receiver receiver_name consignee buyer_name name "
      "full_name")),
    ("buyer.phone", "收货人手机", "Receiver's phone", "text",
     ("联系手机 手机 手机号 手机号码 收件人手机 联系电话 电话 联系方式 收货人电话 mobile phone tel "
      "receiver_mobile receiver_phone")),
    ("buyer.email", "邮箱", "E-mail", "text", "电子邮箱 email mail e_mail"),
    ("buyer.address", "收货地址", "Address in full", "address",
     "地址 详细地址 收货人地址 收件地址 收件人地址 address full_address receiver_address"),
    ("buyer.address.province", "省", "Province", "text", "省份 收货省 province receiver_state"),
    ("buyer.address.city", "市", "City", "text", "城市 收货市 city receiver_city"),
    ("buyer.address.district", "区县", "District", "text", "区 区/县 地区 district county receiver_district"),
    ("buyer.address.street", "街道地址", "Street", "text", "街道 门牌 street detail_address"),
    ("priority", "优先级", "Priority", "choice", "加急 priority"),
    ("*lines.sku", "商品编码", "Product code", "text",
     ("商家编码 货号 外部系统编号 规格编码 货品编码 sku编码 sku sku_code outer_sku_id outer_id code "
      "item_code")),
    ("lines.title", "商品名称", "Product title", "text",
     "商品标题 宝贝标题 标题 品名 货品名称 商品 title item_name product_name goods_name product"),
    ("*lines.quantity", "数量", "Quantity", "integer", "购买数量 件数 宝贝总数量 商品数量 quantity qty num count"),
    ("lines.unit_price", "单价", "Unit price", "money", "商品单价 价格 零售价 售价 price unit_price"),
    ("lines.amount", "行金额", "Line's amount", "money", "小计 商品金额 金额 行小计 line_total line_amount subtotal"),
    ("lines.external_id", "子订单号", "Line's number", "text", "子订单编号 行号 明细号 line_id oid item_id"),
)  # fmt: skip


def order_goals() -> list[Goal]:
    """Return the fields of an order, those of its lines last."""
    return [_goal(*row) for row in _FIELDS]


def _goal(marked: str, zh: str, en: str, kind: Kind, words: str) -> Goal:
    name = marked.removeprefix("*")
    options: dict[str, Text] = {}
    also: dict[str, str] = {}
    if name == "state":
        options = {state: _STATES[state][0] for state in STATES}
        also = {word: state for state in STATES for word in _STATES[state][1]}
    elif name == "priority":
        options = {one: _PRIORITIES[one] for one in PRIORITIES}
    return Goal(
        name,
        Text(zh, en),
        kind,
        marked.startswith("*"),
        "lines" if name.startswith("lines.") else "",
        options,
        also,
        (zh, en, *words.split()),
        name in PROTECTED or name == "buyer.address",
    )
