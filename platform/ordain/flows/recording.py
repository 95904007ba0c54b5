"""Keeping records of every type that forms describe: checked by their live form, versioned, audited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.form.staff import StaffForm, compile_staff_form, defaults, judge, written_fields
from ordain.flows import attaching, protecting
from ordain.flows.services import Services
from ordain.language.schema import check_document
from ordain.records.access import EVERYTHING, Access, Mode
from ordain.records.actor import Origin, name_of
from ordain.store import audit, records
from ordain.store.definitions import Live, Version
from ordain.store.orders import find as orders
from ordain.store.records import Record
from ordain.store.shelves import SHELVES, Shelf, shelf_of
from ordain.store.vault import Unopened

_TRIES: Final = 5
_LONGEST: Final = 200  # characters of a text in the audit
DOTS: Final = "••••••"


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Somebody else changed the record since it was read."""

    theirs: Record


def compile_version(version: Version) -> StaffForm:
    """Return the compiled form of a version, for the cache of live definitions."""
    return compile_staff_form(version.document)


def form_of(live: Live, key: str) -> StaffForm | None:
    """Return a live form whose records stand on a shelf; None for a built-in type that has pages of its own."""
    version = live.get("form", key)
    if version is None or (version.document["spec"].get("extends") and _record(version) not in SHELVES):
        return None
    return live.compiled("form", key, compile_version)


def forms(live: Live) -> list[StaffForm]:
    """Return all live forms whose records stand on a shelf, the built-in types first."""
    found = [form for version in live.all("form") if (form := form_of(live, version.key)) is not None]
    return sorted(found, key=lambda form: not form.built_in)


def check(form: StaffForm, data: Mapping[str, Any], state: str) -> list[Problem]:
    """Return every problem of a record's fields that counts in its sections; fixed fields are nobody's to mend."""
    closed = {name for name, value in data.items() if isinstance(value, Unopened)}
    found = check_document(
        form.schema, {name: value for name, value in _given(form, data).items() if name not in closed}
    )
    return [item for item in judge(form, data, state, found) if item.path.split(".", 1)[0] not in closed]


def create(services: Services, form: StaffForm, data: Mapping[str, Any], origin: Origin, by: Access) -> Record:
    """Add a record; Refused with every problem, also where it is none that `by` may make."""
    data = admit(services, form, data, origin, by)
    shelf = shelf_of(form)
    for left in reversed(range(_TRIES)):
        try:
            return _create(services, form, shelf, data, origin, by)
        except IntegrityError:  # two took the same number
            if shelf.number is None:
                raise Refused([_taken(shelf)]) from None
            if not left:
                raise
    raise AssertionError("unreachable")


def admit(services: Services, form: StaffForm, data: Mapping[str, Any], origin: Origin, by: Access) -> dict[str, Any]:
    """Let a new record through: return its fields as they are kept; Refused with every problem."""
    data, unfit = attaching.settle(services, form, data, "", origin)
    begun, mine = defaults(form), written(form, by, form.first, new=True)
    found = unfit + [
        not_writable(name)
        for name, value in data.items()
        if name in form.fields and name not in form.fixed and name not in mine and value != begun.get(name)
    ]
    found += _foreign(form, data) + check(form, data, form.first) + _dangling(services, form, {}, data)
    if not form.made_here:
        found.append(
            problem("", "not_made_here", "此类记录由渠道带来，不能新建", "channels bring these; none is made here")
        )
    if found:
        raise Refused(found)
    return data


def change(
    services: Services,
    form: StaffForm,
    standing: Record,
    data: Mapping[str, Any],
    origin: Origin,
    by: Access,
    *,
    to: str = "",
) -> Record | Meanwhile:
    """Write a record's fields, and its next state where one is named.

    Refused with every problem: of the fields, of fields that may not be changed in this state, of a state that
    cannot follow, of a record that `by` may not change as it stands or would be left as.
    """
    action = "move" if to else "edit"
    before = opened(services, form, standing)
    state = form.states.get(standing.state)
    data, unfit = attaching.settle(services, form, data, standing.id, origin)
    found = unfit + barred(form, before, data, standing.state)
    if to and (state is None or to not in state.to):
        found.append(problem("state", "cannot_follow", f"不能转到“{to}”", f"“{to}” cannot follow on this state"))
    found += check(form, data, to or standing.state) + _dangling(services, form, before, data)
    if found:
        raise Refused(found)
    now, shelf = services.now(), shelf_of(form)
    made = replace(
        standing,
        state=to or standing.state,
        data=protecting.sealed(services.vault, form, standing.id, data),
        version=standing.version + 1,
        updated_at=now,
    )
    mine = [*written_fields(form, standing.state, new=False)]
    with services.db.write() as conn:
        if not reaches(conn, form, by, standing, action):
            raise Refused([not_yours()])
        if not records.put(conn, shelf, made, words(form, data), mine if form.built_in else None):
            theirs = records.get(conn, shelf, EVERYTHING, standing.id)
            return Meanwhile(theirs or standing)
        if not reaches(conn, form, by, standing, action):
            raise Refused([not_yours()])
        attaching.give(services, conn, form, data, standing.id, origin)
        shown = sorted(name for name in {*before, *data} if before.get(name) != data.get(name))
        was, now_is = _told(form, standing, made, before, data, shown)
        told = f"{form.record}.{'move' if to else 'change'}"
        audit.record(conn, origin, now, told, entity(form, standing.id), was, now_is)
    return made


