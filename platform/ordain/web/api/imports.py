"""Imports by programs: hand over a file, see what its rows would become, mend, confirm, fetch the result."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.importing import Column, Plan
from ordain.flows import working
from ordain.flows.importing import wizard
from ordain.flows.importing.reading import Layout
from ordain.flows.importing.wizard import Standing
from ordain.records.actor import User
from ordain.store.imports import rows
from ordain.store.imports.rows import FATES, Row
from ordain.web.api.asking import DEFAULT_LIMIT, PAGED, asked, body, described
from ordain.web.api.shapes import bad_cursor, listed, problems_json, reply, time_json
from ordain.web.here import services
from ordain.web.i18n import current_language
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_actor, current_origin, policy

imports = Blueprint("api_imports", __name__, url_prefix="/api/v1/imports")
MOST: Final = wizard.MOST_BYTES + 1_000
_WORD: Final = {"type": "string", "maxLength": 128}
_BY_NAME: Final = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 500}}
_PLAN: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["into"],
    "additionalProperties": False,
    "properties": {
        "into": {**_WORD, "description": "record:FORM, orders:CHANNEL, file:CHANNEL or fields:order"},
        "columns": {**_BY_NAME, "description": "field by the file's column; left out: as suggested"},
        "how": {**_BY_NAME, "description": "dmy, mdy or minor by the file's column"},
        "fixed": {**_BY_NAME, "description": "one text for all rows by field"},
        "match": {"type": "array", "items": _WORD, "maxItems": 10, "description": "fields that find a record"},
    },
}
_CELLS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["cells"],
    "additionalProperties": False,
    "properties": {"cells": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 32767}}},
}
_CONFIRM: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "only_good": {"type": "boolean", "description": "leave rows with problems out"},
        "in_parts": {"type": "boolean", "description": "write batch by batch, for more rows than go in at once"},
    },
}


@imports.get("")
@policy(kind="api")
@described(query=PAGED, returns={200: "ImportList"}, errors=(422,))
def index() -> Response:
    """List your imports, newest first."""
    return listed(wizard.all_of(services(), _me()), _json, lambda at: at.found.id)


@imports.post("")
@policy(kind="api", body=MOST)
@described(query={"name": _WORD, "into": _WORD}, upload=True, returns={201: "Import"}, errors=(411, 413, 422))
@idempotent
def begin() -> Response:
    """Hand over a file: xlsx, xls, ods, or text in any usual encoding. It is read and its mapping suggested."""
    name = asked("name", "") or "import"
    made = wizard.begin(services(), name, request.get_data(), current_origin(), into=asked("into", ""))
    return reply(_json(_own(made.id)), 201)


@imports.get("/<import_id>")
@policy(kind="api")
@described(returns={200: "Import"}, errors=(404,))
def one(import_id: str) -> Response:
    """Get how an import stands."""
    return reply(_json(_own(import_id)))


@imports.put("/<import_id>/plan")
@policy(kind="api")
@described(body=_PLAN, returns={202: "Import"}, errors=(404, 422))
def plan(import_id: str) -> Response:
    """Say what the rows become and which column fills which field; all rows are then looked at."""
    at, wanted = _own(import_id), body()
    if wanted["into"] != at.found.into or "columns" not in wanted:
        wizard.choose(services(), at, wanted["into"], _me())
        at = _own(import_id)
    wizard.plan(services(), at, _plan(at, wanted), current_origin())
    return reply(_json(_own(import_id)), 202)


@imports.get("/<import_id>/rows")
@policy(kind="api")
@described(query={"fate": {"enum": [*FATES, "left"]}, **PAGED}, returns={200: "ImportRowList"}, errors=(404, 422))
def lines(import_id: str) -> Response:
    """List the rows with what each becomes and its problems."""
    at = _own(import_id)
    cursor = asked("cursor", "") or "0"
    if not cursor.isdecimal() or len(cursor) > 9:
        raise bad_cursor()
    limit, fate = asked("limit", DEFAULT_LIMIT), asked("fate", "")
    with services().db.read() as conn:
        batch = rows.after(conn, services().vault, at.found.id, int(cursor), limit=limit + 1, fate=fate)
        total = rows.counts(conn, at.found.id).get(fate, 0) if fate else at.found.rows
    names = Layout.of(at.found.layout).columns
    following = str(batch[limit - 1].number) if len(batch) > limit else None
    return reply({"items": [_row(names, row) for row in batch[:limit]], "next": following, "total": total})


@imports.put("/<import_id>/rows/<number>")
@policy(kind="api")
@described(body=_CELLS, returns={200: "Import"}, errors=(404, 422))
def mend(import_id: str, number: str) -> Response:
    """Mend cells of a row, by the file's columns."""
    if not number.isdecimal() or len(number) > 9:
        abort(404)
    names = Layout.of(_own(import_id).found.layout).columns
    unknown = [name for name in body()["cells"] if name not in names]
    if unknown:
        raise Refused([_no_column(name) for name in unknown[:5]])
    for name, value in body()["cells"].items():
        if not wizard.mend(services(), _own(import_id), int(number), names.index(name), value, _me()):
            abort(404)
    return reply(_json(_own(import_id)))


