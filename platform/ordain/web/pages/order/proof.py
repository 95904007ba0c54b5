"""The right pane of an order: the raw message, with the facts marked that were used."""

from collections.abc import Iterator, Sequence
from typing import Any

from ordain.base.decision import Clause
from ordain.records.access import Access
from ordain.records.message import Message
from ordain.store.definitions import Version
from ordain.store.orders.story import StoredDecision
from ordain.web.pages.json_lines import json_lines, text_lines
from ordain.web.pages.lists import Option
from ordain.web.pages.order.context import Payload
from ordain.web.pages.order.sources import used
from ordain.web.pages.texts import _
from ordain.web.pages.words import fate_word, source_word
from ordain.web.show import Show


def payload(
    messages: Sequence[Message],
    chosen: Message,
    text: str,
    document: Any,
    decision: StoredDecision | None,
    mapping: Version | None,
    show: Show,
    access: Access,
) -> Payload:
    """Return the message on show: in full, with its values covered, or not at all, as the role has it."""
    mode = access.mode("raw")
    marks: list[str] = []
    if document is not None and mapping is not None:
        names = [*_names(decision.why if decision else ()), *(problem.path for problem in chosen.problems)]
        marks = used(mapping.document["spec"], document, names)
    covered = mode == "masked"
    lines = None
    if mode != "hidden":
        lines = text_lines(text) if document is None else json_lines(document, marked=marks, covered=covered)
    return Payload(
        messages=_options(messages, chosen, show),
        note=note(chosen, show),
        lines=None if document is None and covered else lines,
        text=text if mode == "read" else "",
        used=_general(marks) if lines is not None else (),
    )


def note(message: Message, show: Show) -> str:
    """Return how a message came and how it is kept."""
    size = "" if message.size is None else show.size(message.size)
    parts = [source_word(message.source), message.topic, size, _("kept encrypted, as received")]
    if message.tries > 1:
        parts.append(_("read %(n)s times", n=message.tries))
    return " · ".join(part for part in parts if part)


def _options(messages: Sequence[Message], chosen: Message, show: Show) -> list[Option]:
    count = len(messages)
    return [
        Option(
            message.id,
            " · ".join((show.clock(message.received_at), _("no. %(n)s", n=count - place), fate_word(message.state))),
            message.id == chosen.id,
        )
        for place, message in enumerate(messages)
    ]


def _general(paths: Sequence[str]) -> list[str]:
    """Return the paths without the numbers of lines, each once."""
    names = (".".join(part for part in path.split(".") if not part.isdecimal()) for path in paths)
    return list(dict.fromkeys(names))


def _names(clauses: Sequence[Clause]) -> Iterator[str]:
    """Yield the names of the facts that clauses used."""
    for clause in clauses:
        if clause.rule != "fields":
            yield from clause.facts
            yield from _names(clause.parts)
