"""The mapping editor's middle: target fields as rows with their sources and chips, lookup tables as a grid."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ordain.base import json
from ordain.engines.form import View
from ordain.engines.form.drawing import any_text
from ordain.engines.mapping.suggesting import suggest
from ordain.engines.mapping.wording import WORDINGS, Wording, first_step, name_of, said, settings_of, title_of
from ordain.flows.trying import Trial
from ordain.language.expression import Type
from ordain.records.fields import LINES, RECORDS
from ordain.web.pages.editor.composing import DO, SET
from ordain.web.pages.editor.group import sample_href
from ordain.web.pages.editor.map_context import MapGroup, MappingEditor, MapRow, Open, SettingInput, StepChip, Unmapped
from ordain.web.pages.editor.map_tables import tables_of
from ordain.web.pages.lists import Option
from ordain.web.show import Show

_NEEDED: Final = frozenset(("external_id", "state", "placed_at", "total", "sku", "quantity", "amount"))
_SOURCES: Final = ("from", "expression", "template", "value")


def mapping_editor(
    view: View, document: Mapping[str, Any], trial: Trial, results: Mapping[str, str], here: str, at: Open, show: Show
) -> MappingEditor | None:
    """Return the middle of a mapping's editor; None where the draft's form is not as a mapping's is."""
    spec = _part(view, "spec")
    fields = _part(spec, "spec.fields") if spec else None
    if spec is None or fields is None or fields.how != "map":
        return None
    draft = document.get("spec") or {}
    drawer = _Rows(draft, trial, results, here, at.part, show)
    groups = [drawer.group(fields, "")]
    lists = _part(spec, "spec.lists")
    for one in lists.parts if lists and lists.how == "map" else ():
        inner = _part(one, f"{one.path}.fields")
        if inner is not None and inner.how == "map":
            above = [part for part in one.parts if part.path.rsplit(".", 1)[1] in ("each", "where")]
            groups.append(drawer.group(inner, one.key or "", above, one))
    lookups = _part(spec, "spec.lookups")
    mine = {"spec.fields", "spec.lists", "spec.lookups"}
    others = [part for part in spec.parts if part.path not in mine]
    absent = [part for part in spec.parts if part.how == "absent"]
    return MappingEditor(
        groups=groups,
        texts=[part for part in view.parts if part.how == "texts"],
        hidden=[part for part in (lists,) if part and part.how == "map"],
        leaves=[part for part in others if part.how == "leaf"],
        sections=[part for part in others if part.how not in ("leaf", "absent", "texts")],
        absent=[*absent, *(part for part in view.parts if part.how == "absent" and part.path != "examples")],
        examples=[part for part in view.parts if part.path == "examples"],
        lookups=lookups if lookups and lookups.how == "map" else None,
        tables=tables_of(lookups, draft, trial, at, here, show) if lookups and lookups.how == "map" else (),
        adds=[Option(any_text(first_step(name)), show.text(known.title)) for name, known in WORDINGS.items()],
        mapped=f"{sum(len(group.rows) for group in groups)}",
        needed=sum(one.needed for group in groups for one in group.unmapped),
        suggested=sum(bool(one.suggestion) for group in groups for one in (*group.unmapped, *group.more)),
    )