@imports.post("/<import_id>/confirm")
@policy(kind="api")
@described(body=_CONFIRM, body_required=False, returns={202: "Import"}, errors=(404, 409, 422))
@idempotent
def confirm(import_id: str) -> Response:
    """Import: all rows or none, unless you say otherwise."""
    wish = body()
    only_good, in_parts = bool(wish.get("only_good")), bool(wish.get("in_parts"))
    wizard.confirm(services(), _own(import_id), current_origin(), only_good=only_good, in_parts=in_parts)
    return reply(_json(_own(import_id)), 202)


@imports.post("/<import_id>/cancel")
@policy(kind="api")
@described(returns={202: "Import"}, errors=(404,))
@idempotent
def cancel(import_id: str) -> Response:
    """Stop what goes on; what is not yet written is not written."""
    wizard.stop(services(), _own(import_id), current_origin())
    return reply(_json(_own(import_id)), 202)


@imports.get("/<import_id>/result")
@policy(kind="api")
@described(returns={200: "Workbook"}, errors=(404,))
def result(import_id: str) -> Response:
    """Fetch the file that tells every row's fate."""
    at = _own(import_id)
    if at.work is None or at.work.state != "done" or not at.work.file_name:
        abort(404)
    made = Response(working.result_of(services(), at.work), content_type=at.work.file_type)
    made.headers.set("Content-Disposition", "attachment", filename=at.work.file_name)
    return made


def _plan(at: Standing, wanted: Mapping[str, Any]) -> Plan:
    suggested = Plan.of(at.found.plan)
    fixed = {**suggested.fixed, **wanted.get("fixed", {})}
    match = tuple(wanted.get("match", suggested.match))
    if "columns" not in wanted:
        return Plan(suggested.columns, fixed, match)
    names = Layout.of(at.found.layout).columns
    unknown = [name for name in wanted["columns"] if name not in names]
    if unknown:
        raise Refused([_no_column(name) for name in unknown[:5]])
    how = wanted.get("how", {})
    columns = {names.index(name): Column(to, how.get(name, "")) for name, to in wanted["columns"].items()}
    return Plan(columns, fixed, match)


def _no_column(name: str) -> Problem:
    return problem(f"columns.{name[:80]}", "unknown_column", "文件中没有这一列", "the file has no such column")


def _json(at: Standing) -> dict[str, Any]:
    found, layout, made = at.found, Layout.of(at.found.layout), Plan.of(at.found.plan)
    work = at.work
    going = work is not None and not work.ended
    return {
        "id": found.id,
        "name": found.name,
        "state": at.state,
        "into": found.into or None,
        "rows": found.rows,
        "columns": list(layout.columns),
        "plan": {
            "columns": {
                layout.columns[place]: one.to for place, one in made.columns.items() if place < len(layout.columns)
            },
            "fixed": dict(made.fixed),
            "match": list(made.match),
        },
        "counts": dict(found.counts),
        "problems": problems_json(at.problems),
        "progress": {"done": work.done, "total": work.total} if going and work is not None else None,
        "created_at": time_json(found.created_at),
        "updated_at": time_json(found.updated_at),
        "finished_at": time_json(found.finished_at),
    }


def _row(names: Sequence[str], row: Row) -> dict[str, Any]:
    language = current_language()
    return {
        "number": row.number,
        "fate": row.fate,
        "cells": dict(zip(names, row.cells, strict=False)),
        "problems": [
            {
                "path": names[fault.column] if 0 <= fault.column < len(names) else "",
                "code": fault.code,
                "message": fault.text.get(language, ""),
            }
            for fault in row.faults
        ],
        "subject": row.subject,
    }


def _own(import_id: str) -> Standing:
    found = wizard.standing(services(), import_id, _me())
    if found is None:
        abort(404)
    return found


def _me() -> User:
    actor = current_actor()
    if not isinstance(actor, User):
        abort(404)
    return actor
