"""The list of orders, written out: built-in columns, contacts as the role sees them, fields of the business's own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.clock import from_rfc3339
from ordain.base.errors import Problem
from ordain.base.money import to_unit
from ordain.base.regions import REGIONS
from ordain.base.text import Language, Text
from ordain.engines.form.staff import StaffForm
from ordain.flows import extending, recording
from ordain.flows.listing.listed import Cell, Column, dumped, field_value
from ordain.flows.services import Services
from ordain.records.access import Access
from ordain.records.words import LANE_WORDS, STATE_WORDS
from ordain.store.definitions import Live
from ordain.store.fields import FieldFilter
from ordain.store.orders import find, private
from ordain.store.orders.find import OWN, OrderQuery, OrderSummary

# Each column with what a role must not have hidden, the kind of what it holds, and how it is read off a row.
_PLAIN: Final[Mapping[str, tuple[Text, str, str]]] = {
    "number": (Text("订单号", "Order no."), "text", "number"),
    "external_id": (Text("外部单号", "External no."), "text", "external_id"),
    "channel": (Text("渠道", "Channel"), "text", "channel"),
    "shop": (Text("店铺", "Shop"), "text", "shop"),
    "state": (Text("状态", "State"), "text", "state"),
    "held": (Text("已挂起", "Held"), "bool", "held"),
    "problems": (Text("问题", "Problems"), "text", "problems"),
    "buyer": (Text("买家", "Buyer"), "text", "buyer.name"),
    "buyer.phone": (Text("电话", "Phone"), "text", "buyer.phone"),
    "buyer.email": (Text("邮箱", "E-mail"), "text", "buyer.email"),
    "province": (Text("省", "Province"), "text", "buyer.address.province"),
    "city": (Text("市", "City"), "text", "buyer.address.city"),
    "buyer.address.street": (Text("详细地址", "Street"), "text", "buyer.address.street"),
    "goods": (Text("商品", "Goods"), "text", "lines"),
    "lines": (Text("商品明细", "Lines"), "text", "lines"),
    "quantity": (Text("件数", "Pieces"), "integer", "lines"),
    "total": (Text("应付", "Total"), "money", "total"),
    "paid": (Text("已付", "Paid"), "money", "total"),
    "currency": (Text("币种", "Currency"), "text", "total"),
    "lane": (Text("队列通道", "Lane"), "text", "lane"),
    "region": (Text("区域", "Region"), "text", "region"),
    "placed_at": (Text("下单时间", "Placed"), "datetime", "placed_at"),
    "paid_at": (Text("付款时间", "Paid at"), "datetime", "paid_at"),
    "shipped_at": (Text("发货时间", "Shipped at"), "datetime", "shipped_at"),
    "received_at": (Text("入库时间", "In the hub"), "datetime", "received_at"),
}
_TIMES: Final = frozenset({"placed_from", "placed_to"})


class OrderList:
    """Orders as one reader sees them."""

    subject = "order"
    title = Text("订单", "Orders")
    right = "order"

    def __init__(self, services: Services, access: Access, form: StaffForm | None, live: Live) -> None:
        self.access = access
        self.form = form
        self._services = services
        self._channels = {one.key: Text.of(one.document.get("title") or one.key) for one in live.all("channel")}

    def columns(self) -> Mapping[str, Column]:
        """Return all columns the reader may write out, in their order."""
        found = {
            key: Column(key, title, kind) for key, (title, kind, name) in _PLAIN.items() if self.access.shows(name)
        }
        own = self.form.fields if self.form else {}
        for name, field in own.items():
            if recording.mode(self.form, self.access, name) != "hidden":  # type: ignore[arg-type] # there are fields
                found[OWN + name] = Column(OWN + name, Text.of(field["title"]), field["type"])
        return found

    def page(
        self, conn: sa.Connection, query: OrderQuery, limit: int, cursor: str | None
    ) -> tuple[list[OrderSummary], str | None]:
        """Return the next orders of a query and where to go on."""
        return find.page(conn, self._services.vault, self.access, query, limit=limit, cursor=cursor)

    def count(self, conn: sa.Connection, query: OrderQuery) -> int:
        """Return how many orders match."""
        return find.count(conn, self._services.vault, self.access, query)

    def sums(self, conn: sa.Connection, query: OrderQuery) -> dict[str, int]:
        """Return what they come to, by currency."""
        return find.sums(conn, self._services.vault, self.access, query)

    def values(
        self, conn: sa.Connection, items: Sequence[OrderSummary], columns: Sequence[str], language: Language
    ) -> list[list[Cell]]:
        """Return the orders written out, one value a column."""
        ids = [item.id for item in items]
        asked = [name for name in columns if name in private.CONTACTS]
        known = private.contacts(conn, self._services.vault, self.access, ids, asked) if asked else {}
        lines = private.lines(conn, ids) if "lines" in columns else {}
        made = []
        for item in items:
            more: dict[str, Cell] = {**known.get(item.id, {})}
            more["lines"] = "; ".join(f"{sku}×{quantity}" for sku, quantity in lines.get(item.id, ()))
            own = extending.shown(self._services, self.form, item.id, item.extra, self.access.within(item.state))
            made.append([self._cell(item, name, more, own, language) for name in columns])
        return made

    def name(self, item: OrderSummary) -> str:
        """Return an order's number."""
        return item.number

    def only(self, query: OrderQuery, ids: Sequence[str]) -> OrderQuery:
        """Return the query of these orders alone."""
        return OrderQuery(ids=list(ids), sort=query.sort, fields=query.fields)

    def is_narrowed(self, query: OrderQuery) -> bool:
        """Tell whether a query restricts anything at all."""
        return replace(query, sort="", fields={}) != OrderQuery(sort="")

    def dumped(self, query: OrderQuery) -> dict[str, Any]:
        """Return a query as JSON."""
        return dumped(query, OrderQuery())

    def loaded(self, stored: Mapping[str, Any]) -> OrderQuery:
        """Return a query from JSON."""
        known = {one.name for one in fields(OrderQuery)}
        values = {name: value for name, value in stored.items() if name in known}
        values |= {name: from_rfc3339(str(values[name])) for name in _TIMES & set(values)}
        return replace(OrderQuery(**values), own=tuple(FieldFilter(**one) for one in values.get("own", ())))

    def _cell(
        self, item: OrderSummary, name: str, more: Mapping[str, Cell], own: Mapping[str, Any], language: Language
    ) -> Cell:
        if name.startswith(OWN) and self.form is not None:
            field = name.removeprefix(OWN)
            return field_value(self.form.fields.get(field, {}), own.get(field), language, item.currency)
        if name in _READ:
            return _READ[name](item, language)
        if name == "channel":
            return self._channels.get(item.channel, Text(item.channel, item.channel)).get(language)
        if name in more:
            return more[name]
        found = getattr(item, name, None)
        return found if isinstance(found, str | int | bool | datetime) else None


def _amount(amount: int | None, currency: str) -> Cell:
    return None if amount is None else to_unit(amount, currency)


def _goods(item: OrderSummary, language: Language) -> str:
    if item.line_count < 2:
        return item.title
    more = item.line_count
    return Text(f"{item.title}等{more}件", f"{item.title} and {more - 1} more").get(language)


_READ: Final[Mapping[str, Callable[[OrderSummary, Language], Cell]]] = {
    "state": lambda item, language: STATE_WORDS.get(item.state, STATE_WORDS[None]).get(language),
    "lane": lambda item, language: LANE_WORDS.get(item.lane, Text(item.lane, item.lane)).get(language),
    "region": lambda item, language: REGIONS.get(item.region, Text(item.region, item.region)).get(language),
    "buyer": lambda item, _: item.buyer_name,
    "goods": _goods,
    "total": lambda item, _: _amount(item.total, item.currency),
    "paid": lambda item, _: _amount(item.paid, item.currency),
    "problems": lambda item, language: "; ".join(Problem.of(one).message.get(language) for one in item.problems),
}
