"""The editor, put together from draft, live version and what both are found to be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa
from flask import url_for

from ordain import kinds
from ordain.base.errors import Problem, Refused
from ordain.base.text import Text
from ordain.engines.form import View, draw
from ordain.engines.form.folding import SMALL, size
from ordain.engines.form.shape import OWN
from ordain.flows import publishing
from ordain.flows.exchange import text_of
from ordain.flows.probing import Probe, first_text
from ordain.flows.publishing import Conflict
from ordain.kinds import Kind
from ordain.records.types import TYPES
from ordain.store import definitions as store
from ordain.store.definitions import Draft, Version
from ordain.web.pages.definitions.build import kind_title, title_of
from ordain.web.pages.definitions.comparing import changes
from ordain.web.pages.definitions.context import Change, Chip
from ordain.web.pages.definitions.naming import naming, shape_of
from ordain.web.pages.editor.conditions import Composed, laid
from ordain.web.pages.editor.context import Conflicted, EditorPage, Mark, NewPage
from ordain.web.pages.editor.group import group_of
from ordain.web.pages.editor.lines import broken_line, line_of, lines_of
from ordain.web.pages.editor.map_context import Open
from ordain.web.pages.editor.mapping import mapping_editor
from ordain.web.pages.editor.previewing import form_preview
from ordain.web.pages.editor.sampling import sample_panel, trial_of
from ordain.web.pages.lists import Fault, Option
from ordain.web.pages.reader import given
from ordain.web.pages.texts import _
from ordain.web.pages.words import faults
from ordain.web.show import Show

Document = Mapping[str, Any]
OPEN: Final = Open()
NO_ROWS: Final = Composed([], set())
_ROWS: Final = ("spec/fields", "spec/lists", "spec/lookups")


def editor(
    conn: sa.Connection,
    kind: Kind,
    key: str,
    show: Show,
    *,
    tab: str = "form",
    sample: int = 0,
    document: Document | None = None,
    unread: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
    text: str | None = None,
    conflict: Conflict | None = None,
    probe: Probe | None = None,
    drawn: Collection[str] = (),
    at: Open = OPEN,
    rows: Composed = NO_ROWS,
) -> EditorPage:
    """Return the editor of a definition as it stands: draft, else live; `document` where it was posted just now."""
    draft, live = store.draft(conn, kind.name, key), store.live(conn, kind.name, key)
    standing = document if document is not None else draft.document if draft else live.document if live else {}
    problems = [*unread, *publishing.check(standing)]
    view, undrawable = _view(kind, standing, problems, typed, drawn, show)
    if view is not None:
        laid(view, standing.get("spec") or {}, rows, show)
    shown = "json" if tab == "json" or view is None else "form"
    written = text if text is not None else text_of(standing).decode()
    found = _anchored(problems, view, show)
    marks = _marks(found, written) if shown == "json" else []
    here = url_for("editor.edit", kind=kind.name, key=key)
    trial = trial_of(standing, sample)
    panel = sample_panel(trial, standing, here, show)
    results = panel.results if panel else {}
    middle = mapping_editor(view, standing, trial, results, here, at, show) if view and kind.name == "mapping" else None
    return EditorPage(
        kind=kind.name,
        kind_title=kind_title(kind.name, show),
        kind_href=url_for("definitions.index", kind=kind.name),
        key=key,
        title=title_of(standing, show) or key,
        href=url_for("definitions.one", kind=kind.name, key=key),
        edit_href=here,
        group=group_of() if panel else "",
        effect_href=url_for("editor.effect", kind=kind.name, key=key, group=group_of()) if panel and group_of() else "",
        json_href=f"{here}?tab=json",
        chips=_chips(draft, live),
        tab=shown,
        seen=conflict.hash if conflict else draft.hash if draft else live.hash if live else "",
        saved=show.clock(draft.saved_at) if draft else "",
        owner=draft.owner.removeprefix("user:") if draft else "",
        view=view,
        text=written,
        problems=[replace(fault, anchor=f"line-{mark.line}") for fault, mark in zip(found, marks, strict=True)]
        if marks
        else found,
        changes=_changes(kind.name, live.document if live else {}, standing, show),
        sample=panel,
        mapping=middle,
        preview=form_preview(conn, key, standing, show) if kind.name == "form" and not problems else None,
        together=_together(conn, standing, show) if draft else (),
        may_publish=given("definition").may("publish"),
        drafted=draft is not None,
        live=live is not None,
        compare_href=_compare_href(draft, live),
        undrawable=undrawable,
        conflict=_conflicted(kind.name, conflict, show),
        lists=_lists(conn, view, standing.get("spec") or {}, show),
        ask_href=_ask_href(kind, key, standing),
        probe=probe,
        first=first_text(probe) if probe else "",
        marks=marks,
    )


def new_page(
    conn: sa.Connection, kind: str, show: Show, given_values: Mapping[str, str], problems: Sequence[Problem]
) -> NewPage:
    """Return the page on which a definition is begun."""
    return NewPage(
        kind=kind,
        kind_title=kind_title(kind, show),
        kind_href=url_for("definitions.index", kind=kind),
        kinds=[Option(each.name, show.text(each.title), each.name == kind) for each in kinds.all_kinds()],
        likes=_named(conn, kind, show, given_values.get("like", "")),
        key=given_values.get("key", ""),
        zh=given_values.get("zh", ""),
        en=given_values.get("en", ""),
        problems=faults(problems, show),
        sample=given_values.get("sample", ""),
    )


def _compare_href(draft: Draft | None, live: Version | None) -> str:
    if live is None or (draft is None and live.number < 2):
        return ""
    return url_for("definitions.compare", kind=live.kind, key=live.key)


def _together(conn: sa.Connection, document: Document, show: Show) -> list[Option]:
    """Return the drafts that belong to this one; those that it needs and that do not run yet are chosen."""
    kind = kinds.get(str(document.get("kind")))
    named = {(one.kind, one.key) for one in kind.references(document)} if kind else set()
    found = []
    for one in publishing.related(conn, document):
        needed = (one.kind, one.key) in named and store.live(conn, one.kind, one.key) is None
        title = f"{kind_title(one.kind, show)} {title_of(one.document, show)}"
        found.append(Option(f"{one.kind}/{one.key}", title, needed))
    return found


def _ask_href(kind: Kind, key: str, document: Document) -> str:
    polls = kind.name == "channel" and "poll" in (document.get("spec", {}).get("intakes") or {})
    return url_for("editor.ask", key=key) if polls and given("channel").may("operate") else ""


def _view(
    kind: Kind,
    document: Document,
    problems: Sequence[Problem],
    typed: Mapping[str, str] | None,
    drawn: Collection[str],
    show: Show,
) -> tuple[View | None, str]:
    """Return the form, large ones folded but for what is `drawn`; a mapping of usual size has its own rows."""
    rows = kind.name == "mapping" and size(document.get("spec", {}).get("fields"), 2 * SMALL) <= 2 * SMALL
    large = size(document) > SMALL

    def shows(name: str) -> bool:
        return name in drawn or (rows and name.startswith(_ROWS))

    try:
        return draw(shape_of(kind), document, problems, typed, shows if large else None), ""
    except Refused as refused:
        return None, show.text(refused.problems[0].message)


def _chips(draft: Draft | None, live: Version | None) -> list[Chip]:
    found = []
    if draft is not None:
        based = _("draft, based on version %(n)s", n=draft.base_version) if draft.base_version else _("draft")
        found.append(Chip(based, "accent", "pencil"))
    if live is not None:
        found.append(Chip(_("live, version %(n)s", n=live.number), "ok", "check"))
    return found


def _changes(kind: str, before: Document, after: Document, show: Show) -> list[Change]:
    return changes(before, after, naming(kind, (before, after), show))


def _anchored(problems: Sequence[Problem], view: View | None, show: Show) -> list[Fault]:
    """Return the problems with the ids of their fields, so that the summary jumps."""
    places = {part.path: part.id for part in view.walk()} if view else {}
    return [
        Fault(fault.path, fault.code, fault.message, _nearest(fault.path, places)) for fault in faults(problems, show)
    ]


def _marks(found: Sequence[Fault], text: str) -> list[Mark]:
    """Return each problem with its line in the text; one that keeps the text from being read names its line itself."""
    broken = any(fault.code == "bad_json" for fault in found)
    lines = {} if broken else lines_of(text)
    return [
        Mark(broken_line(fault.message) if fault.code == "bad_json" else line_of(fault.path, lines), fault.message)
        for fault in found
    ]


def _nearest(path: str, places: Mapping[str, str]) -> str:
    while path and path not in places:
        path = path.rpartition(".")[0]
    return places.get(path, "") if path else ""


def _conflicted(kind: str, conflict: Conflict | None, show: Show) -> Conflicted | None:
    if conflict is None:
        return None
    mine = text_of(conflict.mine).decode()
    told = _changes(kind, conflict.theirs, conflict.mine, show)
    return Conflicted(conflict.owner.removeprefix("user:"), told, mine, conflict.hash)


def _lists(conn: sa.Connection, view: View | None, spec: Document, show: Show) -> list[tuple[str, Sequence[Option]]]:
    """Return what references may name, one list for each kind that the form refers to, or part of its document."""
    wanted = sorted({part.ref for part in view.walk() if part.ref}) if view else []
    return [(kind, _own(spec, kind, show) if kind.startswith(OWN) else _named(conn, kind, show)) for kind in wanted]


def _own(spec: Document, ref: str, show: Show) -> list[Option]:
    """Return the parts of a document that it may name itself: the fields or states of a form's record."""
    what = ref.removeprefix(OWN)
    base = TYPES.get(str(spec.get("record"))) if spec.get("extends") else None
    built_in: Document = getattr(base, what, {}) if base and what in ("fields", "states") else {}
    known = {**built_in, **(spec.get(what) or {})}
    return [Option(name, show.text(Text.of(one.get("title", name)))) for name, one in known.items()]


def _named(conn: sa.Connection, kind: str, show: Show, chosen: str = "") -> list[Option]:
    return [
        Option(item.key, show.text(Text.of(dict(item.title))) or item.key, item.key == chosen)
        for item in store.listed(conn, kind)
    ]
