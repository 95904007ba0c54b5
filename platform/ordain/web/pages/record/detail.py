"""A record's page and its sheet of paper: sections, what happened, what belongs to it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import url_for

from ordain.engines.form.staff import StaffForm, shown_sections, written_fields
from ordain.flows import recording
from ordain.flows.operations import operations_of
from ordain.flows.recording import DOTS
from ordain.records.access import Access
from ordain.records.files import KINDS as FILES
from ordain.records.files import id_of
from ordain.store.records import Record
from ordain.web.here import services
from ordain.web.pages.details import Detail
from ordain.web.pages.record.context import Block, Button, DetailPage, Entry, Table
from ordain.web.pages.record.related import reference, referring
from ordain.web.pages.record.story import told
from ordain.web.pages.record.words import name_of_record, state_of, title_of, words_of
from ordain.web.show import NOTHING, Show


def detail_page(
    conn: sa.Connection,
    form: StaffForm,
    access: Access,
    record: Record,
    show: Show,
    *,
    told_now: str = "",
    draft: str = "",
) -> DetailPage:
    """Return a record's page."""
    at: dict[str, Any] = {"key": form.key, "record_id": record.id}
    name = name_of_record(form, record)
    state = form.states.get(record.state)
    writable = access.may("edit") and written_fields(form, record.state, new=False)
    return DetailPage(
        place=f"record-{form.key}",
        form_title=show.text(form.title),
        list_href=url_for("records.index", key=form.key),
        title=name,
        state=state_of(form, record.state, show),
        blocks=blocks(conn, form, access, record, show),
        story=told(conn, form, access, record.id, show),
        related=referring(conn, form.key, [name, record.id], show),
        stages=[(show.text(each.title), "now" if key == record.state else "") for key, each in form.states.items()]
        if any(each.to for each in form.states.values())
        else (),
        edit=url_for("record.edit", **at) if writable else "",
        print_href=url_for("record.paper", **at),
        move=url_for("record.move", **at),
        seen=record.version,
        moves=[Button(show.text(form.states[to].title), "", to) for to in state.to]
        if state and access.may("move")
        else (),
        operations=[
            Button(show.text(each.title), url_for("record.operate", **at, operation=each.key), danger=each.danger)
            for each in operations_of(form)
            if each.on == "record" and access.may(each.key) and each.offered(record)
        ],
        told=told_now,
        draft=draft,
    )


def blocks(conn: sa.Connection, form: StaffForm, access: Access, record: Record, show: Show) -> list[Block]:
    """Return the sections of a record as the reader may see them."""
    values = recording.covered(services(), form, record, access)
    made = []
    for section in shown_sections(form, values, record.state):
        names = [name for name in section.fields if _seen(form, access, record, name)]
        details = [
            _detail(conn, form, access, record, values, name, show) for name in names if not _is_list(form, name)
        ]
        tables = [_table(form, name, values, show) for name in names if _is_list(form, name) and values.get(name)]
        if details or tables:
            made.append(Block(section.key, show.text(section.title), details, tables))
    return made


def _seen(form: StaffForm, access: Access, record: Record, name: str) -> bool:
    """Tell whether a field stands on the page: one that is hidden only where it may be asked for."""
    return recording.mode(form, access, name) != "hidden" or (access.may("reveal") and bool(record.data.get(name)))


def _detail(
    conn: sa.Connection,
    form: StaffForm,
    access: Access,
    record: Record,
    values: Mapping[str, Any],
    name: str,
    show: Show,
) -> Detail:
    title, field = title_of(form, name, show), form.fields[name]
    if recording.mode(form, access, name) != "read" and record.data.get(name):
        at = url_for("record.reveal", key=form.key, record_id=record.id, field=name)
        return Detail(title, DOTS, at if access.may("reveal") else "", name)
    value = values.get(name)
    words = words_of(form, name, value, show, str(values.get("currency") or "")) or NOTHING
    if field["type"] in FILES and value:
        at, small = file_links(value, str(field["type"]))
        return Detail(title, words, href=at, picture=small)
    refers = field["type"] == "reference" and value
    href = reference(conn, str(field.get("to", "")), str(value)) if refers else ""
    return Detail(title, words, href=href, wide=field["type"] == "long_text" and bool(value))


def _table(form: StaffForm, name: str, values: Mapping[str, Any], show: Show) -> Table:
    inner = form.fields[name].get("fields", {})
    currency = str(values.get("currency") or "")
    kinds = {key: "num" if field["type"] in ("integer", "decimal", "money") else "" for key, field in inner.items()}
    part = _inner(form, name)
    rows = [
        [
            _entry(inner[key], item.get(key), words_of(part, key, item.get(key), show, currency), kinds[key])
            for key in inner
        ]
        for item in values[name]
        if isinstance(item, Mapping)
    ]
    return Table(title_of(form, name, show), [(title_of(part, key, show), kinds[key]) for key in inner], rows)


def _entry(field: Mapping[str, Any], value: Any, words: str, kind: str) -> Entry:
    """Return one cell of an entry."""
    at, small = file_links(value, str(field["type"])) if field["type"] in FILES and value else ("", "")
    return Entry(words or NOTHING, kind, at, small)


def file_links(value: Any, kind: str) -> tuple[str, str]:
    """Return where a file is fetched, and its small picture where it stands in a field of pictures."""
    file_id = id_of(value)
    if not file_id:
        return "", ""
    small = url_for("files.small", file_id=file_id) if kind == "image" else ""
    return url_for("files.one", file_id=file_id), small


def _inner(form: StaffForm, name: str) -> StaffForm:
    """Return a form whose fields are those of a list's entries, for their words."""
    return replace(form, fields=form.fields[name].get("fields", {}))


def _is_list(form: StaffForm, name: str) -> bool:
    return bool(form.fields[name]["type"] == "list")
