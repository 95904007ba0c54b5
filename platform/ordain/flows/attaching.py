"""Files in records: which a record may hold, whose they become when it is saved, who may read them."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.form.staff import StaffForm
from ordain.flows.services import Services
from ordain.records import files as held
from ordain.records.actor import Origin, name_of
from ordain.store import files


def settle(
    services: Services, form: StaffForm, data: Mapping[str, Any], record_id: str, origin: Origin
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the fields with their files named as they are kept, and a problem for each the record may not hold."""
    found = list(held.held(form.fields, data))
    if not found:
        return dict(data), []
    with services.db.read() as conn:
        own = files.usable(name_of(origin.actor), form.key, record_id)
        known = files.names(conn, services.vault, own, {one.id for one in found})
    problems = [wrong for one in found if (wrong := _wrong(one, known.get(one.id))) is not None]

    def named(_path: str, _kind: str, value: Any) -> Any:
        file = known.get(held.id_of(value))
        return held.text_of(file.id, file.name) if file else value

    return held.mapped(form.fields, data, named), problems


def give(
    services: Services, conn: sa.Connection, form: StaffForm, data: Mapping[str, Any], record_id: str, origin: Origin
) -> None:
    """Give a record its files in the transaction that writes it; Refused where one went elsewhere meanwhile."""
    if not held.any_in(form.fields):
        return
    ids = {one.id for one in held.held(form.fields, data)}
    own = files.usable(name_of(origin.actor), form.key, record_id)
    if ids and files.give(conn, own, ids, form.key, record_id) != len(ids):
        raise Refused([_gone(one.path) for one in held.held(form.fields, data)])
    files.let_go(conn, form.key, record_id, ids, services.now())


def _wrong(one: held.Held, file: files.File | None) -> Problem | None:
    if file is None:
        return _gone(one.path)
    if one.kind == "image" and not file.small:
        return problem(one.path, "no_picture", "此处只能放图片", "this takes pictures only")
    return None


def _gone(path: str) -> Problem:
    return problem(path, "unknown_file", "文件已不存在，请重新上传", "the file is no longer there; upload it again")
