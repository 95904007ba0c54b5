"""Reading messages with the live mapping: pure decisions over facts gathered for the whole batch at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ordain.base.decision import Decision
from ordain.base.errors import Problem, problem
from ordain.engines.mapping import Mapped, MappingProgram, compile_mapping, decide, map_record
from ordain.engines.mapping.mending import map_mended, standing
from ordain.flows.intake.parts import Arrival, Prepared
from ordain.flows.services import Services
from ordain.records.message import Correction
from ordain.store import catalogue, repairs
from ordain.store.definitions import Live, Version
from ordain.store.orders.rows import content_hash


def compile_version(version: Version) -> MappingProgram:
    """Return the program of a mapping's version, for the cache of live definitions."""
    return compile_mapping(version.document["spec"], key=version.key, version=version.number)


def prepare(
    services: Services, conn: sa.Connection, arrived: Sequence[Arrival], *, mended: bool = True
) -> list[Prepared]:
    """Return each message with its decision; what no mapping could read is decided `quarantine`.

    `mended` False leaves what people corrected out.
    """
    programs = _Programs(services.live.at(conn))
    read = [(arrival, *programs.read(arrival)) for arrival in arrived]
    corrected = _corrected(services, conn, read) if mended else {}
    wanted = {
        (arrival.channel, sku) for arrival, _, _, mapped in read if isinstance(mapped, Mapped) for sku in mapped.skus
    }
    known: Mapping[tuple[str, str], str] = catalogue.resolve(conn, wanted)
    now = services.now()
    found = []
    for arrival, shop, program, mapped in read:
        if program is None or isinstance(mapped, Problem) or not (corrections := corrected.get(arrival.message_id)):
            found.append(_prepared(arrival, shop, program, mapped, known, now))
            continue
        decision = _decided(program, arrival.channel, mapped, known, now)[0]
        stand, _ = standing(mapped, decision.problems, corrections)
        whole = map_mended(program, arrival.incoming.payload or {}, stand)
        more = {(arrival.channel, sku) for sku in whole.skus} - known.keys()
        all_known = {**known, **catalogue.resolve(conn, more)} if more else known
        made = _prepared(arrival, shop, program, whole, all_known, now)
        found.append(replace(made, mended=tuple(one.path for one in stand)))
    return found


def read_again(
    program: MappingProgram,
    channel: str,
    payload: Mapping[str, Any],
    resolve: Callable[[set[tuple[str, str]]], Mapping[tuple[str, str], str]],
    now: datetime,
    corrections: Sequence[Correction] = (),
) -> tuple[Decision, dict[str, Any]]:
    """Return what `program` makes of a payload, with the facts it used; for replays that store nothing."""
    mapped = map_record(program, payload)
    known = resolve({(channel, sku) for sku in mapped.skus})
    decision, facts = _decided(program, channel, mapped, known, now)
    if not corrections:
        return decision, facts
    mended = map_mended(program, payload, standing(mapped, decision.problems, corrections)[0])
    return _decided(program, channel, mended, resolve({(channel, sku) for sku in mended.skus}), now)


def _decided(
    program: MappingProgram, channel: str, mapped: Mapped, known: Mapping[tuple[str, str], str], now: datetime
) -> tuple[Decision, dict[str, Any]]:
    facts = _facts(channel, mapped, known)
    return decide(program, _with_skus(channel, mapped, known), facts, now), facts


def _corrected(
    services: Services,
    conn: sa.Connection,
    read: Sequence[tuple[Arrival, str, MappingProgram | None, Mapped | Problem]],
) -> dict[str, Sequence[Correction]]:
    """Return the corrections to read each message with: its own, else those of the last repair of its record.

    So a later message of an order that a person repaired is not held again for what was put right already.
    """
    found: dict[str, Sequence[Correction]] = {one.message_id: one.corrections for one, *_ in read if one.corrections}
    records: dict[str, dict[str, list[str]]] = {}
    for arrival, _, _, mapped in read:
        if isinstance(mapped, Mapped) and arrival.message_id not in found and arrival.incoming.record == "order":
            name = str(mapped.record.get("external_id") or "")
            records.setdefault(arrival.channel, {}).setdefault(name, []).append(arrival.message_id)
    for channel, names in records.items():
        for name, repair in repairs.of_records(conn, services.vault, channel, names.keys()).items():
            found |= dict.fromkeys(names[name], repair.corrections)
    return found


class _Programs:
    """The live mappings of one batch, looked up once each."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._mappings: dict[str, MappingProgram | None] = {}

    def read(self, arrival: Arrival) -> tuple[str, MappingProgram | None, Mapped | Problem]:
        """Return the shop, the program and what it read, or the problem that keeps it from reading."""
        version = self._live.get("channel", arrival.channel)
        if version is None:
            return "", None, _no_channel(arrival.channel)
        channel = version.document["spec"]
        shop = str(channel.get("shop", ""))
        item = arrival.incoming
        if item.payload is None:
            return shop, None, item.unreadable or _unreadable()
        key = item.mapping or str(channel["mapping"])
        program = self._program(key)
        return shop, program, _no_mapping(key) if program is None else map_record(program, item.payload)

    def _program(self, key: str) -> MappingProgram | None:
        if key not in self._mappings:
            known = self._live.get("mapping", key) is not None
            self._mappings[key] = self._live.compiled("mapping", key, compile_version) if known else None
        return self._mappings[key]


def _prepared(
    arrival: Arrival,
    shop: str,
    program: MappingProgram | None,
    mapped: Mapped | Problem,
    known: Mapping[tuple[str, str], str],
    now: datetime,
) -> Prepared:
    key = program.key if program else arrival.incoming.mapping
    version = program.version if program else None
    if isinstance(mapped, Problem) or program is None:
        found = (mapped,) if isinstance(mapped, Problem) else ()
        return Prepared(arrival, shop, Decision("quarantine", problems=found), "", key, version)
    decision, facts = _decided(program, arrival.channel, mapped, known, now)
    record = decision.changes
    return Prepared(
        arrival,
        shop,
        decision,
        str(record.get("external_id") or ""),
        key,
        version,
        facts,
        record.get("modified_at"),
        content_hash(record, decision.problems),
    )


def _facts(channel: str, mapped: Mapped, known: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    return {"unknown_skus": sorted(sku for sku in mapped.skus if (channel, sku) not in known)}


def _with_skus(channel: str, mapped: Mapped, known: Mapping[tuple[str, str], str]) -> Mapped:
    """Return the record with our own SKU in place of a code that is only an alias."""
    if all(known.get((channel, sku), sku) == sku for sku in mapped.skus):
        return mapped
    lines = [
        {**line, "sku": known.get((channel, line.get("sku", "")), line.get("sku", ""))}
        for line in mapped.record.get("lines", ())
    ]
    return replace(mapped, record={**mapped.record, "lines": lines})


def _no_channel(key: str) -> Problem:
    return problem(
        "",
        "channel_missing",
        f"没有已发布的渠道“{key}”，请先发布该渠道再重新处理",
        f"There is no live channel “{key}”; publish it, then re-drive this message",
    )


def _no_mapping(key: str) -> Problem:
    return problem(
        "",
        "mapping_missing",
        f"没有已发布的字段映射“{key}”，请先发布该映射再重新处理",
        f"There is no live field mapping “{key}”; publish it, then re-drive this message",
    )


def _unreadable() -> Problem:
    return problem(
        "", "unreadable", "报文无法解析，请查看原始内容", "The message cannot be parsed; look at its raw content"
    )
