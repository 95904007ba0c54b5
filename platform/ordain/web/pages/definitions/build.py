"""The pages of definitions, put together from the store."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import url_for

from ordain import kinds
from ordain.base.text import Text
from ordain.flows import publishing
from ordain.flows.exchange import text_of
from ordain.store import definitions as store
from ordain.store.definitions import Draft, Listed, Version
from ordain.web.pages.definitions.comparing import changes, rows
from ordain.web.pages.definitions.context import (
    Chip,
    ComparePage,
    DefinitionLine,
    DefinitionPage,
    DefinitionsPage,
    History,
    KindLink,
    VersionLine,
)
from ordain.web.pages.definitions.naming import drawn, naming
from ordain.web.pages.json_lines import json_lines
from ordain.web.pages.lists import Option
from ordain.web.pages.reader import given
from ordain.web.pages.texts import _, many
from ordain.web.pages.words import faults
from ordain.web.show import Show


def listed(conn: sa.Connection, kind: str, q: str, show: Show) -> DefinitionsPage:
    """Return the list of one kind, or of all; `q` is a part of key or title."""
    everything = store.listed(conn)
    counts = Counter(item.kind for item in everything)
    wanted = q.casefold()
    found = [
        item
        for item in everything
        if kind in ("", item.kind)
        and (not wanted or wanted in f"{item.key} {' '.join(item.title.values())}".casefold())
    ]
    links = [KindLink("", _("All kinds"), show.number(len(everything)), url_for("definitions.index"), not kind)]
    links += [
        KindLink(
            each.name,
            show.text(each.title),
            show.number(counts[each.name]),
            url_for("definitions.index", kind=each.name),
            each.name == kind,
        )
        for each in kinds.all_kinds()
    ]
    title = kind_title(kind, show) if kind else _("Definitions")
    newest = {(version.kind, version.key): version for version in store.live_versions(conn)}
    lines = [_line(item, newest.get((item.kind, item.key)), show) for item in found]
    drafts = sum(item.draft for item in everything)
    return DefinitionsPage(links, title, kind, q, lines, show.number(len(found)), drafts)


def one(conn: sa.Connection, history: Sequence[Version], version: Version, show: Show, tab: str) -> DefinitionPage:
    """Return one version with its history beside it."""
    view = drawn(version.kind, version.document) if tab == "form" else None
    here = partial(url_for, "definitions.one", kind=version.kind, key=version.key, version=version.number)
    live = store.live(conn, version.kind, version.key)
    drafted = store.draft(conn, version.kind, version.key) is not None
    document = version.document
    before = next((item for item in history if item.number < version.number), None)
    return DefinitionPage(
        kind=version.kind,
        kind_title=kind_title(version.kind, show),
        kind_href=url_for("definitions.index", kind=version.kind),
        key=version.key,
        title=title_of(document, show),
        description=show.text(Text.of(document.get("description", ""))),
        chips=_chips(live.number if live else None, None, draft=drafted),
        version=version_title(version, live),
        tab="form" if view else "json",
        form_href=here(),
        json_tab=here(tab="json"),
        view=view,
        lines=[] if view else json_lines(document),
        text="" if view else text_of(document).decode(),
        hash=version.hash,
        history=history_of(conn, version.kind, version.key, history, version, show),
        problems=faults(publishing.check(document), show),
        older=_compare_href(before, version) if before else "",
        json_href=url_for("api_definitions.one", kind=version.kind, key=version.key),
        may_edit=given("definition").may("edit"),
        drafted=drafted,
    )


def history_of(
    conn: sa.Connection, kind: str, key: str, history: Sequence[Version], shown: Version | None, show: Show
) -> History:
    """Return the versions with how much was decided by each lately; `shown` is the one on the page."""
    live = store.live(conn, kind, key)
    runs = store.decided_lately(conn, kind, key)
    may = given("definition").may
    lines = [_version(item, shown or live, live, runs.get(item.number, 0), show) for item in history]
    return History(kind, key, lines, may("edit"), may("publish"))


def as_version(draft: Draft) -> Version:
    """Return a draft as a version that has no number yet, for comparing."""
    return Version(draft.kind, draft.key, 0, draft.document, draft.hash, draft.owner, "", draft.saved_at)


def before(history: Sequence[Version], version: Version, live: Version | None) -> Version:
    """Return what a version is compared with unasked: a draft with what runs, a version with the one before."""
    if not version.number:
        return live or version
    return next((item for item in history if 0 < item.number < version.number), version)


def compared(conn: sa.Connection, history: Sequence[Version], left: Version, right: Version, show: Show) -> ComparePage:
    """Return two versions side by side."""
    live = store.live(conn, left.kind, left.key)
    return ComparePage(
        kind=left.kind,
        kind_title=kind_title(left.kind, show),
        kind_href=url_for("definitions.index", kind=left.kind),
        key=left.key,
        title=title_of(right.document, show),
        href=url_for("definitions.one", kind=left.kind, key=left.key),
        left=_options(history, left, live),
        right=_options(history, right, live),
        left_title=version_title(left, live),
        right_title=version_title(right, live),
        changes=changes(left.document, right.document, naming(left.kind, (left.document, right.document), show)),
        rows=rows(left.document, right.document),
    )


def kind_title(kind: str, show: Show) -> str:
    """Return a kind's name for people."""
    found = kinds.get(kind)
    return show.text(found.title) if found else kind


