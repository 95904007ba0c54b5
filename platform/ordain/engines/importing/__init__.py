"""From a file's columns to fields: which column is which, what a cell's text means, what rows make one record.

`goals` name the fields a file can fill, `suggest` finds their columns, a `RowReader` reads rows by a plan and
`assemble` puts rows that belong together into one document. Nothing raises on what a cell holds: it becomes a
problem of that cell.
"""

from ordain.engines.importing.assembling import Piece, assemble, place_of
from ordain.engines.importing.goals import Goal, form_goals
from ordain.engines.importing.order_document import order_document
from ordain.engines.importing.orders import NUMBER, order_goals
from ordain.engines.importing.plan import Column, Plan, RowReader, Trouble
from ordain.engines.importing.suggesting import suggest

__all__ = [
    "NUMBER", "Column", "Goal", "Piece", "Plan", "RowReader", "Trouble", "assemble", "form_goals", "order_document",
    "order_goals",
    "place_of", "suggest",
]  # fmt: skip
