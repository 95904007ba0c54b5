"""Keeping the indexes of searchable fields in step with the live forms."""

from ordain.engines.form.staff import StaffForm
from ordain.flows.extending import order_form
from ordain.flows.recording import forms
from ordain.flows.services import Services
from ordain.store import field_indexes
from ordain.store.field_indexes import Indexed
from ordain.store.shelves import shelf_of
from ordain.store.tables.orders import OrderRow

TOPIC = "fields.index"


def keep(services: Services) -> tuple[list[str], list[str]]:
    """Index what the live forms call searchable and nothing else; return the indexes made and dropped."""
    with services.db.read() as conn:
        live = services.live.at(conn)
        orders, others = order_form(live), forms(live)
    wanted = [Indexed(name, kind, "orders", OrderRow.__table__.c.extra) for name, kind in searchable(orders).items()]
    for form in others:
        shelf = shelf_of(form)
        before = [shelf.type[0].name] if shelf.type is not None else []
        wanted += [
            Indexed(name, kind, shelf.table.name, shelf.extra, before, [shelf.id.name])
            for name, kind in searchable(form).items()
            if name not in shelf.columns
        ]
    return field_indexes.keep(services.db, list({_place(one): one for one in wanted}.values()))


def searchable(form: StaffForm | None) -> dict[str, str]:
    """Return the fields of a form's own that can be searched and sorted by, with their kinds."""
    if form is None:
        return {}
    own = form.own if form.built_in else frozenset(form.fields)
    return {name: form.fields[name]["type"] for name in form.searched if name in own}


def _place(one: Indexed) -> tuple[str, str, str]:
    return one.table, one.name, one.kind
