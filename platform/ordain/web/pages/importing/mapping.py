"""The step of mapping: a file's columns beside the fields they fill."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from ordain.engines.importing import Goal, Plan
from ordain.engines.tabular.header import letter
from ordain.flows.importing.reading import Layout
from ordain.flows.importing.targets import Target
from ordain.store.imports import files, rows
from ordain.store.imports.files import Import
from ordain.web.here import services
from ordain.web.pages.importing.context import ColumnLine, FixedLine, Mapping
from ordain.web.pages.lists import Option
from ordain.web.pages.texts import _, later
from ordain.web.show import Show

_SAMPLES: Final = 3
_DAYS: Final = (("", later("year, month, day")), ("dmy", later("day, month, year")), ("mdy", later("month, day, year")))
_AMOUNTS: Final = (("", later("in units, 12.50")), ("minor", later("in cents, 1250")))
_GROUPS: Final = (
    ("record", later("Records")),
    ("file", later("Files of a channel")),
    ("orders", later("Orders by their columns")),
    ("fields", later("Orders")),
)


def mapping_of(
    conn: sa.Connection, found: Import, known: Sequence[Target], target: Target | None, show: Show
) -> Mapping:
    """Return the step of mapping, as far as it is chosen what the file goes into."""
    layout, plan = Layout.of(found.layout), Plan.of(found.plan)
    sample = rows.after(conn, services().vault, found.id, 0, limit=40)
    held = [
        _samples([row.cells[place] for row in sample if place < len(row.cells)]) for place in range(len(layout.columns))
    ]
    goals = target.goals if target else ()
    habit = next((one for one in files.habits(conn, found.signature) if one.into == found.into), None)
    filled = {column.to for column in plan.columns.values()}
    return Mapping(
        into=_into(known, found.into, show),
        chosen=target is not None,
        own=bool(target and target.columns),
        remembered=_("Mapped as on %(day)s", day=show.clock(habit.used_at)) if habit and target else "",
        columns=[_column(place, name, held[place], plan, goals, show) for place, name in enumerate(layout.columns)],
        fixed=[
            _fixed(goal, plan, show)
            for goal in goals
            if goal.name not in filled and not goal.inside and goal.name != "number"
        ],
        match=_match(target, plan, show),
        lacking=_lacking(goals, plan, show),
        check=show.number(found.rows),
    )


def _lacking(goals: Sequence[Goal], plan: Plan, show: Show) -> list[str]:
    """Return what is required and not filled; entries of a list only where the file brings any."""
    lists = {goal.inside for goal in goals if goal.inside and plan.fills(goal.name)} | {"lines"}
    return [
        show.text(goal.title)
        for goal in goals
        if goal.required and not plan.fills(goal.name) and (not goal.inside or goal.inside in lists)
    ]


def _into(known: Sequence[Target], into: str, show: Show) -> list[tuple[str, list[Option]]]:
    found = []
    for kind, title in _GROUPS:
        own = [one for one in known if one.into.partition(":")[0] == kind]
        if own:
            found.append((str(title), [Option(one.into, show.text(one.title), one.into == into) for one in own]))
    return found


def _samples(cells: Sequence[str]) -> list[str]:
    distinct = dict.fromkeys(" ".join(cell.split())[:40] for cell in cells if cell.strip())
    return list(distinct)[:_SAMPLES]


def _column(place: int, name: str, samples: Sequence[str], plan: Plan, goals: Sequence[Goal], show: Show) -> ColumnLine:
    column = plan.columns.get(place)
    goal = next((one for one in goals if column is not None and one.name == column.to), None)
    to = [Option(one.name, show.text(one.title) + ("*" if one.required else ""), one is goal) for one in goals]
    ways = (
        _DAYS
        if goal and goal.kind in ("date", "datetime", "moment")
        else _AMOUNTS
        if goal and goal.kind == "money"
        else ()
    )
    how = column.how if column else ""
    return ColumnLine(
        place,
        letter(place),
        name,
        samples,
        to,
        [Option(key, str(word), key == how) for key, word in ways],
        goal is not None,
    )


def _fixed(goal: Goal, plan: Plan, show: Show) -> FixedLine:
    value = plan.fixed.get(goal.name, "")
    options = [Option(show.text(title), show.text(title), show.text(title) == value) for title in goal.options.values()]
    return FixedLine(goal.name, show.text(goal.title), value, options, goal.required)


def _match(target: Target | None, plan: Plan, show: Show) -> list[Option]:
    """Return the fields that can tell records apart, where a person has the choice."""
    if target is None or not target.into.startswith("record:"):
        return []
    chosen = target.match(plan)
    return [
        Option(goal.name, show.text(goal.title), goal.name in chosen)
        for goal in target.goals
        if not goal.inside and plan.column_of(goal.name) is not None and goal.kind in ("text", "integer", "date")
    ]
