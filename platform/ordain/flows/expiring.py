"""The sweep of holds whose time is up. The schedule triggers it; whoever is short of stock does not wait for it."""

from typing import Final

import sqlalchemy as sa

from ordain.flows import lapsing
from ordain.flows.booking import Book
from ordain.flows.services import Services
from ordain.store.stock import reservations

BATCH: Final = 500


def sweep(services: Services) -> int:
    """Free the stock of all holds whose time is up, batch by batch; return how many ended."""
    total = 0
    while True:
        ended = services.db.transact(lambda conn: _sweep(services, conn))
        total += ended
        if ended < BATCH:
            return total


def _sweep(services: Services, conn: sa.Connection) -> int:
    book = Book(conn, services.live.at(conn), services.now())
    due = reservations.lock_expired(conn, book.now, limit=BATCH)
    if not due:
        return 0
    book.open((), due)
    book.expired += [book.end(one, "expired") for one in due]
    book.write()
    lapsing.close(conn, book)
    return len(due)
