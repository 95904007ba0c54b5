"""Re-driving a whole group as long work, and what a mapping's draft would make of all of the group before that.

A message that passes, or that somebody else reads meanwhile, no longer waits and is not taken up again; a step that
is done twice after a crash finds the messages of its first time moved on.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ordain.base.errors import Problem, Refused, problem
from ordain.base.text import Text
from ordain.engines.mapping.program import compile_once
from ordain.flows import redriving, working
from ordain.flows.intake.prepare import read_again
from ordain.flows.services import Services
from ordain.flows.working import Step, Wanted
from ordain.records.actor import Origin, User
from ordain.store import catalogue, messages, repairs
from ordain.store.messages import MessageQuery
from ordain.store.work import Work

KIND: Final = "message.redrive"
SHOWN: Final = 12
_TITLE: Final = Text("重新处理隔离区", "Re-drive of the quarantine")


@dataclass(frozen=True, slots=True)
class Staying:
    """One message that would not pass, and why."""

    message_id: str
    event_id: str
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a draft makes of all that wait: how many it reads, how many become clean, what stays and what is new.

    `new` counts problems that a message does not have today; `staying` holds the first of those that do not pass.
    """

    total: int
    passing: int
    codes: Counter[str]
    new: Counter[str]
    staying: Sequence[Staying]
    sentences: Mapping[str, Text]


def start(services: Services, query: MessageQuery, total: int, origin: Origin) -> Work:
    """Ask for a re-drive of all that wait and match; Refused where nothing does."""
    if not total:
        raise Refused([problem("", "nothing", "没有等待处理的报文", "Nothing waits")])
    asked = {"code": query.code, "channel": query.channel}
    return working.start(services, Wanted(KIND, KIND, _TITLE, query.code, asked, total), origin)


def step(services: Services, work: Work, asker: User) -> Step:
    """Re-drive the next hundred, behind those that were taken up already."""
    query = MessageQuery(code=work.asked["code"], channel=work.asked["channel"])
    with services.db.read() as conn:
        after = str(work.place.get("after", ""))
        ids = messages.waiting(conn, query, after=after, limit=redriving.BATCH)
    results = redriving.redrive(services, ids, work.origin(asker)) if ids else []
    counts: Counter[str] = Counter()
    for result in results:
        word = "meanwhile" if result.repeated else "still_held" if result.problems else "passed"
        counts[word] += 1
    place = {"after": ids[-1]} if ids else {}
    return Step(len(ids), place, last=len(ids) < redriving.BATCH, counts=counts)


def effect(services: Services, document: Mapping[str, Any], query: MessageQuery) -> Effect:
    """Tell what a mapping's draft would make of every message that waits, matches and is read by it."""
    key = str(document.get("key", ""))
    program = compile_once(document.get("spec") or {}, key)
    query = replace(query, mapping=key)
    total = passing = 0
    codes: Counter[str] = Counter()
    new: Counter[str] = Counter()
    staying: list[Staying] = []
    sentences: dict[str, Text] = {}
    after = ""
    while ids := _waiting(services, query, after):
        after = ids[-1]
        with services.db.read() as conn:
            rows = messages.envelopes(conn, ids)
            mended = repairs.of_messages(conn, services.vault, ids)
            for row in rows:
                payload = redriving.read_payload(services.vault.open("message.raw", row["id"], row["raw"]))[0]
                if payload is None:
                    continue
                made = mended[row["id"]].corrections if row["id"] in mended else ()
                decision, _ = read_again(
                    program,
                    row["channel"],
                    payload,
                    lambda wanted: catalogue.resolve(conn, wanted),
                    services.now(),
                    made,
                )
                total += 1
                passing += decision.outcome == "accept"
                found = {one.code: one.message for one in decision.problems}
                sentences |= found
                codes.update(found.keys())
                new.update(found.keys() - {stored["code"] for stored in row["problems"] or ()})
                if decision.outcome != "accept" and len(staying) < SHOWN:
                    staying.append(Staying(row["id"], row["event_id"], decision.problems))
    return Effect(total, passing, codes, new, staying, sentences)


def _waiting(services: Services, query: MessageQuery, after: str) -> list[str]:
    with services.db.read() as conn:
        return messages.waiting(conn, query, after=after, limit=redriving.BATCH)
