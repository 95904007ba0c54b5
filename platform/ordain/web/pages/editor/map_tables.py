"""Lookup tables in the mapping editor: one open as a grid, a page at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ordain.engines.form import View
from ordain.engines.mapping.tables import shown
from ordain.engines.mapping.usage import lookup_values
from ordain.flows.trying import Trial
from ordain.records.fields import RECORDS
from ordain.web.pages.editor.map_context import GridRow, Missing, Open, Table
from ordain.web.show import Show

PAGE: Final = 30
_CHOICES: Final = 60
_MISSING: Final = 20


def tables_of(view: View, draft: Mapping[str, Any], trial: Trial, at: Open, here: str, show: Show) -> list[Table]:
    """Return every lookup table of a draft, one of them open, with the values that came and are not in it."""
    values = lookup_values(draft, trial.payloads) if trial.payloads else {}
    tables = []
    lookups = draft.get("lookups") or {}
    for place, part in enumerate(view.parts):
        key = str(part.key)
        content = lookups.get(key)
        if not isinstance(content, Mapping):
            continue
        counts = values.get(key, Counter())
        missing = [(one, count) for one, count in counts.most_common() if one not in content]
        is_open = at.table == key or (not at.table and place == 0)
        choices = _choices(draft, key)
        made = Table(part, key, show.number(len(content)), len(missing), href=f"{here}/table.csv?table={key}")
        tables.append(_opened(made, content, counts, missing, choices, at, show) if is_open else made)
    return tables


def _opened(
    table: Table,
    content: Mapping[str, Any],
    counts: Counter[str],
    missing: list[tuple[str, int]],
    choices: Sequence[str],
    at: Open,
    show: Show,
) -> Table:
    wanted = at.q.casefold()
    found = [
        (place, key, shown(value))
        for place, (key, value) in enumerate(content.items())
        if not wanted or wanted in key.casefold() or wanted in shown(value).casefold()
    ]
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(1, at.page), pages)
    rows = [
        GridRow(str(place), key, value, show.number(counts[key]) if counts[key] else "")
        for place, key, value in found[(page - 1) * PAGE : page * PAGE]
    ]
    values = list(dict.fromkeys((*choices, *(shown(value) for value in content.values()))))[:_CHOICES]
    return replace(
        table,
        open=True,
        rows=rows,
        missing=[Missing(f"new{n}", key, show.number(count)) for n, (key, count) in enumerate(missing[:_MISSING])],
        values=values,
        q=at.q,
        page=page,
        pages=pages,
        found=show.number(len(found)),
    )


def _choices(draft: Mapping[str, Any], table: str) -> Sequence[str]:
    """Return what a table's values may be: the choices of the first target that is looked up in it."""
    types = RECORDS.get(str(draft.get("record") or "order"), {})
    for target, field in (draft.get("fields") or {}).items():
        steps = field.get("via") if isinstance(field, Mapping) else None
        looks = isinstance(steps, list) and any(
            isinstance(one, Mapping) and one.get("lookup") == table for one in steps
        )
        if looks and target in types:
            return types[target].options
    return ()
