"""Trying a mapping before it runs: what it would make of the messages that really came. Nothing is stored."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.base.decision import Decision
from ordain.base.errors import Problem, Refused
from ordain.engines.mapping import MappingProgram
from ordain.engines.mapping.program import compile_once
from ordain.engines.mapping.suggesting import suggest
from ordain.flows.intake.prepare import compile_version, read_again
from ordain.flows.redriving import read_payload
from ordain.flows.services import Services
from ordain.store import catalogue, messages
from ordain.store.messages import MessageQuery

SAMPLES: Final = 200
_NUMBER: Final = re.compile(r"\.\d+\.")


@dataclass(frozen=True, slots=True)
class Sample:
    """One message and what became of it: by the draft, and by what runs ("" where nothing does)."""

    message_id: str
    channel: str
    outcome: str
    before: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with one target field, in how many messages, and the place of the first of them."""

    count: int
    place: int
    example: Problem


@dataclass(frozen=True, slots=True)
class Trial:
    """The newest messages under a draft, newest first, and one of them in full; `troubles` by target field."""

    samples: Sequence[Sample]
    place: int
    payload: Mapping[str, Any] | None
    decision: Decision | None
    facts: Mapping[str, Any]
    payloads: Sequence[Mapping[str, Any]] = ()
    troubles: Mapping[str, Trouble] = field(default_factory=dict)


def try_mapping(services: Services, document: Mapping[str, Any], place: int = 0, code: str = "") -> Trial:
    """Return what a mapping's draft makes of the newest messages of its channels; none where it cannot be compiled.

    With a problem's code the samples are the messages that wait for repair with it instead.
    """
    key = str(document.get("key", ""))
    with services.db.read() as conn:
        live = services.live.at(conn)
        version = live.get("mapping", key)
        running = live.compiled("mapping", key, compile_version) if version else None
        channels = [v.key for v in live.all("channel") if v.document["spec"].get("mapping") == key]
        newest = (
            messages.waiting_of(conn, MessageQuery(code=code, mapping=key), limit=SAMPLES)
            if code
            else messages.samples(conn, key, channels, limit=SAMPLES)
        )
        read = [
            (message_id, channel, payload)
            for message_id, channel in newest
            if (payload := _payload(services, conn, message_id)) is not None
        ]
        if not read and not code:  # nothing came yet: what the author gave as examples
            read = [("", "", payload) for payload in _given(document)]
        program, codes_of = _program(document), _Codes(conn)
        span = int(services.now().timestamp() // _KEPT_SECONDS)
        mine = _Verdicts(("draft", key, json.content_hash(document.get("spec")), span))
        before = _Verdicts(("live", key, version.hash if version else "", span))
        samples = []
        troubles: dict[str, Trouble] = {}
        for number, (message_id, channel, payload) in enumerate(read):
            verdict = mine.of(message_id, partial(_decision, services, codes_of, program, channel, payload))
            was = before.of(message_id, partial(_decision, services, codes_of, running, channel, payload))
            for found in verdict.problems:
                name = _NUMBER.sub(".", found.path)
                known = troubles.get(name) or Trouble(0, number, found)
                troubles[name] = Trouble(known.count + 1, known.place, known.example)
            codes = tuple(found.code for found in verdict.problems)
            samples.append(Sample(message_id, channel, verdict.outcome, was.outcome, codes))
        if not read:
            return Trial((), 0, None, None, {})
        at = min(max(place, 0), len(read) - 1)
        _, channel, payload = read[at]
        decision, facts = _decided(services, codes_of, program, channel, payload)
    return Trial(samples, at, payload, decision, facts, [payload for _, _, payload in read], troubles)


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
    spec["lookups"] = {**found.get("lookups", {}), **(spec.get("lookups") or {})}
    return {**document, "spec": {k: v for k, v in spec.items() if v or k not in ("lists", "lookups")}}


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


@dataclass(frozen=True, slots=True)
class _Verdict:
    outcome: str
    problems: Sequence[Problem] = ()


_KEPT_SECONDS: Final = 20
_VERDICTS_MOST: Final = 8
_VERDICTS: Final[dict[tuple[object, ...], dict[str, _Verdict]]] = {}


class _Verdicts:
    """What one mapping makes of messages, kept for a while: between two keystrokes most of it stays the same."""

    def __init__(self, of: tuple[object, ...]) -> None:
        while len(_VERDICTS) > _VERDICTS_MOST:
            _VERDICTS.pop(next(iter(_VERDICTS)), None)
        self._known = _VERDICTS.setdefault(of, {})

    def of(self, message_id: str, decide: Callable[[], Decision | None]) -> _Verdict:
        """Return the verdict on a message; examples that came from the author have no id and are judged each time."""
        found = self._known.get(message_id) if message_id else None
        if found is None:
            made = decide()
            found = _Verdict(made.outcome, made.problems) if made else _Verdict("")
            if message_id:
                self._known[message_id] = found
        return found


def _program(document: Mapping[str, Any]) -> MappingProgram | None:
    spec = document.get("spec")
    try:
        return compile_once(spec, str(document.get("key", ""))) if isinstance(spec, Mapping) else None
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


def _decision(
    services: Services, codes: _Codes, program: MappingProgram | None, channel: str, payload: Mapping[str, Any]
) -> Decision | None:
    return _decided(services, codes, program, channel, payload)[0]


def _decided(
    services: Services, codes: _Codes, program: MappingProgram | None, channel: str, payload: Mapping[str, Any]
) -> tuple[Decision | None, Mapping[str, Any]]:
    if program is None:
        return None, {}
    return read_again(program, channel, payload, codes.resolve, services.now())
