"""The mapping of one message, field by field, beside what another version would make of the same payload."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from flask import url_for

from ordain.base.decision import Decision
from ordain.base.errors import Problem, Refused
from ordain.base.paths import get
from ordain.engines.mapping import compile_mapping
from ordain.flows.intake.prepare import read_again
from ordain.records.access import Access
from ordain.records.message import Message
from ordain.store import catalogue, definitions
from ordain.store.definitions import Version
from ordain.store.orders.find import AMOUNTS, order_mode
from ordain.web.here import services
from ordain.web.pages.lists import Option
from ordain.web.pages.order.context import FieldTrace, Trace
from ordain.web.pages.order.sources import described
from ordain.web.pages.story import DOTS
from ordain.web.pages.texts import _, many
from ordain.web.pages.words import faults, lane_word, state_word
from ordain.web.show import Show

_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Replay:
    """What one version of a mapping made of a payload; `refused` where that version cannot run any more."""

    version: Version
    decision: Decision | None
    refused: Sequence[Problem] = ()

    @property
    def record(self) -> Mapping[str, Any]:
        """The record it made."""
        return self.decision.changes if self.decision else {}

    @property
    def problems(self) -> Sequence[Problem]:
        """What it found wrong."""
        return self.decision.problems if self.decision else self.refused


def trace(
    conn: sa.Connection, message: Message, payload: Mapping[str, Any], wanted: str, show: Show, access: Access
) -> Trace | None:
    """Return the fields as they were kept and as the version asked for (else the live one) makes them."""
    history = definitions.history(conn, "mapping", message.mapping)
    versions = {version.number: version for version in history}
    live = services().live.at(conn).get("mapping", message.mapping)
    kept = versions.get(message.mapping_version or 0)
    other = versions.get(int(wanted)) if wanted.isdecimal() and len(wanted) < 9 else None
    other = other or live or kept
    if kept is None or other is None:
        return None
    before, after = (_replay(conn, version, message.channel, payload, show.now) for version in (kept, other))
    rows = list(_rows(before, after, show, access))
    changed = sum(row.changed for row in rows)
    outcome, tone = _outcome(after, changed)
    return Trace(
        mapping=message.mapping,
        mapping_href=url_for("definitions.one", kind="mapping", key=message.mapping, version=other.number),
        kept_version=_("version %(n)s", n=kept.number),
        version=_version(other, live),
        versions=[Option(str(v.number), _version(v, live), v.number == other.number) for v in history],
        rows=rows,
        outcome=outcome,
        outcome_tone=tone,
        changed=changed,
        problems=faults(after.problems, show),
        action=url_for("order.index", order_id=message.order_id or "", tab="mapping", message=message.id),
    )


def _replay(conn: sa.Connection, version: Version, channel: str, payload: Mapping[str, Any], now: datetime) -> Replay:
    try:
        program = compile_mapping(version.document["spec"], key=version.key, version=version.number)
    except Refused as refused:
        return Replay(version, None, refused.problems)
    decision, _facts = read_again(program, channel, payload, lambda wanted: catalogue.resolve(conn, wanted), now)
    return Replay(version, decision)


def _outcome(after: Replay, changed: int) -> tuple[str, str]:
    count = (
        many("%(num)s field would change", "%(num)s fields would change", changed)
        if changed
        else _("no field would change")
    )
    if after.decision is None:
        return _("This version cannot run any more"), "act"
    if after.decision.outcome == "accept":
        return _("It would be accepted: %(count)s", count=count), "ok"
    return _("It would be held: %(count)s", count=count), "look"


def _rows(before: Replay, after: Replay, show: Show, access: Access) -> Iterator[FieldTrace]:
    faulty = {_general(problem.path): show.text(problem.message) for problem in after.problems}
    currency = str(after.record.get("currency") or before.record.get("currency") or "CNY")
    for name in _names(before.version.document["spec"], after.version.document["spec"]):
        spec = _spec_of(after.version, name) or _spec_of(before.version, name) or {}
        covered = order_mode(access, name) != "read"
        one, other = _value(before.record, name), _value(after.record, name)
        yield FieldTrace(
            field=name,
            sources=described(spec),
            kept=DOTS if covered and one else _written(name, one, currency, show),
            again=DOTS if covered and other else _written(name, other, currency, show),
            changed=one != other,
            problem=faulty.get(name, ""),
        )


def _names(*specs: Mapping[str, Any]) -> list[str]:
    """Return the record's fields of both versions, each once; names of the mapping's own are left out."""
    found: dict[str, None] = {}
    for spec in specs:
        found |= dict.fromkeys(name for name in spec.get("fields", {}) if not name.startswith("let."))
    for spec in specs:
        for name, rows in spec.get("lists", {}).items():
            if not name.startswith("let."):
                own = (inner for inner in rows["fields"] if not inner.startswith("let."))
                found |= dict.fromkeys(f"{name}.{inner}" for inner in own)
    return list(found)


def _spec_of(version: Version, name: str) -> Mapping[str, Any] | None:
    spec = version.document["spec"]
    head, _, rest = name.partition(".")
    rows = spec.get("lists", {}).get(head)
    found: Mapping[str, Any] | None = rows["fields"].get(rest) if rows else spec.get("fields", {}).get(name)
    return found


def _value(record: Mapping[str, Any], name: str) -> Any:
    head, _, rest = name.partition(".")
    items = record.get(head)
    if rest and isinstance(items, list):
        return [get(item, rest) for item in items]
    return get(record, name)


def _written(name: str, value: Any, currency: str, show: Show) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        words = [_written(name, item, currency, show) or "–" for item in value[:_MOST]]
        return " · ".join(words) + (" · …" if len(value) > _MOST else "")
    last = name.rpartition(".")[2]
    if last in AMOUNTS and isinstance(value, int):
        return show.money(value, currency)
    if isinstance(value, datetime):
        return show.exact(value)
    if last == "state":
        return state_word(str(value))
    return lane_word(value) if last == "priority" else str(value)


def _general(path: str) -> str:
    """Return a problem's path without the number of its line."""
    return ".".join(part for part in path.split(".") if not part.isdecimal())


def _version(version: Version, live: Version | None) -> str:
    title = _("version %(n)s", n=version.number)
    return _("%(version)s · live", version=title) if live and live.number == version.number else title
