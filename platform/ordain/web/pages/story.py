"""The story of a record as a thread with knots, and the answer behind each *why?*."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from flask import url_for

from ordain.base.decision import Clause
from ordain.records.access import Access
from ordain.records.message import Message
from ordain.records.order import Order
from ordain.store.notices import Delivery
from ordain.store.orders.find import AMOUNTS, order_mode
from ordain.store.orders.story import Event, StoredDecision
from ordain.web.pages.befallen import told
from ordain.web.pages.knots import Knot, Why, WhyLine, notice_knot
from ordain.web.pages.texts import _
from ordain.web.pages.words import lane_word, source_word, state_word
from ordain.web.show import Show

DEEPEST: Final = 4
MOST: Final = 5
DOTS: Final = "••••••"
CHANGED: Final = "changed"  # what stands for a value that is nobody's business
_FIELDS: Final = "fields"


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the story of one order from its events, the decisions behind them and the messages that told of it."""

    show: Show
    currency: str
    access: Access
    definitions: bool
    messages: Mapping[str, Message]
    decisions: Mapping[str, StoredDecision]
    notices: Sequence[Delivery] = ()

    def story(self, events: Sequence[Event], order: Order) -> list[Knot]:
        """Return the whole thread, oldest first; the last knot is what is waited for now, if anything is."""
        told = [(event.at, list(self._event(event))) for event in events]
        told += [(sent.created_at, [notice_knot(sent, self.show)]) for sent in self.notices]
        knots = [knot for _at, happened in sorted(told, key=lambda pair: pair[0]) for knot in happened]
        now = self._now(order)
        if now is None:
            return knots
        ahead = "now" if now.bead == "now" else "ahead"
        return [*knots[:-1], replace(knots[-1], next=ahead), now] if knots else [now]

    def _event(self, event: Event) -> Iterator[Knot]:
        message = self.messages.get(event.message_id or "")
        decision = self.decisions.get(event.decision_id or "")
        if event.type == "order.ignored":
            title = _("Update ignored: older than what stands")
            yield self._knot(event, "skipped", title, self._origin(event, message))
            return
        if event.type in ("order.received", "order.updated", "order.held", "order.released"):
            yield from self._taken(event, message, decision)
            return
        if event.type == "order.edited":
            by = str(event.data.get("by", "")).removeprefix("user:")
            yield self._knot(
                event, "done", _("Own fields written"), f"{by} · {', '.join(event.data.get('fields', ()))}"
            )
            return
        known = told(event, self.show, self.currency, amounts=self.access.reads("total"))
        bead, title, remark = known or ("done", event.type, "")
        yield replace(self._knot(event, bead, title, remark), why=self._why_stock(decision))

    def _why_stock(self, decision: StoredDecision | None) -> Why | None:
        """Return why stock could be held; None where nothing was decided."""
        if decision is None:
            return None
        title = _("Why could it be reserved?")
        lines = [line for clause in decision.why for line in self._condition(clause, 0)]
        result = {"split": _("Result: reserved in part"), "backorder": _("Result: reserved, to be delivered later")}
        return Why(
            decision.id,
            title,
            _("Stock reservation"),
            self._definition(decision),
            self._href(decision),
            lines,
            result.get(decision.outcome, _("Result: reserved in full")),
        )

    def _taken(self, event: Event, message: Message | None, decision: StoredDecision | None) -> Iterator[Knot]:
        """Tell that a message came, how it was read, what the checks found, and what it changed."""
        title = _("Read again") if event.data.get("again") else _("Message received")
        if event.type == "order.received":
            title = _("Order received")
        at = message.received_at if message and not event.data.get("again") else event.at
        yield replace(
            self._knot(event, "done", title, self._origin(event, message)),
            id=f"{event.id}-in",
            time=self.show.precise(at),
            exact=self.show.exact(at),
        )
        if decision is not None:
            yield from self._judged(event, decision)
        changes = self._changes(event.data.get("changes", {}))
        if changes:
            word = _("Released") if event.type == "order.released" else _("Order updated")
            yield replace(self._knot(event, "done", word, ""), id=f"{event.id}-change", changes=changes)

    def _judged(self, event: Event, decision: StoredDecision) -> Iterator[Knot]:
        read = [clause for clause in decision.why if clause.rule == _FIELDS]
        checks = [clause for clause in decision.why if clause.rule != _FIELDS]
        version = self._definition(decision)
        for clause in read:
            bead = "done" if clause.true else "look"
            yield replace(self._knot(event, bead, self.show.text(clause.text), version), id=f"{decision.id}-read")
        if not checks:
            return
        passed = sum(clause.true is True for clause in checks)
        sound = passed == len(checks)
        numbers = {"passed": passed, "all": len(checks)}
        title = _("%(passed)s of %(all)s checks passed", **numbers)
        names = " · ".join(self.show.text(clause.text) for clause in checks if clause.true is False)
        yield replace(
            self._knot(event, "done" if sound else "look", title, names),
            id=f"{decision.id}-checks",
            why=self.why(decision, checks),
        )

    def why(self, decision: StoredDecision, clauses: Sequence[Clause]) -> Why:
        """Return the answer to why a decision came out as it did."""
        accepted = decision.outcome == "accept"
        return Why(
            decision.id,
            _("Why did it pass?") if accepted else _("Why is it held?"),
            _("Field mapping") if decision.kind == "mapping" else decision.kind,
            self._definition(decision),
            self._href(decision),
            [line for clause in clauses for line in self._check(clause)],
            _("Result: accepted into the hub") if accepted else _("Result: held until somebody settles it"),
        )

    def _check(self, clause: Clause) -> Iterator[WhyLine]:
        """Tell a check, which holds where its condition found nothing; the condition of one that found something."""
        found = {True: _("not found"), False: _("found"), None: _("not evaluated")}[clause.true]
        yield WhyLine(_mark(clause.true), self.show.text(clause.text), found, 0)
        if clause.true is not True:
            for part in clause.parts:
                yield from self._condition(part, 1)

    def _condition(self, clause: Clause, depth: int) -> Iterator[WhyLine]:
        value = _("not evaluated: an earlier one settled it") if clause.true is None else self._facts(clause.facts)
        yield WhyLine(_mark(clause.true), self.show.text(clause.text), value, min(depth, DEEPEST))
        for part in clause.parts:
            yield from self._condition(part, depth + 1)

    def _facts(self, facts: Mapping[str, Any]) -> str:
        if not facts:
            return ""
        values = ", ".join(f"{name} = {self._fact(name, value)}" for name, value in facts.items())
        return _("actual %(values)s", values=values)

    def _fact(self, name: str, value: Any) -> str:
        """Return a fact as the reader may see it: what is covered on the page is covered here."""
        if order_mode(self.access, name) != "read":
            return DOTS
        if isinstance(value, list):
            items = [self._fact(name, item) for item in value[:MOST]]
            return f"[{', '.join(items)}{', …' if len(value) > MOST else ''}]"
        if isinstance(value, int) and not isinstance(value, bool) and name.rpartition(".")[2] in AMOUNTS:
            return self.show.money(value, self.currency)
        return str(value)

    def _origin(self, event: Event, message: Message | None) -> str:
        parts = [source_word(str(event.data.get("source", "")))]
        if topic := event.data.get("topic"):
            parts.append(str(topic))
        if message is not None and message.size is not None:
            parts.append(self.show.size(message.size))
        return " · ".join(part for part in parts if part)

    def _changes(self, changes: Mapping[str, Sequence[Any]]) -> list[tuple[str, str, str]]:
        return [
            (field_word(name), self._worded(name, before), self._worded(name, after))
            for name, (before, after) in changes.items()
            if order_mode(self.access, name) == "read"
        ]

    def _worded(self, name: str, value: Any) -> str:
        if name in AMOUNTS and isinstance(value, int):
            return self.show.money(value, self.currency)
        if name == "state":
            return state_word(value)
        if name == "priority":
            return lane_word(str(value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return _("changed") if value == CHANGED else str(value)

    def _definition(self, decision: StoredDecision) -> str:
        return _("%(key)s, version %(version)s", key=decision.key, version=decision.version)

    def _href(self, decision: StoredDecision) -> str:
        if not self.definitions or not decision.version:
            return ""
        return url_for("definitions.one", kind=decision.kind, key=decision.key, version=decision.version)

    def _knot(self, event: Event, bead: str, title: str, remark: str) -> Knot:
        return Knot(event.id, bead, title, remark, self.show.precise(event.at), self.show.exact(event.at))

    def _now(self, order: Order) -> Knot | None:
        if order.held:
            return Knot(
                "now", "stopped", _("Held: somebody has to settle its problems"), self._since(order.received_at)
            )
        match order.state:
            case "unpaid":
                return Knot("now", "now", _("Waits to be paid"), self._since(order.placed_at))
            case "paid":
                lane = _("lane %(lane)s", lane=lane_word(order.lane))
                since = self._since(order.paid_at or order.received_at)
                return Knot("now", "now", _("Waits to be picked"), f"{lane} · {since}")
            case "picking":
                return Knot("now", "now", _("Is being picked"), self._since(order.paid_at))
            case _:
                return None

    def _since(self, moment: datetime | None) -> str:
        if moment is None:
            return ""
        return _("for %(time)s", time=self.show.age((self.show.now - moment).total_seconds()))


def _mark(true: bool | None) -> str:
    return {True: "yes", False: "no", None: "off"}[true]


def field_word(name: str) -> str:
    """Return an order's field in the reader's words; its own name where it has none."""
    words = {
        "state": _("State"),
        "held": _("Held"),
        "total": _("Total"),
        "paid": _("Paid amount"),
        "refunded": _("Refunded"),
        "amount": _("Amount"),
        "priority": _("Lane"),
        "quantity": _("Qty"),
        "buyer.name": _("Buyer"),
        "buyer.phone": _("Phone"),
        "buyer.email": _("E-mail"),
        "buyer.address.street": _("Street"),
        "buyer.address.district": _("District"),
        "buyer.address.city": _("City"),
        "buyer.address.province": _("Province"),
    }
    return words.get(name, name)