def title_of(document: Mapping[str, Any], show: Show) -> str:
    """Return a definition's title, its key where it has none."""
    return show.text(Text.of(document.get("title") or str(document.get("key", ""))))


def version_title(version: Version, live: Version | None) -> str:
    """Return a version's name, with a word where it is the one that runs."""
    if not version.number:
        return _("Draft")
    title = _("Version %(n)s", n=version.number)
    return _("%(version)s · live", version=title) if live and live.number == version.number else title


def _line(item: Listed, live: Version | None, show: Show) -> DefinitionLine:
    return DefinitionLine(
        id=f"{item.kind}-{item.key}",
        key=item.key,
        title=show.text(Text.of(dict(item.title))) or item.key,
        kind=kind_title(item.kind, show),
        href=url_for("definitions.one" if item.versions else "editor.edit", kind=item.kind, key=item.key),
        chips=_chips(item.live, item.canary, draft=item.draft),
        changed=show.ago(item.changed_at),
        changed_exact=show.exact(item.changed_at),
        author=_who(live.author) if live else "",
        note=live.note if live else "",
    )


def _chips(live: int | None, canary: int | None, *, draft: bool) -> list[Chip]:
    found = []
    if live is not None:
        found.append(Chip(_("live, version %(n)s", n=live), "ok", "check"))
    if canary is not None:
        found.append(Chip(_("canary, version %(n)s", n=canary), "dashed"))
    if draft:
        found.append(Chip(_("draft"), "accent", "pencil"))
    return found or [Chip(_("not live"), "line")]


def _version(item: Version, shown: Version | None, live: Version | None, runs: int, show: Show) -> VersionLine:
    current = shown is not None and item.number == shown.number
    two = sorted((item, shown or item), key=lambda version: version.number)
    return VersionLine(
        number=item.number,
        title=_("Version %(n)s", n=item.number),
        href=url_for("definitions.one", kind=item.kind, key=item.key, version=item.number),
        live=live is not None and live.number == item.number,
        current=current,
        author=_who(item.author),
        note=item.note,
        at=show.ago(item.at),
        exact=show.exact(item.at),
        compare="" if current or shown is None else _compare_href(two[0], two[1]),
        compare_title=_("Compare with version %(n)s", n=shown.number) if shown else "",
        runs=many("%(num)s decision lately", "%(num)s decisions lately", runs) if runs else "",
    )


def _options(history: Sequence[Version], chosen: Version, live: Version | None) -> list[Option]:
    return [
        Option(str(item.number or "draft"), version_title(item, live), item.number == chosen.number) for item in history
    ]


def _compare_href(left: Version, right: Version) -> str:
    return url_for("definitions.compare", kind=left.kind, key=left.key, left=left.number, right=right.number)


def _who(author: str) -> str:
    return author.removeprefix("user:")
