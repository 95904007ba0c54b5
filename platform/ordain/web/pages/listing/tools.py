"""The tools around a list: which columns are shown, which view it is, what may be done with a selection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import url_for

from ordain.flows.bulk import actions_of
from ordain.flows.listing import Listed
from ordain.records.actor import User
from ordain.store import views
from ordain.store.views import SavedView
from ordain.web.pages.listing.context import Act, ColumnChoice, FieldAsked, Tools, ViewForm
from ordain.web.pages.lists import Tab
from ordain.web.policy import current_actor
from ordain.web.show import Show


class Address(Protocol):
    """A list's address as values."""

    @property
    def saved(self) -> str: ...  # noqa: D102
    @property
    def columns(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def layout(self) -> str: ...  # noqa: D102

    def pairs(self) -> list[tuple[str, str]]: ...  # noqa: D102
    def but(self, **changes: Any) -> "Address": ...  # noqa: D102
    def href(self, path: str) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader sees of a list: the columns in their order, their saved views, the one that is on show."""

    columns: Sequence[str]
    views: Sequence[SavedView]
    view: SavedView | None
    chosen: bool


def reader_id() -> str:
    """Return by whom views are kept."""
    actor = current_actor()
    return actor.id if isinstance(actor, User) else ""


def choose(
    conn: sa.Connection, subject: str, asked: Address, known: Mapping[str, str], usual: Sequence[str], first: str
) -> Choice:
    """Return the columns to show: of the address, else of the saved view, else as the reader chose, else the usual."""
    me = reader_id()
    kept = views.find(conn, subject, me)
    view = next((one for one in kept if one.id == asked.saved), None)
    for wanted in (asked.columns, view.columns if view else (), views.columns(conn, subject, me)):
        found = [name for name in wanted if name in known and name != first]
        if found:
            return Choice([first, *found], kept, view, chosen=True)
    return Choice([first, *(name for name in usual if name in known and name != first)], kept, view, chosen=False)


def saved_tabs(choice: Choice, subject: str, path: str, count: str) -> list[Tab]:
    """Return the reader's saved views and the shared ones; only the one on show tells how many it holds."""
    return [
        Tab(
            view.id,
            view.title,
            count if view is choice.view else "",
            f"{path}?{urlencode([*view.query, ('saved', view.id)])}",
            current=view is choice.view,
        )
        for view in choice.views
        if view.list == subject
    ]


def tools(
    listed: Listed,
    choice: Choice,
    asked: Address,
    path: str,
    titles: Mapping[str, str],
    fields: Sequence[FieldAsked],
    total: int,
    show: Show,
) -> Tools:
    """Return what stands around the rows."""
    subject, pairs = listed.subject, asked.pairs()
    shown = list(choice.columns)
    rest = [name for name in titles if name not in shown]
    me, view = reader_id(), choice.view
    acts = [
        Act(
            action.key,
            show.text(action.title),
            action.icon,
            url_for("listing.ask", subject=subject, what=action.key),
            show.text(action.reason),
        )
        for action in actions_of(listed)
    ]
    own = view is not None and view.owner == me
    form = ViewForm(
        view.id if view else "",
        view.title if view else "",
        view.shared if view else False,
        own,
        url_for("listing.save", subject=subject),
        urlencode([pair for pair in pairs if pair[0] not in ("saved", "cols")]),
    )
    return Tools(
        subject,
        path,
        [pair for pair in pairs if pair[0] != "cols"],
        urlencode(pairs),
        form,
        [ColumnChoice(name, titles[name], name in shown, name == shown[0]) for name in [*shown, *rest]],
        url_for("listing.columns", subject=subject),
        fields,
        asked.layout,
        asked.but(layout="").href(path),
        asked.but(layout="board").href(path),
        url_for("listing.ask", subject=subject, what="export") if listed.access.may("export") else "",
        acts,
        total,
        choice.chosen,
    )


def fitted(listed: Listed, item: Any) -> str:
    """Return the keys of the actions that fit a row, for the page to tell of misfits at once."""
    return " ".join(action.key for action in actions_of(listed) if action.fits(item))
