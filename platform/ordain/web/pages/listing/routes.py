"""What is posted from any list: views, columns, exports and bulk actions asked for and done, cards moved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from ordain.base.errors import Problem, Refused
from ordain.engines.form import read as read_form
from ordain.flows import bulk, exporting, recording, viewing, working
from ordain.flows.exporting import FORMATS, Format
from ordain.flows.listing import ORDER, Listed, OrderList, RecordList, opened
from ordain.flows.recording import Meanwhile
from ordain.flows.works import WORKS
from ordain.store import records
from ordain.store.orders.find import OrderQuery
from ordain.store.shelves import shelf_of
from ordain.store.views import SavedView
from ordain.store.work import Work
from ordain.web.here import services
from ordain.web.pages.listing.asking import Selection, query_of, question, selection
from ordain.web.pages.listing.tools import reader_id
from ordain.web.pages.reader import reader
from ordain.web.pages.records import listed as record_pages
from ordain.web.pages.records.asked import read as read_records
from ordain.web.pages.texts import _
from ordain.web.pages.work.build import view as work_view
from ordain.web.policy import current_actor, current_origin, policy

listing = Blueprint("listing", __name__, url_prefix="/lists/<subject>")
_HEAD_START: Final = 1.5


@listing.post("/views")
@policy()
def save(subject: str) -> Response:
    """Save what is on show as a view, or rename, share, renew or delete the reader's view that is on show."""
    source, me, act = _list(subject), reader_id(), request.form.get("act", "save")
    standing = viewing.own(services(), request.form.get("view", ""), me)
    if act == "delete":
        if standing is not None:
            viewing.change(services(), standing.id, me, None, current_origin())
        return redirect(f"{_path(source)}?{urlencode(standing.query)}" if standing else _back())
    made = _view(source, me, standing if act == "change" and request.form.get("renew") != "1" else None)
    if not made.title or (act == "change" and standing is None):
        return redirect(_back())
    if act == "change" and standing is not None:
        viewing.change(services(), standing.id, me, made, current_origin())
        made = replace(made, id=standing.id)
    else:
        viewing.save(services(), made, current_origin())
    return redirect(f"{_path(source)}?{urlencode([*made.query, ('saved', made.id)])}")


@listing.post("/columns")
@policy()
def columns(subject: str) -> Response:
    """Remember which columns the reader wants to see, in which order; none gives the usual ones back."""
    source, me = _list(subject), reader_id()
    wanted = [] if request.form.get("usual") else _columns()
    standing = viewing.own(services(), request.form.get("view", ""), me)
    if standing is not None:
        viewing.change(services(), standing.id, me, replace(standing, columns=wanted), current_origin())
    else:
        viewing.remember_columns(services(), source.subject, me, wanted)
    return redirect(_back())


@listing.post("/ask/<what>")
@policy()
def ask(subject: str, what: str) -> str:
    """Say what an export or an action would do with the selection, and ask whether it shall."""
    source = _list(subject)
    chosen = selection(request.form)
    return _asked(source, what, chosen)


def _weighs(arguments: Mapping[str, Any]) -> bool:
    """Tell that an export asks for a proof of who is there."""
    return bool(arguments.get("what") == "export")


@listing.post("/do/<what>")
@policy(step_up=_weighs)
def do(subject: str, what: str) -> Response | tuple[str, int] | str:
    """Do what was confirmed, as long work; what ends at once is told of at once."""
    source, chosen = _list(subject), selection(request.form)
    try:
        work = _export(source, chosen) if what == "export" else _act(source, what, chosen)
    except Refused as refused:
        return _asked(source, what, chosen, refused.problems), 422
    done = working.run(services(), work.id, WORKS, seconds=_HEAD_START) or work
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for("work.one", work_id=work.id))
    return render_template("staff/list_done.html", item=work_view(done, reader()), back=_back())


@listing.post("/move")
@policy()
def move(subject: str) -> Response | tuple[str, int] | str:
    """Move a card to another state, and give the board anew."""
    source = _list(subject)
    if not isinstance(source, RecordList) or not source.access.may("move"):
        abort(404)
    record_id, to = request.form.get("id", ""), request.form.get("to", "")
    with services().db.read() as conn:
        found = records.get(conn, shelf_of(source.form), source.access, record_id)
    if found is None:
        abort(404)
    problem = ""
    if str(found.version) != request.form.get("seen", ""):
        problem = _("Somebody else changed this record meanwhile; the board is up to date now")
    else:
        try:
            data = recording.opened(services(), source.form, found)
            made = recording.change(services(), source.form, found, data, current_origin(), source.access, to=to)
            problem = _("Somebody else was faster") if isinstance(made, Meanwhile) else ""
        except Refused as refused:
            problem = _("Cannot be moved: %(why)s", why=_told(refused.problems))
    if request.headers.get("HX-Request") != "true":
        return redirect(_back())
    return _board(source, problem), 422 if problem else 200