class _Rows:
    """Draws the rows of one mapping."""

    def __init__(
        self, draft: Mapping[str, Any], trial: Trial, results: Mapping[str, str], here: str, part: str, show: Show
    ) -> None:
        self._trial, self._results, self._here, self._part, self._show = trial, results, here, part, show
        self._record = str(draft.get("record") or "order")
        found = suggest(trial.payload, self._record) if trial.payload is not None else {}
        self._suggested = {"": found.get("fields", {})}
        self._suggested |= {name: one["fields"] for name, one in found.get("lists", {}).items()}
        self._lookups = list(draft.get("lookups") or ())

    def group(self, view: View, key: str, above: Sequence[View] = (), owner: View | None = None) -> MapGroup:
        rows = [self._row(part, key) for part in view.parts]
        unmapped = list(self._unmapped(view, key))
        wanted = [one for one in unmapped if one.needed or one.suggestion]
        rest = [one for one in unmapped if one not in wanted]
        return MapGroup(view, key, rows, wanted, rest, above, owner)

    def _unmapped(self, view: View, key: str) -> Iterator[Unmapped]:
        types: Mapping[str, Type] = LINES.get(self._record, {}) if key == "lines" else {}
        types = types if key else RECORDS.get(self._record, {})
        filled = {part.key for part in view.parts}
        for target in types:
            if target in filled:
                continue
            wanted = self._suggested.get(key, {}).get(target, {})
            name = f"map:{key}:{target}" if key else f"map:{target}"
            title = self._show.text(title_of(target))
            yield Unmapped(name, _id(name), target, title, target in _NEEDED, str(wanted.get("from", "")))

    def _row(self, view: View, owner: str) -> MapRow:
        parts = {part.path.removeprefix(f"{view.path}."): part for part in view.parts}
        how = next((name for name in _SOURCES if name in parts and _is_set(parts[name])), "")
        source = parts.get(how)
        via = parts.get("via")
        rest = [
            part
            for name, part in parts.items()
            if name not in (how, "via") and part.how != "absent" and _shows(name, part)
        ]
        place = f"{owner}.{view.key}" if owner else str(view.key)
        trouble = self._trial.troubles.get(place)
        message = ""
        if trouble is not None:
            message = self._show.text(trouble.example.message)
        hidden, sources = _sources(source) if how == "from" and source else ([], [])
        return MapRow(
            view=view,
            title=self._show.text(title_of(str(view.key))),
            needed=owner in ("", "lines") and view.key in _NEEDED,
            how=how,
            hidden=hidden,
            sources=sources,
            source=source,
            chips=[self._chip(part) for part in via.parts] if via and via.how == "list" else [],
            via=via if via and via.how == "list" else None,
            rest=rest,
            absent=[part for name, part in parts.items() if part.how == "absent" and name != "via"],
            result=self._results.get(place, ""),
            trouble=f"{trouble.count} × {message}" if trouble else "",
            trouble_href=sample_href(self._here, trouble.place) if trouble else "",
            failing=trouble is not None or _troubled(view),
            said_wrong=[part for part in view.walk() if part.problems and part.name != self._part],
            map_name=f"map:{owner}:{view.key}" if owner else f"map:{view.key}",
            open=self._part == view.name,
        )

    def _chip(self, view: View) -> StepChip:
        step = _step(view.value)
        word = name_of(step)
        known = WORDINGS.get(word)
        typed = settings_of(step)
        inputs = (
            [self._setting(view, setting.name, typed, known, place) for place, setting in enumerate(known.settings)]
            if known
            else []
        )
        lookup = typed.get("", "") if word == "lookup" else ""
        return StepChip(
            view,
            view.id,
            self._show.text(said(step)),
            view.name,
            f"{view.name}{DO}",
            word,
            inputs,
            lookup,
            known is not None,
            view.name == self._part,
        )

    def _setting(self, view: View, name: str, typed: Mapping[str, str], known: Wording, place: int) -> SettingInput:
        setting = known.settings[place]
        value = typed.get(name, "")
        options = [Option(one, self._show.text(words), one == value) for one, words in setting.options]
        if setting.lookup:
            options = [Option(one, one, one == value) for one in self._lookups]
            if value not in self._lookups:
                options.insert(0, Option(value, value or "—", chosen=True))
        return SettingInput(
            f"{view.name}{SET}{name}", f"{view.id}-set-{place}", self._show.text(setting.title), value, options
        )


def _sources(view: View) -> tuple[list[tuple[str, str]], list[View]]:
    """Return what a source posts unseen, and its inputs: one path, or several to be tried in turn."""
    if view.how != "union":
        return [], [view]
    hidden = [(f"{view.name}//is", "1"), (f"{view.name}//branch", view.branch)]
    inner = view.parts[0]
    if inner.how == "leaf":
        return hidden, [inner]
    return [*hidden, *((f"{view.name}//row", part.row) for part in inner.parts)], inner.parts


def _is_set(view: View) -> bool:
    return view.how != "absent" and (view.how != "leaf" or bool(view.value))


def _shows(name: str, view: View) -> bool:
    """Tell whether a part stands in the row's settings: another source only where something is in it."""
    return name not in _SOURCES or _is_set(view)


def _troubled(view: View) -> bool:
    return any(part.problems for part in view.walk())


def _part(view: View | None, path: str) -> View | None:
    return next((part for part in view.parts if part.path == path), None) if view else None


def _step(text: str) -> Any:
    if text[:1] not in "{[":
        return text
    try:
        return json.loads(text)
    except json.BadJson:
        return text


def _id(name: str) -> str:
    return "m-" + name.replace(":", "-").replace(".", "-")
