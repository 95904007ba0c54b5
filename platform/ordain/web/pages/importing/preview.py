"""Rows as they will be: each value in words, problems in their cells, the same problem of many rows together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa
from flask import url_for

from ordain.engines.importing import Goal, Plan
from ordain.engines.importing.values import Unreadable, read_value
from ordain.flows.importing.reading import Layout
from ordain.flows.importing.targets import Target
from ordain.flows.importing.wizard import Standing, needs_parts
from ordain.store.imports import faults, rows
from ordain.store.imports.faults import FaultKind
from ordain.store.imports.files import Import
from ordain.store.imports.rows import CellFault, Row
from ordain.web.here import services
from ordain.web.pages.importing.context import Cell, KindLine, Preview, RowLine
from ordain.web.pages.lists import Option, Pager, State, Tab, Tone
from ordain.web.pages.texts import Word, _, later, many
from ordain.web.show import NOTHING, Show

PAGE: Final = 50
_KINDS: Final = 30
_FATES: Final[Mapping[str, tuple[Tone, Word]]] = {
    "new": ("running", later("New record")),
    "changed": ("running", later("Changed")),
    "unchanged": ("idle", later("Unchanged")),
    "bad": ("act", later("Problems")),
    "left": ("off", later("Left out")),
    "waiting": ("idle", later("Not looked at")),
}
_NUMBERS: Final = ("integer", "decimal", "money")
_ORDER: Final = ("bad", "new", "changed", "unchanged", "left")


def preview_of(conn: sa.Connection, at: Standing, target: Target | None, show: Show, fate: str, after: int) -> Preview:
    """Return one page of rows, with what is wrong in all of them."""
    found = at.found
    layout, plan = Layout.of(found.layout), Plan.of(found.plan)
    goals = {goal.name: goal for goal in target.goals} if target else {}
    places = sorted(plan.columns) if plan.columns else list(range(len(layout.columns)))
    if not fate and at.state == "ready":
        fate = "bad"
    fate = fate if found.counts.get(fate) else ""
    batch = rows.after(conn, services().vault, found.id, after, limit=PAGE + 1, fate=fate)
    writer = _Writer(found, layout, plan, goals, show, done=at.state == "done")
    counts = found.counts
    good = counts.get("new", 0) + counts.get("changed", 0)
    bad = counts.get("bad", 0)
    return Preview(
        tabs=_tabs(found, fate, show),
        heads=[writer.head(place) for place in places],
        rows=[writer.row(row, places) for row in batch[:PAGE]],
        kinds=[writer.kind(conn, kind) for kind in faults.kinds(conn, found.id, limit=_KINDS)] if bad else [],
        fate=fate or "all",
        after=after,
        pager=_pager(found, fate, batch, after, show),
        all=show.number(found.rows),
        good=many("%(num)s row", "%(num)s rows", good),
        bad=many("%(num)s row", "%(num)s rows", bad) if bad else "",
        nothing=good == 0,
        parts=_parts(found, target, show) if at.state == "ready" else "",
    )


def _parts(found: Import, target: Target | None, show: Show) -> str:
    if target is None or not needs_parts(found, target):
        return ""
    return _(
        "Import in parts: more than %(n)s rows do not go in all at once; what is in when you cancel stays",
        n=show.number(target.atomic),
    )


def _tabs(found: Import, fate: str, show: Show) -> list[Tab]:
    def here(key: str) -> str:
        return url_for("imports.one", import_id=found.id, fate=key)

    made = [Tab("all", _("All"), show.number(found.rows), here("all"), current=not fate)]
    made += [
        Tab(
            key,
            str(_FATES[key][1]),
            show.number(found.counts[key]),
            here(key),
            current=fate == key,
            urgent=key == "bad",
        )
        for key in _ORDER
        if found.counts.get(key)
    ]
    return made


def _pager(found: Import, fate: str, batch: Sequence[Row], after: int, show: Show) -> Pager:
    kept = fate or "all"
    following = batch[PAGE - 1].number if len(batch) > PAGE else None
    here = url_for("imports.one", import_id=found.id, fate=kept)
    total = found.counts.get(fate, 0) if fate else found.rows
    return Pager(
        _("%(first)s of %(total)s", first=show.number(min(len(batch), PAGE)), total=show.number(total)),
        here if after else "",
        url_for("imports.one", import_id=found.id, fate=kept, after=following) if following else "",
    )


class _Writer:
    """Writes rows for one reader."""

    def __init__(
        self, found: Import, layout: Layout, plan: Plan, goals: Mapping[str, Goal], show: Show, *, done: bool
    ) -> None:
        self._found = found
        self._layout = layout
        self._plan = plan
        self._goals = goals
        self._show = show
        self._done = done

    def head(self, place: int) -> tuple[str, str, str]:
        """Return a column's head: what it fills, what the file calls it, and whether it holds numbers."""
        goal, name = self._goal(place), self._name(place)
        kind = "num" if goal is not None and goal.kind in _NUMBERS else ""
        return (self._show.text(goal.title), name, kind) if goal else (name, "", "")

    def row(self, row: Row, places: Sequence[int]) -> RowLine:
        """Return one row."""
        tone, word = _FATES[row.fate]
        if self._done and row.fate in ("new", "changed"):
            tone = "done"
        loose = [fault for fault in row.faults if fault.column not in places]
        cells = [self._cell(row, place, whole=bool(loose)) for place in places]
        return RowLine(row.number, State(tone, str(word)), cells, [self._said(one) for one in loose], self._href(row))

    def kind(self, conn: sa.Connection, kind: FaultKind) -> KindLine:
        """Return rows with the same problem."""
        first = rows.get(conn, services().vault, self._found.id, kind.first)
        fault = (
            next((one for one in first.faults if (one.column, one.code) == (kind.column, kind.code)), None)
            if first
            else None
        )
        value = first.cells[kind.column] if first and 0 <= kind.column < len(first.cells) else ""
        return KindLine(
            kind.column,
            kind.code,
            kind.value,
            many("%(num)s row", "%(num)s rows", kind.count),
            self.head(kind.column)[0] if kind.column >= 0 else _("The row"),
            value[:60],
            self._said(fault) if fault else "",
            self._options(kind.column, value),
            kind.first,
            url_for("imports.one", import_id=self._found.id, fate="bad", after=max(kind.first - 1, 0)),
        )

    def _cell(self, row: Row, place: int, *, whole: bool) -> Cell:
        text = row.cells[place] if place < len(row.cells) else ""
        said = "; ".join(self._said(fault) for fault in row.faults if fault.column == place)
        edit = not self._done and row.fate == "bad" and (bool(said) or whole)
        if said or edit:
            return Cell(place, text, said, self._options(place, text) if edit else (), edit)
        goal = self._goal(place)
        return Cell(place, self._words(place, text), number=goal is not None and goal.kind in _NUMBERS)

    def _words(self, place: int, text: str) -> str:
        goal = self._goal(place)
        if goal is None:
            return text or NOTHING
        column = self._plan.columns[place]
        try:
            value = read_value(goal, text, column.how, self._show.zone)
        except Unreadable:
            return text
        return self._value(goal, value)

    def _value(self, goal: Goal, value: Any) -> str:
        match goal.kind:
            case _ if value is None:
                return NOTHING
            case "choice":
                return self._show.text(goal.options[value]) if value in goal.options else str(value)
            case "money":
                return self._show.money(value, goal.currency)
            case "bool":
                return _("yes") if value else _("no")
            case "moment":
                return self._show.exact(datetime.fromisoformat(value))
            case "integer" | "decimal" if isinstance(value, int | Decimal):
                return self._show.number(float(value))
            case _:
                return str(value)

    def _options(self, place: int, text: str) -> list[Option]:
        goal = self._goal(place)
        if goal is None or not goal.options:
            return []
        titles = [self._show.text(title) for title in goal.options.values()]
        own = [] if text in titles else [Option(text, text or NOTHING, chosen=True)]
        return own + [Option(title, title, title == text) for title in titles]

    def _goal(self, place: int) -> Goal | None:
        column = self._plan.columns.get(place)
        return self._goals.get(column.to) if column else None

    def _name(self, place: int) -> str:
        return self._layout.columns[place] if 0 <= place < len(self._layout.columns) else ""

    def _said(self, fault: CellFault) -> str:
        return str(fault.text.get(self._show.language) or fault.text.get("en", ""))

    def _href(self, row: Row) -> str:
        if not self._done or not row.subject:
            return ""
        kind, _sign, key = self._found.into.partition(":")
        if kind == "record":
            return url_for("record.one", key=key, record_id=row.subject)
        return url_for("order.index", order_id=row.subject)
