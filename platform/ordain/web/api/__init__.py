"""The HTTP API: JSON in, JSON out, problems as RFC 9457; one module per resource."""

from ordain.web.api.connections import connections
from ordain.web.api.definitions import definitions
from ordain.web.api.files import files
from ordain.web.api.fulfilment import fulfilment
from ordain.web.api.imports import imports
from ordain.web.api.messages import messages
from ordain.web.api.openapi import openapi
from ordain.web.api.orders import orders
from ordain.web.api.people import people
from ordain.web.api.records import records
from ordain.web.api.reservations import reservations
from ordain.web.api.stock import stock

blueprints = (
    orders,
    fulfilment,
    messages,
    definitions,
    connections,
    people,
    records,
    files,
    reservations,
    stock,
    imports,
    openapi,
)