def reveal(services: Services, form: StaffForm, record: Record, name: str, origin: Origin) -> str:
    """Return one field in full, and write down who asked for it."""
    with services.db.write() as conn:
        asked = {"field": name}
        audit.record(conn, origin, services.now(), f"{form.record}.reveal", entity(form, record.id), None, asked)
    return str(opened(services, form, record).get(name, ""))


def opened(services: Services, form: StaffForm, record: Record) -> dict[str, Any]:
    """Return a record's fields with the protected ones opened, for who was let through the access door."""
    return protecting.opened(services.vault, form, record.id, record.data)


def covered(services: Services, form: StaffForm, record: Record, access: Access) -> dict[str, Any]:
    """Return a record's fields as the reader may see them: hidden ones left out, masked ones as dots."""
    access = access.within(record.state)
    modes = {name: mode(form, access, name) for name in record.data}
    return {
        name: value if modes[name] == "read" or value in (None, "") else DOTS
        for name, value in opened(services, form, record).items()
        if modes[name] != "hidden"
    }


def uncovered(
    services: Services, form: StaffForm, record: Record, access: Access, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a reader gave back, with the true values of all that they were not shown or could not write."""
    standing = opened(services, form, record)
    open_now = written_fields(form, record.state, new=False)
    kept = {name: value for name, value in standing.items() if name not in open_now and name not in given}
    barred_to_them = _unwritten(form, access, record.state)
    closed = {
        name: value
        for name, value in standing.items()
        if isinstance(value, Unopened) and given.get(name) in (None, "", Unopened.TEXT)
    }
    return {
        **{name: value for name, value in given.items() if name not in barred_to_them},
        **kept,
        **closed,
        **{name: value for name, value in standing.items() if name in barred_to_them},
    }


def unwritable(
    services: Services, form: StaffForm, record: Record, access: Access, given: Mapping[str, Any]
) -> list[Problem]:
    """Return a problem for each field that is given anew by a reader whose role may not write it."""
    shown, barred_to_them = covered(services, form, record, access), _unwritten(form, access, record.state)
    return [not_writable(name) for name in given if name in barred_to_them and given[name] != shown.get(name)]


def written(form: StaffForm, access: Access, state: str, *, new: bool = False) -> frozenset[str]:
    """Return the fields a reader writes: those of the form, of the state, and of their role in it."""
    able = access.doing("create" if new else "edit").within(state)
    return frozenset(
        name
        for name in written_fields(form, state, new=new)
        if able.writes(name) and (new or mode(form, able, name) == "read")
    )


def reaches(conn: sa.Connection, form: StaffForm, access: Access, record: Record, action: str) -> bool:
    """Tell whether a grant allows the action with this very record, as it is in this transaction."""
    able = access.within(record.state).doing(action)
    return able.may(action) and (able.sees_all or records.get(conn, shelf_of(form), able, record.id) is not None)


def _unwritten(form: StaffForm, access: Access, state: str) -> frozenset[str]:
    able = access.doing("edit").within(state)
    return frozenset(name for name in form.fields if not able.writes(name) or mode(form, able, name) != "read")


def mode(form: StaffForm, access: Access, name: str) -> Mode:
    """Tell how a field shows: a protected one only to those who edit, or whose role names it."""
    named = any(name in grant.fields for grant in access.grants)
    return "hidden" if name in form.protected and not named and not access.may("edit") else access.mode(name)


def reads(form: StaffForm, access: Access, name: str) -> bool:
    """Tell whether a field may be listed, searched and filtered by: readable, whatever the state."""
    return mode(form, access, name) == "read" and access.reads(name)


def entity(form: StaffForm, record_id: str) -> str:
    """Return what the audit calls a record: "product:ID", or "record:ID" for one of an admin's own type."""
    return f"{form.record if form.built_in else 'record'}:{record_id}"


def history(conn: sa.Connection, form: StaffForm, record_id: str) -> list[audit.Entry]:
    """Return what happened to a record, newest first."""
    return audit.of(conn, entity(form, record_id))


def _told(
    form: StaffForm,
    standing: Record,
    made: Record,
    before: Mapping[str, Any],
    data: Mapping[str, Any],
    changed: Sequence[str],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the audit says of a change: the fields by name, short values that nobody protects in full."""
    plain = [name for name in changed if name not in form.protected]
    was, is_now = ({name: _short(side.get(name)) for name in plain} for side in (before, data))
    return {"state": standing.state, "fields": was}, {"state": made.state, "changed": list(changed), "fields": is_now}


def _short(value: Any) -> Any:
    """Return a value as the audit keeps it: long texts cut, of lists their length."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    return f"[{len(value)}]" if isinstance(value, list) else value


def _record(version: Version) -> str:
    return str(version.document["spec"]["record"])


def _create(
    services: Services, form: StaffForm, shelf: Shelf, data: Mapping[str, Any], origin: Origin, by: Access
) -> Record:
    now = services.now()
    data = filled(form, data)
    record_id = id_of(services, form, data)
    with services.db.write() as conn:
        kept = protecting.sealed(services.vault, form, record_id, data)
        made = fresh(form, record_id, kept, records.next_number(conn, shelf), origin, now)
        records.add(conn, shelf, made, words(form, data))
        own(conn, form, by, made)
        attaching.give(services, conn, form, data, record_id, origin)
        audit.record(conn, origin, now, f"{form.record}.create", entity(form, record_id), None, {"state": made.state})
    return made


def own(conn: sa.Connection, form: StaffForm, by: Access, made: Record) -> None:
    """Refuse a record just added that is none that `by` may make."""
    if not reaches(conn, form, by, made, "create"):
        raise Refused([not_yours()])


def filled(form: StaffForm, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new record's fields with what the fixed ones hold before anybody writes."""
    return {**{name: value for name, value in defaults(form).items() if name in form.fixed}, **data}


def id_of(services: Services, form: StaffForm, data: Mapping[str, Any]) -> str:
    """Return the id of a new record: what people call it where the type says so, else a fresh one."""
    shelf = shelf_of(form)
    named = next((name for name, column in shelf.columns.items() if column is shelf.id), "")
    return str(data[named]) if named else services.new_id()


def fresh(
    form: StaffForm, record_id: str, data: Mapping[str, Any], number: int, origin: Origin, now: datetime
) -> Record:
    """Return a new record as it is first kept; `data` has its protected fields sealed."""
    shelf = shelf_of(form)
    label = next((str(data.get(name, "")) for name, column in shelf.columns.items() if column is shelf.label), "")
    return Record(record_id, shelf.record, number, form.first, data, 1, now, name_of(origin.actor), now, label)


def _dangling(services: Services, form: StaffForm, before: Mapping[str, Any], data: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each reference written now that leads nowhere."""
    asked = {
        name: str(data[name])
        for name, field in form.fields.items()
        if field["type"] == "reference" and name not in form.fixed and data.get(name) and data[name] != before.get(name)
    }
    if not asked:
        return []
    with services.db.read() as conn:
        live = services.live.at(conn)
        return [
            problem(name, "unknown_record", f"没有“{text}”这条记录", f"there is no record called “{text}”")
            for name, text in asked.items()
            if not _stands(conn, live, str(form.fields[name].get("to", "")), text)
        ]


def _stands(conn: sa.Connection, live: Live, target: str, name: str) -> bool:
    if target == "order":
        return orders.called(conn, EVERYTHING, name) is not None
    form = form_of(live, target)
    return form is None or records.called(conn, shelf_of(form), EVERYTHING, name) is not None


def _taken(shelf: Shelf) -> Problem:
    named = next((name for name, column in shelf.columns.items() if column is shelf.label), "")
    return problem(named, "taken", "此名称已存在，请换一个", "this one is there already; choose another")


def _given(form: StaffForm, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what people give, without what they left empty, in lines too: nothing is no text of no length."""
    return {name: _filled(value) for name, value in data.items() if name not in form.fixed and value != ""}


def _filled(value: Any) -> Any:
    if isinstance(value, list):
        return [_filled(item) for item in value]
    return (
        {name: inner for name, inner in value.items() if inner not in ("", None)} if isinstance(value, dict) else value
    )


def _foreign(form: StaffForm, data: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each fixed field that a new record was given."""
    begun = defaults(form)
    return [_not_editable(name) for name, value in data.items() if name in form.fixed and value != begun.get(name)]


def words(form: StaffForm, data: Mapping[str, Any]) -> str:
    """Return the words a search finds a record by."""
    return " ".join(str(data[name]) for name in form.searched if data.get(name)).casefold()[:4000]


def barred(form: StaffForm, before: Mapping[str, Any], data: Mapping[str, Any], state: str) -> list[Problem]:
    """Return a problem for each field that changed and may not in this state."""
    free = written_fields(form, state, new=False)
    changed = [name for name in {**before, **data} if before.get(name) != data.get(name)]
    return [_not_editable(name) for name in changed if name in form.fields and name not in free]


def not_yours() -> Problem:
    """Return the problem of a record that is none the role may do this with."""
    zh, en = "你的角色不能处理这样的记录", "your role may not do this with such a record"
    return problem("", "not_yours", zh, en)


def not_writable(name: str) -> Problem:
    """Return the problem of a field that the role may not write."""
    return problem(name, "not_writable", "你的角色不能填写此字段", "your role may not write this field")


def _not_editable(name: str) -> Problem:
    return problem(name, "not_editable", "此状态下不能修改", "this cannot be changed in this state")
