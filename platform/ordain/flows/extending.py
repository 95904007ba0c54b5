"""The business's own fields of an order: the form "order" describes them, staff write them, channels leave them be."""

from collections.abc import Mapping
from typing import Any

from ordain.base.errors import Refused
from ordain.base.ids import new_id
from ordain.engines.form.staff import StaffForm, compile_staff_form
from ordain.flows import protecting
from ordain.flows.recording import DOTS, mode, reads
from ordain.flows.services import Services
from ordain.language.schema import check_document
from ordain.records.access import Access
from ordain.records.actor import Origin, name_of
from ordain.records.order import Order
from ordain.store import audit
from ordain.store.definitions import Live, Version
from ordain.store.orders import keep
from ordain.store.vault import Unopened

FORM = "order"


def order_form(live: Live) -> StaffForm | None:
    """Return the form of an order's own fields; None where there are none."""
    version = live.get("form", FORM)
    if version is None or not version.document["spec"].get("fields"):
        return None
    return live.compiled("form", FORM, _compile)


def shown(
    services: Services, form: StaffForm | None, order_id: str, extra: Mapping[str, Any], access: Access
) -> dict[str, Any]:
    """Return an order's own fields as the reader may see them: hidden ones left out, masked ones as dots.

    `access` is that within the order's state.
    """
    modes = {name: mode(form, access, name) if form else access.mode(name) for name in extra}
    seen = {name: value for name, value in extra.items() if modes[name] == "read"}
    open_now = protecting.opened(services.vault, form, order_id, seen) if form else seen
    return {
        name: open_now[name] if name in seen else value if value in (None, "") else DOTS
        for name, value in extra.items()
        if modes[name] != "hidden"
    }


def values(services: Services, form: StaffForm, order: Order) -> dict[str, Any]:
    """Return those own fields of an order that have a value, opened: for who may write them."""
    given = {name: order.extra[name] for name in form.fields if order.extra.get(name) is not None}
    return protecting.opened(services.vault, form, order.id, given)


def readable(form: StaffForm | None, access: Access) -> dict[str, Mapping[str, Any]]:
    """Return the own fields the reader may list, filter and export, as the form describes them."""
    if form is None:
        return {}
    return {name: field for name, field in form.fields.items() if reads(form, access, name)}


def narrowed(form: StaffForm, access: Access, *, writing: bool = False) -> StaffForm:
    """Return the form of those own fields the reader reads, or writes: that leaves all others as they are."""
    seen = readable(form, access)
    if writing:
        seen = {name: field for name, field in seen.items() if access.writes(name)}
    if len(seen) == len(form.fields):
        return form
    spec = {"record": FORM, "fields": seen}
    title = form.title.as_json()
    return compile_staff_form({"key": FORM, "title": title, "spec": spec})


def write_fields(
    services: Services, form: StaffForm, order: Order, posted: Mapping[str, Any], origin: Origin
) -> list[str]:
    """Write an order's own fields and return which changed; Refused with every problem.

    Fields that channels fill and no form names stay as they are.
    """
    found = check_document(form.schema, posted)
    if found:
        raise Refused(found)
    before = values(services, form, order)
    changed = sorted(name for name in form.fields if _differs(before.get(name), posted.get(name)))
    if not changed:
        return []
    now = services.now()
    with services.db.write() as conn:
        written = {name: posted.get(name) for name in changed}
        extra = {**keep.own_fields(conn, order.id), **protecting.sealed(services.vault, form, order.id, written)}
        keep.put_own_fields(conn, order.id, {name: value for name, value in extra.items() if value is not None}, now)
        event = {"id": new_id(), "order_id": order.id, "at": now, "type": "order.edited", "message_id": None}
        told = {"fields": changed, "by": name_of(origin.actor)}
        keep.insert_story(conn, [], [event | {"decision_id": None, "data": told}])
        audit.record(conn, origin, now, "order.edit", f"order:{order.id}", None, {"fields": changed})
    return changed


def _differs(before: Any, posted: Any) -> bool:
    """Tell whether a field was changed; what does not open stays where nobody wrote another value."""
    if isinstance(before, Unopened) and posted in (None, "", Unopened.TEXT):
        return False
    return bool(before != posted)


def _compile(version: Version) -> StaffForm:
    spec = {"record": FORM, "fields": version.document["spec"]["fields"]}
    return compile_staff_form({"key": FORM, "title": version.document["title"], "spec": spec})
