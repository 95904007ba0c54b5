"""What can be done with records of the built-in types beyond writing fields: small forms with a flow behind each.

An operation is a button on a list or on a record, and the right "record.key" of a role. A type's operations are one
module here and a line in `OPERATIONS`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from ordain.engines.form.staff import StaffForm
from ordain.flows.operations.operation import Operation, perform
from ordain.flows.operations.product import STOP_AND_RESUME
from ordain.flows.operations.stock import MOVE_STOCK

OPERATIONS: Final[Mapping[str, Sequence[Operation]]] = {
    "product": STOP_AND_RESUME,
    "stock": MOVE_STOCK,
}


def operations_of(form: StaffForm) -> Sequence[Operation]:
    """Return what can be done with the records of a form."""
    return OPERATIONS.get(form.record, ()) if form.built_in else ()


__all__ = ["OPERATIONS", "Operation", "operations_of", "perform"]
