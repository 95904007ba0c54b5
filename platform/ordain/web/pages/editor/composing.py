"""What a mapping's editor posts beside the form: chips of transforms, targets to be mapped, rows of a lookup table."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ordain.base.errors import Problem
from ordain.engines.form.drawing import any_text
from ordain.engines.mapping.suggesting import source_of
from ordain.engines.mapping.tables import Row, edited, pasted
from ordain.engines.mapping.wording import step_of

DO: Final = "//do"
SET: Final = "//set/"
MAP: Final = "map:"
GRID: Final = "grid"
Pairs = list[tuple[str, str]]


def composed(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Return the form's own pairs, each chip put together to one value from its transform and its settings."""
    found: Pairs = []
    chips: dict[str, str] = {}
    settings: dict[str, dict[str, str]] = {}
    for name, text in pairs:
        if name.endswith(DO):
            chips[name.removesuffix(DO)] = text
        elif SET in name:
            owner, _, setting = name.partition(SET)
            settings.setdefault(owner, {})[setting] = text
        elif not name.startswith((MAP, GRID)):
            found.append((name, text))
    return found + [(name, any_text(step_of(word, settings.get(name, {})))) for name, word in chips.items()]


def mapped(document: dict[str, Any], form: Mapping[str, str], payload: Any) -> dict[str, Any]:
    """Return a mapping's draft with the sources given to targets that had none: `map:total`, `map:lines:sku`."""
    for name, text in form.items():
        if not name.startswith(MAP) or not text.strip():
            continue
        owner, _, target = name.removeprefix(MAP).rpartition(":")
        spec = dict(document.get("spec") or {})
        record = str(spec.get("record") or "order")
        if owner:
            lists = dict(spec.get("lists") or {})
            one = dict(lists.get(owner) or {})
            made = source_of(payload, text.strip(), target, record, str(one.get("each", "")))
            lists[owner] = {**one, "fields": {**(one.get("fields") or {}), target: made}}
            spec["lists"] = lists
        else:
            spec["fields"] = {**(spec.get("fields") or {}), target: source_of(payload, text.strip(), target, record)}
        document = {**document, "spec": spec}
    return document


def gridded(
    document: dict[str, Any], form: Mapping[str, str], names: Mapping[str, str], act: str
) -> tuple[dict[str, Any], list[Problem]]:
    """Return a mapping's draft with the open lookup table as its grid has it; `names` are tables that were renamed."""
    table = names.get(form.get(GRID, ""), form.get(GRID, ""))
    spec = dict(document.get("spec") or {})
    lookups = dict(spec.get("lookups") or {})
    if not isinstance(lookups.get(table), Mapping):
        return document, []
    word, _, key = act.partition(":")
    rows = [
        Row(form[f"grid:was:{mark}"], text, form.get(f"grid:value:{mark}", ""))
        for mark, text in ((name.removeprefix("grid:key:"), text) for name, text in form.items() if "grid:key:" in name)
        if f"grid:was:{mark}" in form
    ]
    if word != "grid-add":
        rows = [row for row in rows if row.was]
    made = edited(lookups[table], rows, key if word == "grid-remove" else None)
    found: list[Problem] = []
    if word == "grid-paste" and form.get("grid:text", "").strip():
        made, found = pasted(made, form["grid:text"])
    lookups[table] = made
    return {**document, "spec": {**spec, "lookups": lookups}}, found


def renamed(form: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, str]:
    """Return which lookup tables were given another name, old to new."""
    lookups = (before.get("spec") or {}).get("lookups") or {}
    found = {}
    for place, old in enumerate(lookups if isinstance(lookups, Mapping) else ()):
        new = form.get(f"spec/lookups/r{place}//key", "").strip()
        if new and new != old:
            found[old] = new
    return found


def relinked(value: Any, names: Mapping[str, str]) -> Any:
    """Return a mapping's spec with the lookups in its pipelines under their new names."""
    if not names:
        return value
    if isinstance(value, Mapping):
        return {
            key: names.get(inner, inner) if key == "lookup" and isinstance(inner, str) else relinked(inner, names)
            for key, inner in value.items()
        }
    return [relinked(inner, names) for inner in value] if isinstance(value, list) else value
