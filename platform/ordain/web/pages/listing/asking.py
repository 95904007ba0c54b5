"""A selection of rows and what is asked before something is done with it: how many, what they come to, what stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import sqlalchemy as sa
from flask import abort, url_for
from werkzeug.datastructures import MultiDict

from ordain.base.errors import Problem
from ordain.engines.form import draw
from ordain.flows import bulk, extending
from ordain.flows.listing import Listed, OrderList, RecordList
from ordain.web.here import services
from ordain.web.pages.listing.context import Question
from ordain.web.pages.lists import Fault, Option
from ordain.web.pages.orders.asked import read as read_orders
from ordain.web.pages.records.asked import read as read_records
from ordain.web.pages.texts import _, many
from ordain.web.pages.words import fault
from ordain.web.show import Show

_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows that were ticked, or all that the list's address finds."""

    ids: Sequence[str]
    all: bool
    query: str
    columns: Sequence[str] = ()


def selection(form: MultiDict[str, str]) -> Selection:
    """Return what was chosen."""
    ids = tuple(dict.fromkeys(one[:128] for one in form.getlist("id")))[:_MOST]
    columns = tuple(dict.fromkeys(one[:90] for one in form.getlist("cols")))[:60]
    return Selection(ids, form.get("all") == "1", form.get("query", "")[:8000], columns)


def query_of(source: Listed, chosen: Selection) -> Any:
    """Return the question that finds the selection."""
    args = MultiDict(parse_qsl(chosen.query)[:200])
    query: Any
    match source:
        case OrderList():
            own = extending.readable(source.form, source.access)
            query = read_orders(args).query(services().settings.timezone, services().now(), own)
        case RecordList():
            query = read_records(args, source.form).query(source.form, source.access)
        case _:
            abort(404)
    return query if chosen.all else source.only(query, chosen.ids)


def question(
    conn: sa.Connection, source: Listed, what: str, chosen: Selection, show: Show, problems: Sequence[Problem] = ()
) -> Question:
    """Return what is asked before an export, or before an action the reader may do; else 404."""
    query = query_of(source, chosen)
    if what == "export":
        if not source.access.may("export"):
            abort(404)
        return _export(conn, source, chosen, query, show, problems)
    action = bulk.action_of(source, what)
    if action is None:
        abort(404)
    outlook = bulk.look(conn, source, action, query)
    left = outlook.chosen - outlook.fits
    reason = show.text(outlook.reason)
    numbers = {"n": show.number(left), "all": show.number(outlook.chosen), "why": reason}
    drawn = draw(action.form.shape, {}, problems) if action.fields else None
    return Question(
        what=what,
        title=show.text(action.title),
        number=many("%(n)s record", "%(n)s records", outlook.fits, n=show.number(outlook.fits)),
        sum=_sums(outlook.sums, show),
        misfit=_("%(n)s of %(all)s stay as they are: %(why)s", **numbers) if left else "",
        href=url_for("listing.do", subject=source.subject, what=what),
        ids=() if chosen.all else chosen.ids,
        all=chosen.all,
        query=chosen.query,
        columns=chosen.columns,
        confirmed=outlook.fits,
        button=_("%(act)s: %(n)s", act=show.text(action.title), n=show.number(outlook.fits)) if outlook.fits else "",
        problems=_faults(problems, show),
        views=drawn.parts if drawn else (),
    )


def _export(
    conn: sa.Connection, source: Listed, chosen: Selection, query: Any, show: Show, problems: Sequence[Problem]
) -> Question:
    number = source.count(conn, query)
    today = show.date(show.now)
    return Question(
        what="export",
        title=_("Export %(what)s", what=show.text(source.title)),
        number=many("%(n)s record", "%(n)s records", number, n=show.number(number)),
        sum=_sums(source.sums(conn, query), show),
        misfit="",
        href=url_for("listing.do", subject=source.subject, what="export"),
        ids=() if chosen.all else chosen.ids,
        all=chosen.all,
        query=chosen.query,
        columns=chosen.columns,
        confirmed=number,
        button=_("Export"),
        problems=_faults(problems, show),
        formats=(Option("xlsx", "Excel (xlsx)", chosen=True), Option("csv", "CSV")),
        unprocessed=isinstance(source, OrderList) and chosen.all,
        from_day=today,
        to_day=today,
    )


def _sums(sums: Any, show: Show) -> str:
    return " + ".join(show.money(amount, currency) for currency, amount in sums.items())


def _faults(problems: Sequence[Problem], show: Show) -> list[Fault]:
    return [fault(found, show) for found in problems]
