"""The knots of a thread: one thing that happened each, and the answer behind its *why?*."""

from collections.abc import Sequence
from dataclasses import dataclass

from ordain.store.notices import Delivery
from ordain.web.pages.texts import _
from ordain.web.show import Show


@dataclass(frozen=True, slots=True)
class WhyLine:
    """One clause of an answer: `mark` is yes, no or off (not evaluated), `depth` how far it is indented."""

    mark: str
    text: str
    value: str
    depth: int


@dataclass(frozen=True, slots=True)
class Why:
    """The answer to one *why?*: the definition and version that decided, its clauses, what came of it."""

    id: str
    question: str
    kind: str
    definition: str
    href: str
    lines: Sequence[WhyLine]
    result: str


@dataclass(frozen=True, slots=True)
class Knot:
    """One thing that happened: `bead` is done, now, skipped, stopped, look or ahead; `next` draws the stretch below."""

    id: str
    bead: str
    title: str
    remark: str = ""
    time: str = ""
    exact: str = ""
    changes: Sequence[tuple[str, str, str]] = ()
    why: Why | None = None
    next: str = "done"


def notice_knot(sent: Delivery, show: Show) -> Knot:
    """Tell of one notice: by which way, to whom, and what became of it."""
    way = {"sms": _("SMS"), "mail": _("Mail")}.get(sent.by, _("Notice"))
    match sent.state:
        case "sent":
            bead, title = "done", _("Customer told: %(way)s delivered", way=way)
        case "failed":
            bead, title = "stopped", _("Customer not told: %(why)s", why=failure_word(sent.cause))
        case "unknown":
            bead, title = "look", _("%(way)s may have gone out; the gateway is being asked", way=way)
        case _:
            bead, title = "look" if sent.tries else "done", _("%(way)s waits to be sent", way=way)
    moment = sent.sent_at or sent.created_at
    remark = " · ".join(part for part in (sent.shown, sent.notice, "" if sent.state == "sent" else sent.error) if part)
    return Knot(f"notice-{sent.id}", bead, title, remark, show.precise(moment), show.exact(moment))


def failure_word(cause: str) -> str:
    """Return in words why a notice was not sent."""
    causes = {
        "address": _("no address that can be written to"),
        "late": _("it could not be sent in time"),
        "unknown": _("nobody knows whether it went out"),
        "authentication": _("the gateway does not let us in"),
        "connection": _("its connection is not set"),
        "request": _("the gateway refused it"),
    }
    return causes.get(cause, _("the gateway did not answer"))
