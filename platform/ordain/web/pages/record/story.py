"""What happened to a record, as a thread: each entry of the audit, with *why?* where a decision stands behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ordain.engines.form.staff import StaffForm
from ordain.flows import recording
from ordain.flows.operations import operations_of
from ordain.records.access import Access
from ordain.store.audit import Entry
from ordain.store.orders import story
from ordain.store.orders.story import StoredDecision
from ordain.web.pages.knots import Knot, Why
from ordain.web.pages.reader import given
from ordain.web.pages.record.words import title_of, words_of
from ordain.web.pages.story import Teller
from ordain.web.pages.texts import _
from ordain.web.show import Show


def told(conn: sa.Connection, form: StaffForm, access: Access, record_id: str, show: Show) -> list[Knot]:
    """Return the thread, oldest first."""
    decisions = story.decisions(conn, recording.entity(form, record_id))
    entries = list(reversed(recording.history(conn, form, record_id)))
    return [_knot(form, access, place, entry, decisions, show) for place, entry in enumerate(entries)]


def _knot(
    form: StaffForm, access: Access, place: int, entry: Entry, decisions: Sequence[StoredDecision], show: Show
) -> Knot:
    act = entry.action.rpartition(".")[2]
    after: Mapping[str, Any] = entry.after or {}
    decision = next((one for one in decisions if one.at == entry.at), None)
    who = entry.actor.removeprefix("user:")
    remarks = [who, str(after.get("reason") or after.get("note") or "")]
    return Knot(
        f"entry-{place}",
        "look" if act == "reveal" else "done",
        _title(form, act, after, show),
        " · ".join(part for part in remarks if part),
        show.clock(entry.at),
        show.exact(entry.at),
        _changes(form, access, entry, show),
        _why(decision, access, show) if decision else None,
    )


def _title(form: StaffForm, act: str, after: Mapping[str, Any], show: Show) -> str:
    operation = next((one for one in operations_of(form) if one.key == act), None)
    if operation is not None:
        return show.text(operation.title)
    names = ", ".join(title_of(form, str(name), show) for name in after.get("changed", ()))
    match act:
        case "create":
            return _("Created")
        case "move":
            return _("Moved to %(state)s", state=words_of(form, "state", str(after.get("state", "")), show))
        case "receive":
            return _("Message received")
        case "update":
            return _("Changed by its channel")
        case "reveal":
            return _("Shown in full: %(field)s", field=title_of(form, str(after.get("field", "")), show))
        case "change":
            return _("Changed: %(fields)s", fields=names) if names else _("Saved")
        case other:
            return other


def _changes(form: StaffForm, access: Access, entry: Entry, show: Show) -> list[tuple[str, str, str]]:
    before, after = ((side or {}).get("fields", {}) for side in (entry.before, entry.after))
    return [
        (
            title_of(form, name, show),
            words_of(form, name, before.get(name), show),
            words_of(form, name, after.get(name), show) or "—",
        )
        for name in {**before, **after}
        if recording.mode(form, access, name) == "read"
    ]


def _why(decision: StoredDecision, access: Access, show: Show) -> Why:
    teller = Teller(show, "CNY", access, given("definition").may("read"), {}, {})
    return teller.why(decision, [clause for clause in decision.why if clause.rule != "fields"])
