"""The rows of one intake transaction, gathered message by message before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.base.errors import Problem, problem
from ordain.base.ids import new_id
from ordain.engines.arrival import Standing, settle
from ordain.flows.extending import order_form
from ordain.flows.intake.holding import Holding
from ordain.flows.intake.parts import Prepared, Result
from ordain.flows.protecting import opened, sealed
from ordain.flows.recording import form_of
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.records.message import Fate
from ordain.store import counters
from ordain.store.audit import Change
from ordain.store.definitions import Live
from ordain.store.orders.returns import return_values
from ordain.store.orders.rows import line_values, order_values
from ordain.store.orders.show import Written

CHANGED: Final = "changed"
_PRIVATE: Final[Mapping[str, str]] = {
    "buyer_name": "buyer.name", "phone": "buyer.phone", "email": "buyer.email", "street": "buyer.address.street",
    "district": "buyer.address.district", "city": "buyer.address.city", "province": "buyer.address.province",
}  # fmt: skip
Key = tuple[str, str, str, str]  # record, channel, shop, external id


@dataclass(slots=True)
class _Kept:
    """One record while its batch is settled: the columns it has by now, and what it was before."""

    values: dict[str, Any]
    new: bool
    touched: bool = False
    lines: Sequence[Mapping[str, Any]] | None = None
    rows: Sequence[Mapping[str, Any]] = ()


class Batch:
    """Settles messages one after the other against what stands, and holds the rows to write."""

    def __init__(self, services: Services, holding: Holding, live: Live) -> None:
        self._services = services
        self._forms = {"order": order_form(live), "return_request": form_of(live, "return_request")}
        self._holding = holding
        self.now: datetime = holding.book.now
        self.lines: dict[str, dict[str, str]] = {}
        self.brought: dict[str, tuple[Fate, str]] = {}  # messages read once more: their state and their record
        self.messages: list[dict[str, Any]] = []
        self.read_again: list[dict[str, Any]] = []
        self.decisions: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self._kept: dict[Key, _Kept] = {}
        self.audits: list[tuple[Origin, Change]] = []

    def load(self, record: str, channel: str, shop: str, standing: Mapping[str, dict[str, Any]]) -> None:
        """Take the columns of the records that stand."""
        for external_id, values in standing.items():
            self._kept[record, channel, shop, external_id] = _Kept(values, new=False)

    def standing_order_ids(self) -> list[str]:
        """Return the ids of the orders that stood before this batch."""
        return [kept.values["id"] for key, kept in self._kept.items() if key[0] == "order" and not kept.new]

    def settle(self, item: Prepared) -> Result:
        """Decide what becomes of one message and gather the rows for it."""
        if not item.external_id and item.arrival.message_id not in self.brought:
            self._message(item, "quarantined", None, item.decision.problems)
            return Result(item.arrival.message_id, "quarantined", None, problems=item.decision.problems)
        record = item.arrival.incoming.record
        key = (record, item.arrival.channel, item.shop, item.external_id)
        kept = self._kept.get(key)
        fate = _fate(item, kept)
        if other := self._other(item, kept):
            return other
        if kept is None and (refused := self._holding.refuses(item)):
            return Result(item.arrival.message_id, "refused", None, problems=refused)
        if kept is not None and item.arrival.source == "api" and not item.arrival.again:
            return Result(item.arrival.message_id, "refused", kept.values["id"], problems=(_exists(),))
        stood = dict(kept.values) if kept else None
        before = _outline(stood) if stood else None
        problems = item.decision.problems
        if fate in ("applied", "held"):
            kept = self._apply(key, item, kept)
            if record == "order" and (short := self._holding.follow(item, kept.values, kept.lines)):
                problems, fate = (*problems, *short), "held"
                kept.values |= {"held": True, "problems": [found.as_json() for found in problems]}
        if kept is None:
            raise AssertionError("only a record that stands can stay as it is")
        subject = kept.values["id"]
        self._message(item, fate, subject, problems)
        after = _outline(kept.values)
        if stood and before is not None:
            for name in _rewritten(stood, kept.values):
                before[name], after[name] = "", CHANGED
        self._tell(item, fate, record, subject, before, after)
        return Result(item.arrival.message_id, fate, subject, new=kept.new and before is None, problems=problems)

    def number(self, conn: sa.Connection) -> None:
        """Give the new orders their numbers."""
        new = self._new_orders()
        numbers = counters.take(conn, "order", len(new)) if new else ()
        day = self.now.astimezone(self._services.settings.timezone).strftime("%y%m%d")
        for kept, running in zip(new, numbers, strict=True):
            kept.values["number"] = f"SO-{day}-{running:05d}"

    def rows(self, record: str, *, new: bool) -> list[dict[str, Any]]:
        """Return the columns of the records to add, or of those to write over."""
        return [k.values for key, k in self._kept.items() if key[0] == record and k.touched and k.new == new]

    def relined(self) -> list[str]:
        """Return the ids of the orders that stood before and get their lines anew."""
        return [k.values["id"] for k in self._kept.values() if k.touched and not k.new and k.lines is not None]

    def line_rows(self) -> list[dict[str, Any]]:
        """Return the lines of all orders that got lines."""
        found: list[dict[str, Any]] = []
        for kept in self._kept.values():
            if kept.touched and kept.lines is not None:
                order_id = kept.values["id"]
                kept.rows = line_values(kept.lines, self.lines.get(order_id, {}), order_id)
                found += kept.rows
        return found

    def written(self, item: Prepared) -> Written:
        """Return the order of a message as it was written."""
        kept = self._kept["order", item.arrival.channel, item.shop, item.external_id]
        return Written(kept.values, kept.rows, self._holding.of(kept.values["id"]))

    def _new_orders(self) -> list[_Kept]:
        return [kept for key, kept in self._kept.items() if key[0] == "order" and kept.new]

    def _apply(self, key: Key, item: Prepared, kept: _Kept | None) -> _Kept:
        record, channel, shop, external_id = key
        changes = item.decision.changes
        if kept is None:
            identity = {"id": new_id(), "channel": channel, "shop": shop, "external_id": external_id}
            kept = self._kept[key] = _Kept(identity | {"received_at": item.arrival.received_at}, new=True)
        standing = kept.values if "state" in kept.values else None
        row_id = kept.values["id"]
        changes = self._covered(record, changes, standing, row_id)
        if record == "order":
            vault = self._services.vault
            kept.values |= order_values(changes, standing, row_id=row_id, now=self.now, vault=vault)
            kept.lines = changes["lines"] if changes.get("lines") is not None else kept.lines
        else:
            kept.values |= return_values(changes, standing, now=self.now)
        kept.values |= {
            "held": item.decision.outcome == "hold",
            "problems": [p.as_json() for p in item.decision.problems],
            "content_hash": item.content_hash,
        }
        kept.touched = True
        return kept

    def _covered(
        self, record: str, changes: Mapping[str, Any], standing: Mapping[str, Any] | None, row_id: str
    ) -> Mapping[str, Any]:
        """Return what a message says, the protected ones of the business's own fields sealed where they are new."""
        form, extra = self._forms[record], changes.get("extra") or {}
        if form is None or not form.protected & extra.keys():
            return changes
        stands = opened(self._services.vault, form, row_id, (standing or {}).get("extra") or {})
        new = {name: value for name, value in extra.items() if stands.get(name) != value}
        return {**changes, "extra": sealed(self._services.vault, form, row_id, new)}

    def _other(self, item: Prepared, kept: _Kept | None) -> Result | None:
        """Return the answer for a message that brought one record and speaks of another now: the first it is."""
        found = self.brought.get(item.arrival.message_id)
        if found is None or (kept is not None and kept.values["id"] == found[1]):
            return None
        state, brought = found
        problems = (*item.decision.problems, _elsewhere())
        self._message(item, state, brought, problems)
        return Result(item.arrival.message_id, state, brought, problems=problems)

    def _message(self, item: Prepared, fate: Fate, subject: str | None, problems: Sequence[Problem]) -> None:
        arrival, incoming = item.arrival, item.arrival.incoming
        judged = {
            "id": arrival.message_id,
            "external_id": item.external_id,
            "processed_at": self.now,
            "state": fate,
            "problems": [p.as_json() for p in problems],
            "order_id": subject,
            "mapping": item.mapping,
            "mapping_version": item.mapping_version,
            "tries": arrival.tries + 1,
        }
        if arrival.again:
            self.read_again.append(judged)
            return
        text = incoming.raw.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
        self.messages.append(
            judged
            | {
                "channel": arrival.channel,
                "source": arrival.source,
                "event_id": incoming.event_id,
                "topic": incoming.topic,
                "record": incoming.record,
                "received_at": arrival.received_at,
                "size": len(incoming.raw),
                "headers": dict(incoming.headers),
                "raw": self._services.vault.seal("message.raw", arrival.message_id, text),
            }
        )

    def _tell(
        self,
        item: Prepared,
        fate: Fate,
        record: str,
        subject: str,
        before: dict[str, Any] | None,
        after: dict[str, Any],
    ) -> None:
        """Add the decision, the knot of the story and the audit entry, where there is something to tell."""
        if fate == "unchanged":
            return
        entity = f"{record}:{subject}"
        decision_id = None
        if fate != "stale":
            decision_id = self._decision(item, entity)
            change = Change(f"{record}.{'receive' if before is None else 'update'}", entity, before, after)
            self.audits.append((item.arrival.origin, change))
        if record != "order":
            return
        arrival = item.arrival
        data: dict[str, Any] = {
            "source": arrival.source,
            "topic": arrival.incoming.topic,
            "mapping": item.mapping,
            "version": item.mapping_version,
            "again": arrival.again,
            **({"mended": list(item.mended)} if item.mended else {}),
            "state": after["state"],
        }
        if before is not None:
            data["changes"] = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        self.events.append(
            {
                "id": new_id(),
                "order_id": subject,
                "at": self.now,
                "type": _event(fate, before, after),
                "message_id": arrival.message_id,
                "decision_id": decision_id,
                "data": data,
            }
        )

    def _decision(self, item: Prepared, entity: str) -> str:
        decision_id = new_id()
        facts = json.dumps(dict(item.facts)).decode()
        self.decisions.append(
            {
                "id": decision_id,
                "subject": entity,
                "kind": "mapping",
                "key": item.mapping,
                "version": item.mapping_version or 0,
                "outcome": item.decision.outcome,
                "at": self.now,
                "why": list(item.decision.why),
                "facts": self._services.vault.seal("decision.facts", decision_id, facts),
                "message_id": item.arrival.message_id,
            }
        )
        return decision_id


