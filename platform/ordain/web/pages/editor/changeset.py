"""Open drafts, and several of them published together: a channel with its mapping, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain import kinds
from ordain.base.errors import Problem, Refused
from ordain.flows import publishing
from ordain.store import definitions as store
from ordain.store.definitions import Draft
from ordain.web.here import services
from ordain.web.pages.definitions.build import kind_title, title_of
from ordain.web.pages.definitions.comparing import changes
from ordain.web.pages.definitions.context import Change
from ordain.web.pages.definitions.naming import naming
from ordain.web.pages.lists import Fault
from ordain.web.pages.reader import given, go, reader
from ordain.web.pages.words import faults
from ordain.web.policy import current_origin, policy, weighty_kind
from ordain.web.show import Show

changesets = Blueprint("changesets", __name__, url_prefix="/admin/definitions/drafts")


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One open draft: whose, from which version, what it changes; `stale` where another version runs by now."""

    place: str
    title: str
    kind: str
    href: str
    owner: str
    saved: str
    exact: str
    base: int | None
    live: int | None
    stale: bool
    problems: int
    changes: Sequence[Change]
    chosen: bool


@dataclass(frozen=True, slots=True)
class DraftsPage:
    """All open drafts; `problems` is what kept the chosen ones from running."""

    rows: Sequence[DraftLine]
    problems: Sequence[Fault]
    note: str
    may_publish: bool


def weighty_drafts(_: Mapping[str, Any]) -> bool:
    """Tell whether among the chosen drafts is one whose publishing asks for a proof."""
    return any(weighty_kind({"kind": place.partition("/")[0]}) for place in request.form.getlist("draft"))


@changesets.get("")
@policy("definition.read")
def index() -> str:
    """Show the open drafts."""
    return _page(request.args.getlist("draft"))


@changesets.post("/publish")
@policy("definition.publish", step_up=weighty_drafts)
def publish() -> Response:
    """Publish the chosen drafts together, or none of them."""
    chosen, note = request.form.getlist("draft"), request.form.get("note", "").strip()[:2000]
    try:
        publishing.publish_drafts(services(), places_of(chosen), note, current_origin())
    except Refused as refused:
        return Response(_page(chosen, refused.problems, note), 422)
    return go(url_for("definitions.index"))


@changesets.post("/discard")
@policy("definition.edit")
def discard() -> Response:
    """Forget the chosen drafts; what runs stays as it is."""
    for kind, key in places_of(request.form.getlist("draft")):
        publishing.discard_draft(services(), kind, key, current_origin())
    return go(url_for("changesets.index"))


def places_of(chosen: Sequence[str]) -> list[tuple[str, str]]:
    """Return the definitions that `kind/key` names, each once; unknown kinds are left out."""
    pairs = [place.partition("/") for place in dict.fromkeys(chosen[:200])]
    return [(kind, key) for kind, _, key in pairs if kinds.get(kind) is not None]


def _page(chosen: Sequence[str], found: Sequence[Problem] = (), note: str = "") -> str:
    show = reader()
    with services().db.read() as conn:
        rows = [_line(conn, draft, chosen, show) for draft in store.drafts(conn)]
    page = DraftsPage(rows, faults(found, show), note, given("definition").may("publish"))
    return render_template("admin/drafts.html", page=page)


def _line(conn: sa.Connection, draft: Draft, chosen: Sequence[str], show: Show) -> DraftLine:
    live = store.live(conn, draft.kind, draft.key)
    before = live.document if live else {}
    place = f"{draft.kind}/{draft.key}"
    called = naming(draft.kind, (before, draft.document), show)
    return DraftLine(
        place=place,
        title=title_of(draft.document, show) or draft.key,
        kind=kind_title(draft.kind, show),
        href=url_for("editor.edit", kind=draft.kind, key=draft.key),
        owner=draft.owner.removeprefix("user:"),
        saved=show.ago(draft.saved_at),
        exact=show.exact(draft.saved_at),
        base=draft.base_version,
        live=live.number if live else None,
        stale=live is not None and live.number != draft.base_version,
        problems=len(publishing.check(draft.document)),
        changes=changes(before, draft.document, called),
        chosen=place in chosen,
    )
