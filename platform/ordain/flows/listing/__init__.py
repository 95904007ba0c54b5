"""Lists as long work sees them: one way to page, count, sum, name and write out the rows of orders and of records.

`opened` gives the list of a subject ("order", or the key of a form) as one reader sees it. Exports and bulk actions
are written against `Listed` alone; a new kind of list is a module here and a line in `opened`.
"""

import sqlalchemy as sa

from ordain.flows.extending import order_form
from ordain.flows.listing.listed import Column, Listed
from ordain.flows.listing.orders import OrderList
from ordain.flows.listing.records import RecordList
from ordain.flows.recording import form_of
from ordain.flows.services import Services
from ordain.records.actor import Actor
from ordain.store.access import access

ORDER = "order"


def opened(services: Services, conn: sa.Connection, subject: str, reader: Actor) -> Listed | None:
    """Return a list as a reader sees it; None where there is none of that name."""
    live = services.live.at(conn)
    if subject == ORDER:
        return OrderList(services, access(live, reader, ORDER), order_form(live), live)
    form = form_of(live, subject)
    return RecordList(services, access(live, reader, form.right), form) if form is not None else None


__all__ = ["ORDER", "Column", "Listed", "OrderList", "RecordList", "opened"]
