"""An order as a sheet of paper: to whom, what, how much; covered fields stay covered."""

from ordain.engines.form.staff import StaffForm
from ordain.flows import extending
from ordain.records.access import Access
from ordain.store.orders.show import OrderView
from ordain.web.here import services
from ordain.web.pages.order import facts
from ordain.web.pages.record.context import Block, Entry, Table
from ordain.web.pages.record.paper import Paper, foot
from ordain.web.pages.texts import _
from ordain.web.pages.words import order_state
from ordain.web.show import Show


def order_paper(view: OrderView, form: StaffForm | None, show: Show, access: Access) -> Paper:
    """Return the paper of an order as the reader may see it."""
    order = view.order
    access = access.within(order.state)
    sums = access.mode("total") == "read"
    shown = extending.shown(services(), form, order.id, order.extra, access)
    own = facts.own_fields(shown, extending.narrowed(form, access) if form else None, show)
    blocks = [
        Block("buyer", _("Buyer and delivery"), facts.buyer(view, show, may_reveal=False), ()),
        Block("goods", "", (), [_goods(view, show, amounts=sums)]),
        Block("numbers", _("Numbers and times"), facts.related(view, show), ()),
        *([Block("own", _("More fields"), own, ())] if own else []),
    ]
    amounts = [(it.title, it.value, it.total) for it in facts.amounts(order, show)] if sums else ()
    state = order_state(order.state, held=order.held)
    return Paper(order.number, _("Order"), state, blocks, foot(show), amounts)


def _goods(view: OrderView, show: Show, *, amounts: bool) -> Table:
    heads = [(_("SKU"), ""), (_("Title on the platform"), ""), (_("Qty"), "num")]
    heads += [(_("Price"), "num"), (_("Amount"), "num")] if amounts else []
    rows = [
        [Entry(line.sku or "—"), Entry(line.title or "—"), Entry(line.quantity, "num")]
        + ([Entry(line.price, "num"), Entry(line.amount, "num")] if amounts else [])
        for line in facts.lines(view.order, show, amounts=amounts)
    ]
    return Table(_("Goods"), heads, rows)