def _view(source: Listed, me: str, standing: SavedView | None) -> SavedView:
    """Return what was posted as a view: with what is on show, or with what a view showed that is only renamed."""
    pairs = [(name, value) for name, value in parse_qsl(request.form.get("query", ""))[:80] if name != "saved"]
    title, shared = request.form.get("title", "").strip()[:64], request.form.get("shared") == "1"
    made = SavedView(services().new_id(), source.subject, me, title, pairs, _columns(), shared)
    return made if standing is None else replace(made, query=standing.query, columns=standing.columns)


def _columns() -> list[str]:
    return [name[:80] for name in request.form.getlist("cols")][:40]


def _asked(source: Listed, what: str, chosen: Selection, problems: Sequence[Problem] = ()) -> str:
    part = request.headers.get("HX-Request") == "true"
    with services().db.read() as conn:
        page = question(conn, source, what, chosen, reader(), problems)
    return render_template("staff/list_ask.html" if part else "staff/list_ask_page.html", ask=page, back=_back())


def _export(source: Listed, chosen: Selection) -> Work:
    if not source.access.may("export"):
        abort(404)
    form: Format = next((one for one in FORMATS if one == request.form.get("format")), "xlsx")
    shown = request.form.get("columns") != "all"
    columns = chosen.columns if shown else ()
    query = query_of(source, chosen)
    if isinstance(source, OrderList) and request.form.get("scope") == "unprocessed":
        query = _unprocessed()
    return exporting.start(services(), source, query, columns, form, reader().language, current_origin())


def _unprocessed() -> OrderQuery:
    """Return the question for orders that were paid and not sent, held ones included, placed within a span of days."""
    zone = services().settings.timezone

    def day(name: str) -> datetime | None:
        try:
            return datetime.strptime(request.form.get(name, ""), "%Y-%m-%d").replace(tzinfo=zone)
        except ValueError:
            return None

    start, end = day("from_day"), day("to_day")
    return OrderQuery(
        states=("paid", "picking"),
        placed_from=start.astimezone(services().now().tzinfo) if start else None,
        placed_to=(end + timedelta(days=1)).astimezone(services().now().tzinfo) if end else None,
        sort="placed_at",
    )


def _act(source: Listed, what: str, chosen: Selection) -> Work:
    action = bulk.action_of(source, what)
    if action is None:
        abort(404)
    confirmed = request.form.get("confirmed", "")
    fields = [pair for pair in request.form.items(multi=True) if pair[0].partition("/")[0] in action.fields]
    posted = read_form(action.form.shape, [("//is", "1"), *fields], {}) if action.fields else None
    if posted is not None and posted.problems:
        raise Refused(posted.problems)
    document: Mapping[str, Any] = posted.document if posted is not None and isinstance(posted.document, dict) else {}
    data = {name: value for name, value in document.items() if value not in (None, "", False, [])}
    number = int(confirmed) if confirmed.isdecimal() and len(confirmed) < 10 else -1
    return bulk.start(
        services(), source, action, query_of(source, chosen), data, number, current_origin(), reader().language
    )


def _board(source: RecordList, problem: str) -> str:
    asked = read_records(MultiDict(parse_qsl(request.form.get("query", ""))), source.form)
    whole = asked.but(states=()).query(source.form, source.access)
    with services().db.read() as conn:
        counts = records.counts(conn, shelf_of(source.form), source.access, whole)
        board = record_pages.records_board(conn, source, asked, counts, _path(source), reader(), problem)
    return render_template("staff/list_board.html", board=board, query=request.form.get("query", ""))


def _list(subject: str) -> Listed:
    """Return a list that the reader may read; 404 for any other."""
    with services().db.read() as conn:
        found = opened(services(), conn, subject, current_actor())
    if found is None or not found.access.may("read"):
        abort(404)
    return found


def _path(source: Listed) -> str:
    return url_for("orders.index") if source.subject == ORDER else url_for("records.index", key=source.subject)


def _back() -> str:
    """Return the list's address as it was on show: made here from its parts, never taken as it came."""
    subject = (request.view_args or {}).get("subject", "")
    path = url_for("orders.index") if subject == ORDER else url_for("records.index", key=subject)
    pairs = parse_qsl(request.form.get("query", ""))[:80]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _told(problems: Sequence[Problem]) -> str:
    show = reader()
    return "; ".join(f"{found.path} {show.text(found.message)}".strip() for found in problems[:3])