def _fate(item: Prepared, kept: _Kept | None) -> Fate:
    arriving = Standing(
        item.modified_at,
        item.content_hash,
        item.decision.changes.get("state"),
        item.decision.changes.get("refunded") or 0,
    )
    fate = settle(_standing(kept), arriving, again=item.arrival.again)
    return "held" if fate == "applied" and item.decision.outcome == "hold" else fate


def _exists() -> Problem:
    zh, en = "该渠道已有此单号的订单，内容不同", "The channel has an order of this number with other content"
    return problem("external_id", "exists", zh, en)


def _elsewhere() -> Problem:
    zh = "该报文已属于另一笔订单，单号不能再改变；请恢复映射中的单号"
    en = "This message brought another order already, so its order number cannot change; mend the mapping's number"
    return problem("external_id", "other_order", zh, en)


def _standing(kept: _Kept | None) -> Standing | None:
    if kept is None:
        return None
    values = kept.values
    return Standing(values["modified_at"], values["content_hash"], values["state"], values.get("refunded", 0))


def _event(fate: Fate, before: dict[str, Any] | None, after: dict[str, Any]) -> str:
    if fate == "stale":
        return "order.ignored"
    if before is None:
        return "order.received"
    if before["held"] and not after["held"]:
        return "order.released"
    return "order.held" if after["held"] and not before["held"] else "order.updated"


def _outline(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an audit entry may show of a record: no protected value."""
    names = ("state", "held", "total", "amount", "paid", "refunded", "priority", "quantity")
    return {name: values[name] for name in names if name in values}


def _rewritten(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the fields that changed and whose values are nobody's business: only that they changed is told."""
    return [field for column, field in _PRIVATE.items() if before.get(column) != after.get(column)]
