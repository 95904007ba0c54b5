"""Where the records of each type stand: one description of tables and columns, read by every list, page and filter."""

from collections.abc import Mapping
from typing import Final

from ordain.engines.form.staff import StaffForm
from ordain.store.shelves.own import own_shelf
from ordain.store.shelves.product import PRODUCTS
from ordain.store.shelves.return_request import RETURN_REQUESTS
from ordain.store.shelves.shelf import Lines, Shelf
from ordain.store.shelves.shipment import SHIPMENTS
from ordain.store.shelves.stock import MOVEMENTS, STOCK

SHELVES: Final[Mapping[str, Shelf]] = {
    shelf.record: shelf for shelf in (PRODUCTS, SHIPMENTS, RETURN_REQUESTS, STOCK, MOVEMENTS)
}


def shelf_of(form: StaffForm) -> Shelf:
    """Return where the records of a form stand."""
    return SHELVES[form.record] if form.built_in else own_shelf(form.key)


__all__ = ["SHELVES", "Lines", "Shelf", "shelf_of"]
