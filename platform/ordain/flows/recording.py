"""Keeping records of the types that admins make: checked by their live form, versioned, audited."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ordain.base.errors import Problem, Refused, problem
from ordain.base.ids import new_id
from ordain.engines.form.staff import StaffForm, compile_staff_form, judge
from ordain.flows.services import Services
from ordain.language.schema import check_document
from ordain.records.access import Access, Mode
from ordain.records.actor import Origin, name_of
from ordain.store import audit, records
from ordain.store.definitions import Live, Version
from ordain.store.records import Record

_TRIES: Final = 5
DOTS: Final = "••••••"


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Somebody else changed the record since it was read."""

    theirs: Record


def compile_version(version: Version) -> StaffForm:
    """Return the compiled form of a version, for the cache of live definitions."""
    return compile_staff_form(version.document)


def form_of(live: Live, key: str) -> StaffForm | None:
    """Return a live form whose records are kept here; built-in types have tables of their own."""
    version = live.get("form", key)
    if version is None or version.document["spec"].get("extends"):
        return None
    return live.compiled("form", key, compile_version)


def forms(live: Live) -> list[StaffForm]:
    """Return all live forms whose records are kept here."""
    return [found for version in live.all("form") if (found := form_of(live, version.key)) is not None]


def check(form: StaffForm, data: Mapping[str, Any], state: str) -> list[Problem]:
    """Return every problem of a record's fields that counts in its sections."""
    return judge(form, data, state, check_document(form.schema, data))


def create(services: Services, form: StaffForm, data: Mapping[str, Any], origin: Origin) -> Record:
    """Add a record; Refused with every problem."""
    found = check(form, data, form.first)
    if found:
        raise Refused(found)
    for left in reversed(range(_TRIES)):
        try:
            return _create(services, form, data, origin)
        except IntegrityError:  # two took the same number
            if not left:
                raise
    raise AssertionError("unreachable")


def change(
    services: Services, form: StaffForm, standing: Record, data: Mapping[str, Any], origin: Origin, *, to: str = ""
) -> Record | Meanwhile:
    """Write a record's fields, and its next state where one is named.

    Refused with every problem: of the fields, of fields that may not be changed in this state, of a state that
    cannot follow.
    """
    before = opened(services, form, standing)
    state = form.states.get(standing.state)
    found = _barred(form, before, data, standing.state)
    if to and (state is None or to not in state.to):
        found.append(problem("state", "cannot_follow", f"不能转到“{to}”", f"“{to}” cannot follow on this state"))
    found += check(form, data, to or standing.state)
    if found:
        raise Refused(found)
    now = services.now()
    made = replace(
        standing,
        state=to or standing.state,
        data=_sealed(services, form, standing.id, data),
        version=standing.version + 1,
        updated_at=now,
    )
    with services.db.write() as conn:
        if not records.put(conn, made, _words(form, data)):
            theirs = records.get(conn, form.key, standing.id)
            return Meanwhile(theirs or standing)
        shown = sorted(name for name in {*before, *data} if before.get(name) != data.get(name))
        was, now_is = ({"state": standing.state}, {"state": made.state, "changed": shown})
        action = f"{form.record}.{'move' if to else 'change'}"
        audit.record(conn, origin, now, action, f"record:{standing.id}", was, now_is)
    return made


def opened(services: Services, form: StaffForm, record: Record) -> dict[str, Any]:
    """Return a record's fields with the protected ones opened; callers ask the access door first."""
    vault = services.vault
    return {
        name: vault.open(_place(form, name), record.id, value) if name in form.protected and value else value
        for name, value in record.data.items()
    }


def covered(services: Services, form: StaffForm, record: Record, access: Access) -> dict[str, Any]:
    """Return a record's fields as the reader may see them: hidden ones left out, masked ones as dots."""
    modes = {name: _mode(form, access, name) for name in record.data}
    return {
        name: value if modes[name] == "read" or value in (None, "") else DOTS
        for name, value in opened(services, form, record).items()
        if modes[name] != "hidden"
    }


def uncovered(
    services: Services, form: StaffForm, record: Record, access: Access, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a reader gave back, with the true values of all that they were not shown."""
    standing = opened(services, form, record)
    return {**given, **{name: value for name, value in standing.items() if _mode(form, access, name) != "read"}}


def _mode(form: StaffForm, access: Access, name: str) -> Mode:
    """Tell how a field shows: a protected one only to those who edit, or whose role names it."""
    named = any(name in grant.fields for grant in access.grants)
    return "hidden" if name in form.protected and not named and not access.may("edit") else access.mode(name)


def _create(services: Services, form: StaffForm, data: Mapping[str, Any], origin: Origin) -> Record:
    record_id, now = new_id(), services.now()
    with services.db.write() as conn:
        number = records.next_number(conn, form.key)
        made = Record(
            record_id,
            form.key,
            number,
            form.first,
            _sealed(services, form, record_id, data),
            1,
            now,
            name_of(origin.actor),
            now,
        )
        records.add(conn, made, _words(form, data))
        audit.record(conn, origin, now, f"{form.record}.create", f"record:{record_id}", None, {"state": made.state})
    return made


def _sealed(services: Services, form: StaffForm, record_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    vault = services.vault
    return {
        name: vault.seal(_place(form, name), record_id, value)
        if name in form.protected and isinstance(value, str)
        else value
        for name, value in data.items()
    }


def _place(form: StaffForm, name: str) -> str:
    return f"record.{form.key}.{name}"


def _words(form: StaffForm, data: Mapping[str, Any]) -> str:
    return " ".join(str(data[name]) for name in form.searched if data.get(name)).casefold()[:4000]


def _barred(form: StaffForm, before: Mapping[str, Any], data: Mapping[str, Any], state: str) -> list[Problem]:
    known = form.states.get(state)
    if known is None or known.edit is None:
        return []
    changed = [name for name in {**before, **data} if before.get(name) != data.get(name)]
    return [
        problem(name, "not_editable", "此状态下不能修改", "this cannot be changed in this state")
        for name in changed
        if name not in known.edit
    ]


def history(conn: sa.Connection, record_id: str) -> list[audit.Entry]:
    """Return what happened to a record, newest first."""
    return audit.of(conn, f"record:{record_id}")
