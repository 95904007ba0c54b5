"""What can be done with many rows of a list at once: looked at first, confirmed by number, done as long work.

    outlook = bulk.look(services, source, action, query)           # how many, what they come to, what does not apply
    work = bulk.start(services, source, action, query, data, confirmed, origin)

An action is a `BulkAction` of its list (`bulk/orders.py`, `bulk/records.py`): the right it needs, the fields it asks
for, which rows it fits and why it leaves the others, and what it does with one row. Every row is told of: in counts,
in the problems, and in the result file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.base.errors import Problem, Refused, problem
from ordain.base.text import Language, Text
from ordain.flows import listing, working
from ordain.flows.bulk import orders, records
from ordain.flows.bulk.action import BulkAction, Outcome, fitting
from ordain.flows.listing import Listed, OrderList, RecordList
from ordain.flows.services import Services
from ordain.flows.tables import csv_pieces
from ordain.flows.working import Result, Step, Wanted
from ordain.language.schema import check_document
from ordain.records.actor import Origin, User
from ordain.store.work import Work

KIND: Final = "list.bulk"
_PAGE: Final = 20
_HEADS: Final = (Text("编号", "No."), Text("结果", "Result"), Text("说明", "Remark"))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an action would do: how many rows are chosen, how many it fits, what those come to, why others stay."""

    chosen: int
    fits: int
    sums: Mapping[str, int] = field(default_factory=dict)
    reason: Text = field(default_factory=lambda: Text("", ""))


def actions_of(source: Listed) -> Sequence[BulkAction]:
    """Return what may be done with the rows of a list by who reads it."""
    match source:
        case OrderList():
            found = orders.actions(source)
        case RecordList():
            found = records.actions(source)
        case _:
            found = ()
    return [action for action in found if source.access.may(action.right)]


def action_of(source: Listed, key: str) -> BulkAction | None:
    """Return one of the actions the reader may do."""
    return next((action for action in actions_of(source) if action.key == key), None)


def look(conn: sa.Connection, source: Listed, action: BulkAction, query: Any) -> Outlook:
    """Return what an action would do; nothing is changed."""
    chosen, fitting_rows = source.count(conn, query), fitting(action, query)
    fits = source.count(conn, fitting_rows)
    return Outlook(chosen, fits, source.sums(conn, fitting_rows), action.reason)


def start(
    services: Services,
    source: Listed,
    action: BulkAction,
    query: Any,
    data: Mapping[str, Any],
    confirmed: int,
    origin: Origin,
    language: Language = "zh",
) -> Work:
    """Ask for an action on all rows that match and that it fits.

    Refused where what it asks for is missing or wrong, where nothing restricts the question, where nothing fits, or
    where not as many fit as were confirmed.
    """
    found = check_document(action.form.schema, data) if action.fields else []
    if action.fields and not data:
        found.append(problem("", "nothing_to_set", "至少填写一项", "Fill in at least one"))
    with services.db.read() as conn:
        outlook = look(conn, source, action, query)
    if not source.is_narrowed(query):
        found.append(_unfiltered())
    if outlook.fits == 0:
        found.append(problem("", "nothing", "没有适用的记录", "It applies to none of these"))
    elif outlook.fits != confirmed:
        zh, en = f"现在是 {outlook.fits} 笔，请再次确认", f"There are {outlook.fits} by now; look and confirm once more"
        found.append(problem("", "changed", zh, en))
    if found:
        raise Refused(found)
    asked = {
        "action": action.key,
        "query": source.dumped(query),
        "data": dict(data),
        "most": confirmed,
        "language": language,
    }
    title = Text(f"{action.title.zh}：{source.title.zh}", f"{action.title.en}: {source.title.en}")
    permission = f"{source.right}.{action.right}"
    return working.start(services, Wanted(KIND, permission, title, source.subject, asked, confirmed), origin)


def step(services: Services, work: Work, asker: User) -> Step:
    """Do the action with the next rows, at most as many as were confirmed."""
    with services.db.read() as conn:
        source = listing.opened(services, conn, work.subject, asker)
        action = action_of(source, work.asked["action"]) if source else None
        if source is None or action is None:
            raise Refused([problem("", "gone", "此操作已不可用", "This can no longer be done")])
        query = replace(fitting(action, source.loaded(work.asked["query"])), sort="")  # no sort that the action moves
        most = int(work.asked["most"]) - work.done
        items, following = source.page(conn, query, min(_PAGE, max(most, 1)), work.place.get("cursor"))
    origin = work.origin(asker)
    outcomes = [(source.name(item), action.do(services, source, item, work.asked["data"], origin)) for item in items]
    told = [_told(name, outcome, work.asked["language"]) for name, outcome in outcomes]
    gathered = b"".join(json.dumps(line) + b"\n" for line in told)
    counts = {key: sum(one.key == key for _, one in outcomes) for key in {one.key for _, one in outcomes}}
    problems = [_named(name, found) for name, one in outcomes for found in one.problems[:1]]
    last = following is None or len(items) >= most
    file = _file(services, work, gathered) if last else None
    return Step(len(items), {"cursor": following}, last, counts=counts, problems=problems, gathered=gathered, file=file)


def _unfiltered() -> Problem:
    zh, en = "先筛选或勾选，再做批量操作", "Filter or tick first: nothing is done with all there is"
    return problem("", "no_filter", zh, en)


def _told(name: str, outcome: Outcome, language: Language) -> list[str]:
    remark = "; ".join(found.message.get(language) for found in outcome.problems)
    return [name, outcome.text.get(language), remark]


def _named(name: str, found: Problem) -> Problem:
    return Problem(name, found.code, found.message)


def _file(services: Services, work: Work, rest: bytes) -> Result:
    language: Language = work.asked["language"]
    whole = b"".join(working.gathered_of(services, work)) + rest
    rows = [json.loads(line, limit=json.ANSWER_LIMIT) for line in whole.split(b"\n") if line]
    zone = services.settings.timezone
    pieces = list(csv_pieces([head.get(language) for head in _HEADS], rows, zone, language))
    name = Text("结果", "result").get(language)
    return Result(f"{name}-{work.started_at.astimezone(zone):%Y%m%d-%H%M}.csv", "text/csv; charset=utf-8", pieces)


__all__ = ["KIND", "BulkAction", "Outcome", "Outlook", "action_of", "actions_of", "look", "start", "step"]
