"""The repair page: what waits, one case in full, and the ways out: re-drive one or all alike, or discard."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordain.base.errors import Refused
from ordain.flows import redriving, redriving_all, repairing, working
from ordain.flows.works import WORKS
from ordain.store import messages
from ordain.store.messages import MessageQuery
from ordain.web.here import services
from ordain.web.pages.lists import ChannelName, Option
from ordain.web.pages.quarantine.cases import Waiting, common_problem, grouped, waiting
from ordain.web.pages.quarantine.context import Alike, CaseGroup, CaseLine, Outlook, QuarantinePage
from ordain.web.pages.quarantine.one import case
from ordain.web.pages.quarantine.repair import Tried
from ordain.web.pages.reader import given, reader, wants_part
from ordain.web.pages.texts import _, many
from ordain.web.pages.words import channel_name, channel_names
from ordain.web.policy import current_origin, policy
from ordain.web.show import Show

quarantine = Blueprint("quarantine", __name__, url_prefix="/quarantine")
SHOWN: Final = 12
HEAD_START: Final = 1.0
MOST: Final = 100_000
_WAYS: Final = ("problem", "channel", "day")


@quarantine.get("")
@policy("message.read")
def index() -> str:
    """Show what waits for repair."""
    show = reader()
    with services().db.read() as conn:
        page = _page(conn, show)
    part = wants_part("quarantine")
    return render_template("staff/quarantine_page.html" if part else "staff/quarantine.html", page=page)


@quarantine.get("/outlook")
@policy("message.redrive")
def outlook() -> str:
    """Count what re-driving all with one problem, or all there are, would do."""
    code, show = request.args.get("code", "")[:64], reader()
    found = redriving.preview(services(), MessageQuery(code=code), current_origin())
    staying = found.total - found.passing
    with services().db.read() as conn:
        groups = dict(grouped(waiting(conn, given("order")), "problem", show))
    remaining = [
        (common_problem(groups.get(name, ()), show) or name, show.number(number))
        for name, number in found.remaining.most_common(6)
    ]
    title = _("Preview: nothing is stored yet")
    counted = Outlook(
        title,
        many("%(num)s case", "%(num)s cases", found.total),
        _("%(n)s would pass", n=show.number(found.passing)),
        _("%(n)s would stay", n=show.number(staying)),
        remaining,
        url_for("quarantine.redrive_all", code=code) if found.total else "",
        staying == 0,
    )
    return render_template("staff/quarantine_outlook.html", outlook=counted)


@quarantine.post("/redrive")
@policy("message.redrive")
def redrive_all() -> Response:
    """Read all with one problem once more, or all there are, as long work; what ends at once is told of at once."""
    query = MessageQuery(code=request.args.get("code", "")[:64])
    with services().db.read() as conn:
        total = len(messages.waiting(conn, query, limit=MOST))
    asked = redriving_all.start(services(), query, total, current_origin())
    done = working.run(services(), asked.id, WORKS, seconds=HEAD_START) or asked
    if not done.ended:
        return redirect(url_for("work.one", work_id=done.id))
    return _back(redriven=done.done, passed=done.counts.get("passed", 0))


@quarantine.post("/<message_id>/redrive")
@policy("message.redrive")
def redrive(message_id: str) -> Response:
    """Read one message once more."""
    _waits(message_id)
    results = redriving.redrive(services(), [message_id], current_origin())
    passed = sum(not result.problems for result in results)
    return _back(redriven=len(results), passed=passed, case="" if passed else message_id)


@quarantine.post("/<message_id>/repair")
@policy("message.redrive")
def repair(message_id: str) -> Response | tuple[str, int]:
    """Keep what a person corrected in one message, and read it once more; what does not fit is shown in the form."""
    _waits(message_id)
    access = given("order")
    if not access.may("repair"):
        abort(403)
    texts = {name[6:]: text for name, text in request.form.items() if name.startswith("field:")}
    reason, seen = request.form.get("reason", "")[:500], request.form.get("seen", "")
    try:
        result = repairing.save(services(), message_id, seen, texts, reason, access, current_origin())
    except Refused as refused:
        tried, show = Tried(message_id, texts, reason, refused.problems), reader()
        with services().db.read() as conn:
            page = _page(conn, show, tried)
        return render_template("staff/quarantine.html", page=page), 422
    passed = not result.problems
    return _back(repaired=1, passed=int(passed), case="" if passed else message_id)


@quarantine.post("/<message_id>/discard")
@policy("message.discard")
def discard(message_id: str) -> Response:
    """Put a message aside for good, with a reason."""
    _waits(message_id)
    problems = redriving.discard(services(), message_id, request.form.get("reason", "")[:500], current_origin())
    if problems:
        raise Refused(problems)
    return _back(discarded=1)


def _page(conn: sa.Connection, show: Show, tried: Tried | None = None) -> QuarantinePage:
    by = request.args.get("by", "")
    by = by if by in _WAYS else "problem"
    cases = waiting(conn, given("order"))
    names = channel_names(conn, show)
    groups = grouped(cases, by, show)
    wanted = tried.message_id if tried else request.args.get("case", "")
    chosen = next((item for item in cases if item.message.id == wanted), None)
    first = groups[0][1][0] if groups else None
    current = chosen or first
    alike = [item for item in cases if current is not None and item.code == current.code]
    titles = {"problem": _("By problem"), "channel": _("By channel"), "day": _("By day")}
    count = many(
        "%(num)s waits for repair, all other orders go on",
        "%(num)s wait for repair, all other orders go on",
        len(cases),
    )
    return QuarantinePage(
        count=count if cases else _("nothing waits"),
        by=by,
        ways=[Option(_href(by=way), titles[way], way == by) for way in _WAYS],
        groups=[_group(key, found, by, current, names, show) for key, found in groups],
        case=case(conn, current, names, show, tried) if current else None,
        chosen=chosen is not None,
        alike=_alike(alike, show) if current else None,
        refresh=_href(
            by=by, case=current.message.id if chosen and current else "", group=request.args.get("group", "")
        ),
        preview_all=url_for("quarantine.outlook") if cases and given("message").may("redrive") else "",
        done=_done(show),
    )


def _group(
    key: str, found: Sequence[Waiting], by: str, current: Waiting | None, names: dict[str, ChannelName], show: Show
) -> CaseGroup:
    whole = request.args.get("group") == key or len(found) <= SHOWN + 1
    shown = found if whole else found[:SHOWN]
    title = {"channel": channel_name(names, key).title, "day": key}.get(by) or common_problem(found, show) or key
    more = "" if whole else _("%(n)s more", n=show.number(len(found) - len(shown)))
    lines = [_line(item, by, current, names, show) for item in shown]
    return CaseGroup(key, title, show.number(len(found)), lines, more, _href(by=by, group=key))


def _line(item: Waiting, by: str, current: Waiting | None, names: dict[str, ChannelName], show: Show) -> CaseLine:
    message = item.message
    problems = [show.text(problem.message) for problem in message.problems]
    remark = item.goods if by == "problem" and item.goods else " · ".join(problems)
    return CaseLine(
        message.id,
        _href(by=by, case=message.id),
        item.number or message.event_id,
        channel_name(names, message.channel),
        remark,
        show.span((show.now - message.received_at).total_seconds()),
        current is not None and message.id == current.message.id,
    )


def _alike(cases: Sequence[Waiting], show: Show) -> Alike | None:
    if not cases or not given("message").may("redrive"):
        return None
    code = cases[0].code
    preview, redrive_href = (url_for(f"quarantine.{name}", code=code) for name in ("outlook", "redrive_all"))
    return Alike(code, common_problem(cases, show), len(cases), preview, redrive_href)


def _waits(message_id: str) -> None:
    """Refuse what does not wait, or not for this reader, as if it were not there."""
    with services().db.read() as conn:
        if all(item.message.id != message_id for item in waiting(conn, given("order"))):
            abort(404)


def _href(**values: str) -> str:
    known: dict[str, Any] = {name: value for name, value in values.items() if value}
    return url_for("quarantine.index", **known)


def _back(**values: Any) -> Response:
    return redirect(url_for("quarantine.index", **{name: value for name, value in values.items() if value != ""}))


def _done(show: Show) -> str:
    if request.args.get("discarded"):
        return _("The message is discarded; its raw content stays on record")
    if request.args.get("repaired"):
        if request.args.get("passed") == "1":
            return _("Corrected and released; the raw message stays as it came")
        return _("The correction is kept; something is still wrong")
    redriven, passed = (request.args.get(name, "") for name in ("redriven", "passed"))
    if not (redriven.isdecimal() and passed.isdecimal()) or len(redriven + passed) > 12:
        return ""
    return _("%(n)s re-driven, %(passed)s passed", n=show.number(int(redriven)), passed=show.number(int(passed)))
