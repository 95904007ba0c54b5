"""The words of the sandbox's own pages, in both languages."""

from collections.abc import Mapping
from typing import Final

from flask import Request


def language_of(request: Request) -> str:
    """Return the language a reader asks for: by `?lang=`, by cookie, else by the browser."""
    asked = request.args.get("lang") or request.cookies.get("language") or ""
    if asked in WORDS:
        return asked
    return request.accept_languages.best_match(["zh", "en", "zh-CN"], "zh")[:2]


WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "sandbox": "沙箱", "inbox": "收件箱", "platforms": "平台", "directory": "人事目录", "all": "全部", "sms": "短信", "mail": "邮件",
        "nothing": "还没有消息", "nothing_help": "系统发出的短信和邮件会出现在这里，页面每5秒更新", "behaves": "网关行为", "set": "设置",
        "fine": "正常", "slow": "慢（8秒）", "refuse": "拒绝", "outage": "中断", "signature": "验签失败", "clear": "清空", "own": "自定义", "shelf": "渠道库存", "shelf_what": "平台按自己的计数销售：收到的库存数、此后卖出的数量和剩余。剩余为负即超卖。", "told": "收到", "sold": "此后卖出", "left_over": "剩余",
        "what": "这里是开发环境的收件箱：短信经阿里云形式的接口，邮件经SMTP，都真实收发，但不会离开这台机器。",
        "only": "只看", "everybody": "查看全部收件人", "rates": "每分钟订单", "faults": "故障", "none": "无",
        "plays": "扮演外部平台，全部走真实的HTTP接口；控制接口在/control。", "platform": "平台",
        "people": "员工", "state": "状态", "active": "在职", "left": "已离职", "switch_off": "离职", "switch_on": "复职", "department": "部门", "job": "岗位",
        "hr_what": "这里扮演人事系统：改变在职状态会立即通过SCIM 2.0推送给本系统，本系统也会定时来拉取。", "push": "推送", "pushed": "已送达",
        "push_failed": "未送达", "push_none": "尚未推送", "push_off": "未设置推送令牌", "empty_feed": "返回空名单", "whole_feed": "恢复名单", "feed": "名单",
        "shop": "商城", "shop_name": "禾屿商城", "shop_what": "这里扮演自有网站：下单即预占库存，到期未付款自动关闭；每件商品旁是嵌入的库存组件。", "stock_of": "库存", "bought": "已下的订单", "refused": "没有买成",
        "quantity": "数量", "name": "收货人", "phone": "手机号", "street": "详细地址", "order": "提交订单", "pay": "付款", "cancel": "取消订单", "pay_within": "请在", "minutes": "分钟内付款",
        "unreached": "系统暂时没有回应，请稍后再试", "told_by": "通知会发到", "order_unpaid": "待付款", "order_paid": "已付款", "order_picking": "配货中", "order_shipped": "已发货", "order_delivered": "已签收", "order_completed": "已完成", "order_cancelled": "已关闭",
    },
    "en": {
        "shop": "Shop", "shop_name": "Heyu shop", "shop_what": "This plays the retailer's own site: an order holds its stock until it is paid for; beside each thing stands the embedded stock widget.", "stock_of": "Stock of", "bought": "Orders placed", "refused": "Not bought",
        "quantity": "Quantity", "name": "Name", "phone": "Phone", "street": "Street", "order": "Place the order", "pay": "Pay", "cancel": "Cancel the order", "pay_within": "Pay within", "minutes": "minutes",
        "unreached": "The system does not answer; try again in a moment", "told_by": "Messages go to the", "order_unpaid": "Waiting for payment", "order_paid": "Paid", "order_picking": "Being picked", "order_shipped": "Shipped", "order_delivered": "Delivered", "order_completed": "Done", "order_cancelled": "Closed",
        "sandbox": "Sandbox", "inbox": "Inbox", "platforms": "Platforms", "directory": "HR directory", "all": "All", "sms": "SMS", "mail": "Mail",
        "nothing": "No message yet", "nothing_help": "SMS and mail the product sends appear here; the page looks every 5 seconds", "behaves": "How the gateway behaves",
        "set": "Set", "fine": "Normal", "slow": "Slow (8 s)", "refuse": "Refuses", "outage": "Outage", "signature": "Signature refused", "clear": "Clear",
        "own": "Other", "shelf": "Channel stock", "shelf_what": "Platforms sell against counters of their own: what they were told, what they sold since, what is left. Below nothing is oversold.", "told": "Told", "sold": "Sold since", "left_over": "Left", "what": "The inbox of development: SMS through an Aliyun-shaped interface, mail through SMTP. Both are really sent, and never leave this machine.",
        "only": "Only", "everybody": "Show everybody's", "rates": "Orders a minute", "faults": "Faults", "none": "none",
        "plays": "Plays the platforms outside over real HTTP; controls are below /control.", "platform": "Platform",
        "people": "People", "state": "State", "active": "Works here", "left": "Left", "switch_off": "Leaves", "switch_on": "Returns", "department": "Department", "job": "Job",
        "hr_what": "This plays the HR system: a change is pushed to the product at once by SCIM 2.0, and the product asks for the list now and then.", "push": "Push",
        "pushed": "taken", "push_failed": "not taken", "push_none": "nothing pushed yet", "push_off": "no push token set", "empty_feed": "Answer with an empty list", "whole_feed": "Answer with everybody", "feed": "List",
    },
}  # fmt: skip
