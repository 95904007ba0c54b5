"""The built-in record types as forms see them: fields in the language of form definitions, states, what lists show.

A form definition with `extends` adds fields to one of these. How its rows are kept says `store.shelves`, what can be
done with them beyond writing fields `flows.operations`; a new built-in type is one module in each of the three.
"""

from collections.abc import Mapping
from typing import Final

from ordain.records.types.built_in import BuiltIn
from ordain.records.types.order import ORDER
from ordain.records.types.product import PRODUCT
from ordain.records.types.return_request import RETURN_REQUEST
from ordain.records.types.shipment import SHIPMENT
from ordain.records.types.stock import STOCK, STOCK_MOVEMENT

TYPES: Final[Mapping[str, BuiltIn]] = {
    known.record: known for known in (ORDER, PRODUCT, SHIPMENT, RETURN_REQUEST, STOCK, STOCK_MOVEMENT)
}

__all__ = ["TYPES", "BuiltIn"]
