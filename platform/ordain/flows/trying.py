"""Trying a mapping before it runs: what it would make of the messages that really came. Nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.decision import Decision
from ordain.base.errors import Refused
from ordain.engines.mapping import MappingProgram, compile_mapping
from ordain.engines.mapping.suggesting import suggest
from ordain.flows.intake.prepare import compile_version, read_again
from ordain.flows.redriving import read_payload
from ordain.flows.services import Services
from ordain.store import catalogue, messages

SAMPLES: Final = 200


@dataclass(frozen=True, slots=True)
class Sample:
    """One message and what became of it: by the draft, and by what runs ("" where nothing does)."""

    message_id: str
    channel: str
    outcome: str
    before: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """The newest messages under a draft, newest first, and one of them in full."""

    samples: Sequence[Sample]
    place: int
    payload: Mapping[str, Any] | None
    decision: Decision | None
    facts: Mapping[str, Any]


def try_mapping(services: Services, document: Mapping[str, Any], place: int = 0) -> Trial:
    """Return what a mapping's draft makes of the newest messages of its channels; none where it cannot be compiled."""
    key = str(document.get("key", ""))
    with services.db.read() as conn:
        live = services.live.at(conn)
        version = live.get("mapping", key)
        running = live.compiled("mapping", key, compile_version) if version else None
        channels = [v.key for v in live.all("channel") if v.document["spec"].get("mapping") == key]
        newest = messages.samples(conn, key, channels, limit=SAMPLES)
        read = [
            (message_id, channel, payload)
            for message_id, channel in newest
            if (payload := _payload(services, conn, message_id)) is not None
        ]
        if not read:  # nothing came yet: what the author gave as examples
            read = [("", "", payload) for payload in _given(document)]
        program, codes_of = _program(document), _Codes(conn)
        samples = []
        for message_id, channel, payload in read:
            mine, before = (_decided(services, codes_of, each, channel, payload)[0] for each in (program, running))
            outcome = mine.outcome if mine else ""
            codes = tuple(found.code for found in mine.problems) if mine else ()
            samples.append(Sample(message_id, channel, outcome, before.outcome if before else "", codes))
        if not read:
            return Trial((), 0, None, None, {})
        at = min(max(place, 0), len(read) - 1)
        _, channel, payload = read[at]
        decision, facts = _decided(services, codes_of, program, channel, payload)
    return Trial(samples, at, payload, decision, facts)


def suggested(services: Services, document: Mapping[str, Any], place: int = 0) -> dict[str, Any]:
    """Return a mapping's draft with all that one sample suggests and the draft does not fill yet."""
    payload = try_mapping(services, document, place).payload
    spec: dict[str, Any] = dict(document.get("spec") or {})
    if payload is None:
        return dict(document)
    spec["record"] = spec.get("record") or "order"
    found = suggest(payload, str(spec["record"]))
    spec["fields"] = {**found["fields"], **(spec.get("fields") or {})}
    spec["lists"] = {**found.get("lists", {}), **(spec.get("lists") or {})}
    return {**document, "spec": spec if spec["lists"] else {k: v for k, v in spec.items() if k != "lists"}}


def _given(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    examples = document.get("examples")
    found = [example.get("payload") for example in examples if isinstance(example, Mapping)] if examples else []
    return [payload for payload in found if isinstance(payload, Mapping)]


def _payload(services: Services, conn: sa.Connection, message_id: str) -> Mapping[str, Any] | None:
    """Return a message's document; the last few hundred are remembered, for a draft is tried at every keystroke."""
    if message_id not in _READ:
        while len(_READ) >= 3 * SAMPLES:
            _READ.pop(next(iter(_READ)), None)
        _READ[message_id] = read_payload(messages.raw(conn, services.vault, message_id) or "")[0]
    return _READ[message_id]


_READ: Final[dict[str, Mapping[str, Any] | None]] = {}


def _program(document: Mapping[str, Any]) -> MappingProgram | None:
    spec = document.get("spec")
    try:
        return compile_mapping(spec, str(document.get("key", ""))) if isinstance(spec, Mapping) else None
    except (Refused, KeyError, TypeError, AttributeError, ValueError):  # a draft may be anything
        return None


class _Codes:
    """The catalogue's answers of one trial: the same few codes are asked for in message after message."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn
        self._known: dict[tuple[str, str], str | None] = {}

    def resolve(self, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return the SKU for each known (channel, code)."""
        new = wanted - self._known.keys()
        if new:
            found = catalogue.resolve(self._conn, new)
            self._known |= {code: found.get(code) for code in new}
        return {code: sku for code in wanted if (sku := self._known[code])}


def _decided(
    services: Services, codes: _Codes, program: MappingProgram | None, channel: str, payload: Mapping[str, Any]
) -> tuple[Decision | None, Mapping[str, Any]]:
    if program is None:
        return None, {}
    return read_again(program, channel, payload, codes.resolve, services.now())
