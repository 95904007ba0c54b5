"""What can be done with many orders at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ordain.base.errors import Refused
from ordain.base.text import Text
from ordain.flows import extending, recording, redriving
from ordain.flows.bulk.action import BulkAction, Outcome
from ordain.flows.listing import OrderList
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.records.actor import Origin
from ordain.records.files import KINDS as FILES
from ordain.store.orders import show
from ordain.store.orders.find import OrderQuery, OrderSummary

_UNSET: Final = frozenset({"list", "long_text", *FILES})


def actions(source: OrderList) -> Sequence[BulkAction]:
    """Return all there are; which of them the reader may do is asked elsewhere."""
    own = {
        name: field
        for name, field in extending.readable(source.form, source.access).items()
        if field["type"] not in _UNSET
    }
    return [_REDRIVE, *([replace(_SET, fields=own)] if own else [])]


def _held(query: OrderQuery) -> OrderQuery:
    return replace(query, held=True) if query.held is not False else replace(query, ids=[])


def _redrive(services: Services, _: Any, item: OrderSummary, __: Mapping[str, Any], origin: Origin) -> Outcome:
    results = redriving.redrive_order(services, item.id, origin)
    problems = [found for result in results for found in result.problems]
    if not results:
        return Outcome("nothing", Text("没有可重新处理的报文", "no message to read again"))
    if problems:
        return Outcome("still_held", Text("仍挂起", "still held"), problems)
    return Outcome("passed", Text("已通过", "passed"))


def _set(services: Services, source: OrderList, item: OrderSummary, data: Mapping[str, Any], origin: Origin) -> Outcome:
    with services.db.read() as conn:
        theirs = show.get(conn, services.vault, source.access, item.id, "edit")
        view = show.get(conn, services.vault, EVERYTHING, item.id) if theirs else None
    if view is None or source.form is None:
        return Outcome("gone", Text("已不存在", "no longer there"))
    able = source.access.within(view.order.state).doing("edit")
    if foreign := [name for name in data if name not in extending.narrowed(source.form, able, writing=True).fields]:
        return Outcome("refused", Text("未修改", "not changed"), [recording.not_writable(name) for name in foreign])
    standing = extending.values(services, source.form, view.order)
    try:
        changed = extending.write_fields(services, source.form, view.order, {**standing, **data}, origin)
    except Refused as refused:
        return Outcome("refused", Text("未修改", "not changed"), refused.problems)
    return Outcome("set", Text("已修改", "changed")) if changed else Outcome("same", Text("无变化", "no change"))


_REDRIVE: Final = BulkAction(
    "redrive",
    Text("重新处理", "Re-drive"),
    "repair",
    "refresh",
    _redrive,
    fits=lambda item: item.held,
    narrow=_held,
    reason=Text("未挂起", "not held"),
)
_SET: Final = BulkAction("set", Text("填写字段", "Set fields"), "edit", "pencil", _set)
