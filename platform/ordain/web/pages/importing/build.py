"""The pages of the import wizard, put together from how an import stands."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from flask import url_for

from ordain.base.errors import Problem
from ordain.engines.tabular import ENCODINGS
from ordain.flows.importing.reading import Layout, top_of
from ordain.flows.importing.targets import Target, targets
from ordain.flows.importing.wizard import MOST_BYTES, Standing
from ordain.records.actor import User
from ordain.store.imports import files
from ordain.web.here import services
from ordain.web.pages.importing.context import (
    ImportLine,
    ImportPage,
    ImportsPage,
    Knot,
    LayoutPage,
)
from ordain.web.pages.importing.mapping import mapping_of
from ordain.web.pages.importing.preview import preview_of
from ordain.web.pages.lists import Fault, Option, State, Tone
from ordain.web.pages.texts import Word, _, later
from ordain.web.pages.words import faults
from ordain.web.pages.work.build import view
from ordain.web.show import NOTHING, Show

_STATES: Final[Map[str, tuple[Tone, Word]]] = {
    "reading": ("running", later("being read")),
    "unread": ("act", later("could not be read")),
    "mapping": ("look", later("to be mapped")),
    "checking": ("running", later("being looked at")),
    "ready": ("look", later("to be confirmed")),
    "running": ("running", later("being imported")),
    "done": ("done", later("imported")),
}
_FATES: Final[Map[str, Word]] = {
    "new": later("new"),
    "changed": later("updated"),
    "unchanged": later("unchanged"),
    "bad": later("with problems"),
    "left": later("left out"),
}
_STEPS: Final = (later("File"), later("Map columns"), later("Preview"), later("Import"), later("Outcome"))
_NOW: Final = {"reading": 0, "unread": 0, "mapping": 1, "checking": 2, "ready": 2, "running": 3, "done": 5}
_DELIMITERS: Final = ((",", later("comma")), ("\t", later("tab")), (";", later("semicolon")), ("|", later("bar")))


def listed(
    conn: sa.Connection, actor: User, found: Sequence[Standing], show: Show, into: str, problems: Sequence[Problem] = ()
) -> ImportsPage:
    """Return the list of a person's imports, with the way to a new one."""
    titles = {one.into: show.text(one.title) for one in targets(services(), conn, actor)}
    lines = [_line(one, titles, show) for one in found]
    return ImportsPage(
        lines,
        into if into in titles else "",
        titles.get(into, ""),
        show.size(MOST_BYTES),
        faults(problems, show),
    )


def one(
    conn: sa.Connection,
    actor: User,
    at: Standing,
    show: Show,
    *,
    fate: str = "",
    after: int = 0,
    problems: Sequence[Problem] = (),
) -> ImportPage:
    """Return one import's page, with what its state asks for."""
    known = targets(services(), conn, actor)
    target = next((one for one in known if one.into == at.found.into), None)
    tone, word = _STATES[at.state]
    going = at.state in ("reading", "checking", "running")
    told = [*problems, *at.problems]
    mapped = mapping_of(conn, at.found, known, target, show) if at.state == "mapping" else None
    shown = at.state in ("ready", "done")
    return ImportPage(
        id=at.found.id,
        name=at.found.name,
        here=url_for("imports.one", import_id=at.found.id),
        back=url_for("imports.index"),
        state=at.state,
        mark=State(tone, str(word)),
        facts=_facts(at, target, show),
        knots=_knots(at.state),
        going=going,
        work=view(at.work, show) if at.work is not None and (going or at.state == "done") else None,
        problems=_faults(told, target, show),
        mapping=mapped,
        preview=preview_of(conn, at, target, show, fate, after) if shown else None,
        records=_records(at, show, target),
        layout=url_for("imports.layout", import_id=at.found.id) if at.state in ("unread", "mapping") else "",
        may_forget=not going,
    )


def layout_page(conn: sa.Connection, at: Standing) -> LayoutPage:
    """Return how the file is written, with its first rows."""
    layout = Layout.of(at.found.layout)
    data = files.content(conn, services().vault, at.found.id)
    top = top_of(data, layout)
    return LayoutPage(
        at.found.id,
        url_for("imports.set_layout", import_id=at.found.id),
        [Option(name, name, name == layout.sheet) for name in layout.sheets],
        [Option(name, name.upper(), name == layout.encoding) for name in ENCODINGS] if layout.kind != "book" else [],
        [Option(sign, str(word), sign == layout.delimiter) for sign, word in _DELIMITERS]
        if layout.kind != "book"
        else [],
        [(number, [cell[:24] for cell in cells[:8]], number == layout.header) for number, cells in top],
    )


def _line(at: Standing, titles: Map[str, str], show: Show) -> ImportLine:
    tone, word = _STATES[at.state]
    counts = [f"{_FATES[name]} {show.number(number)}" for name, number in at.found.counts.items() if name in _FATES]
    return ImportLine(
        at.found.name,
        url_for("imports.one", import_id=at.found.id),
        titles.get(at.found.into, NOTHING),
        State(tone, str(word)),
        show.number(at.found.rows) if at.found.rows else NOTHING,
        " · ".join(counts),
        show.ago(at.found.updated_at),
        show.exact(at.found.updated_at),
    )


def _facts(at: Standing, target: Target | None, show: Show) -> list[str]:
    layout = Layout.of(at.found.layout)
    found = [show.size(at.found.size)]
    if layout.encoding:
        found.append(layout.encoding.upper())
    if layout.sheet and len(layout.sheets) > 1:
        found.append(_("sheet “%(name)s”", name=layout.sheet))
    if layout.header:
        found.append(_("header in row %(n)s", n=layout.header))
    if at.found.rows:
        found.append(
            _("%(rows)s rows, %(columns)s columns", rows=show.number(at.found.rows), columns=len(layout.columns))
        )
    if target is not None and at.state not in ("mapping", "unread"):
        found.append(show.text(target.title))
    return found


def _knots(state: str) -> list[Knot]:
    now = _NOW[state]
    return [
        Knot(str(title), "done" if place < now else "now" if place == now else "ahead")
        for place, title in enumerate(_STEPS)
    ]


def _faults(problems: Sequence[Problem], target: Target | None, show: Show) -> list[Fault]:
    titles = {goal.name: show.text(goal.title) for goal in target.goals} if target else {}
    return [Fault(titles.get(f.path, ""), f.code, f.message) for f in faults(problems, show)]


def _records(at: Standing, show: Show, target: Target | None) -> tuple[str, str]:
    """Return where what was imported can be seen, and what that is called."""
    if at.state != "done" or target is None:
        return "", ""
    kind, _sign, key = at.found.into.partition(":")
    if kind == "record":
        return url_for("records.index", key=key), show.text(target.title)
    return (
        (url_for("orders.index"), _("Orders"))
        if kind == "fields"
        else (url_for("orders.index", channel=key), _("Orders"))
    )
