"""Repairing one message that waits: its fields as the mapping reads them, corrected by a person, then read once more.

The raw message stays as it came. The corrections are kept beside it, sealed, and stand over what a mapping reads by
the rule of `engines.mapping.mending`; each save is told in the audit, without a value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.errors import Problem, Refused, problem
from ordain.engines.mapping.mending import is_bad, line_name, plain, value_at
from ordain.engines.mapping.sources import compile_path, first_of
from ordain.engines.mapping.writing import currency_of, text_of, value_of
from ordain.flows.intake.parts import Arrival, Prepared, Result
from ordain.flows.intake.prepare import prepare
from ordain.flows.redriving import arrivals, redrive
from ordain.flows.services import Services
from ordain.language.expression import Type
from ordain.records.access import Access
from ordain.records.actor import Origin, name_of
from ordain.records.fields import LINES, RECORDS
from ordain.records.message import Correction, Repair
from ordain.store import audit, messages, repairs
from ordain.store.messages import MessageQuery
from ordain.store.orders import keep

_WRITTEN: Final = {
    "money": ("请填写金额，例如 45.98", "Write an amount, such as 45.98"),
    "integer": ("请填写整数", "Write a whole number"),
    "datetime": (
        "请填写带时区的时间，例如 2026-11-20T10:00:00+08:00",
        "Write a time with its zone, such as 2026-11-20T10:00:00+08:00",
    ),
}
_EDITED_LINES: Final = ("sku", "title", "quantity", "unit_price", "amount")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form: what stands there, what the mapping reads alone, and where it reads it.

    `standing`: a correction stands; `overtaken`: there was one, and the mapping's own value won. `writable` is False
    where the role does not show the value in full, or where it is the number of an order that stands.
    """

    path: str
    type: Type
    text: str
    read: str
    source: str
    source_value: str
    writable: bool
    shown: bool
    problems: Sequence[Problem]
    standing: bool = False
    overtaken: str | None = None


@dataclass(frozen=True, slots=True)
class RepairForm:
    """All of one message's form; `seen` goes back with it and tells whether somebody else was there meanwhile."""

    message_id: str
    seen: str
    fields: Sequence[Field]
    repair: Repair | None
    elsewhere: Sequence[Problem]  # problems of no field


def form_of(services: Services, message_id: str, access: Access, origin: Origin) -> RepairForm | None:
    """Return the form of a message that waits; None where it does not, or where no mapping can read it."""
    with services.db.read() as conn:
        if not messages.waiting(conn, MessageQuery(ids=(message_id,)), limit=1):
            return None
    arrived = arrivals(services, [message_id], origin)
    with services.db.read() as conn:
        bare, whole = _both(services, conn, arrived[0])
        repair = repairs.of_messages(conn, services.vault, [message_id]).get(message_id)
        order_id = messages.standings(conn, [message_id])[message_id][2]
        if whole.mapping_version is None or arrived[0].incoming.payload is None:
            return None
        version = services.live.at(conn).get("mapping", whole.mapping)
    spec = version.document["spec"] if version else {}
    drawer = _Drawer(spec, arrived[0], bare, whole, access, repair, fixed=order_id is not None)
    fields = drawer.fields()
    told = {id(found) for field in fields for found in field.problems}
    rest = [found for found in whole.decision.problems if id(found) not in told]
    return RepairForm(message_id, _seen(arrived[0].tries, repair), fields, repair, rest)


def save(
    services: Services,
    message_id: str,
    seen: str,
    texts: Mapping[str, str],
    reason: str,
    access: Access,
    origin: Origin,
) -> Result:
    """Keep what was corrected and read the message once more with it.

    Refused where a value does not fit its field, no reason is given, or the message was repaired, read or discarded
    by somebody else since the form was drawn.
    """
    form = form_of(services, message_id, access, origin)
    if form is None or form.seen != seen:
        raise Refused([_meanwhile(form)])
    arrived = arrivals(services, [message_id], origin)[0]
    with services.db.read() as conn:
        bare, _ = _both(services, conn, arrived)
    corrections, problems = _corrections(form, bare, texts)
    if not reason.strip():
        problems.append(problem("reason", "required", "请写明修改原因", "Say why it is corrected"))
    if problems:
        raise Refused(problems)
    before = form.repair
    revision = before.revision + 1 if before else 1
    repair = Repair(message_id, revision, services.now(), name_of(origin.actor), reason.strip(), tuple(corrections))
    external_id = next((str(one.value) for one in corrections if one.path == "external_id"), bare.external_id)
    with services.db.write() as conn:
        keep.lock(conn, [f"event|{arrived.channel}|{arrived.incoming.event_id}"])
        stands = repairs.of_messages(conn, services.vault, [message_id]).get(message_id)
        tries, state, _subject = messages.standings(conn, [message_id])[message_id]
        if _seen(tries, stands) != seen or state not in ("held", "quarantined"):
            raise Refused([_meanwhile(None)])
        repairs.put(conn, services.vault, repair, arrived.channel, external_id)
        said = {"fields": [one.path for one in corrections], "reason": repair.reason}
        stood = {"fields": [one.path for one in before.corrections]} if before else None
        audit.record(conn, origin, services.now(), "message.repair", f"message:{message_id}", stood, said)
    return redrive(services, [message_id], origin)[0]


def _both(services: Services, conn: sa.Connection, arrived: Arrival) -> tuple[Prepared, Prepared]:
    """Return what the mapping makes of a message without its corrections, and with them."""
    bare = prepare(services, conn, [arrived], mended=False)[0]
    return bare, prepare(services, conn, [arrived])[0]


class _Drawer:
    """Draws the fields of one message."""

    def __init__(
        self,
        spec: Mapping[str, Any],
        arrived: Arrival,
        bare: Prepared,
        whole: Prepared,
        access: Access,
        repair: Repair | None,
        *,
        fixed: bool,
    ) -> None:
        self._spec, self._access, self._fixed = spec, access, fixed
        self._payload = arrived.incoming.payload or {}
        self._record = arrived.incoming.record
        self._bare, self._whole = bare.decision, whole.decision
        self._unknown = whole.facts.get("unknown_skus") or ()
        self._stand = set(whole.mended)
        made = repair.corrections if repair else ()
        self._made = {one.path: one for one in made}
        self._currency = currency_of(whole.decision.changes)

    def fields(self) -> list[Field]:
        record = self._whole.changes or self._bare.changes
        found = [self._field(path, kind) for path, kind in RECORDS.get(self._record, {}).items()]
        kinds = LINES.get(self._record, {})
        for place, _ in enumerate(record.get("lines") or ()):
            found += [self._field(f"lines.{place}.{name}", kinds[name]) for name in _EDITED_LINES if name in kinds]
        return found

    def _field(self, path: str, kind: Type) -> Field:
        name = path.split(".", 2)[2] if path.startswith("lines.") else path
        asked = f"lines.{name}" if name != path else path
        shown = self._access.mode(asked) == "read"
        source, value = self._source(path, name)
        made = self._made.get(path)
        overtaken = made is not None and path not in self._stand
        text = text_of(kind, plain(value_at(self._whole.changes, path)), self._currency)
        return Field(
            path,
            kind,
            text if shown else "",
            text_of(kind, plain(value_at(self._bare.changes, path)), self._currency) if shown else "",
            source,
            value if shown else "",
            shown and not (self._fixed and path == "external_id"),
            shown,
            self._problems(path, name),
            path in self._stand,
            text_of(kind, made.value, self._currency) if made and overtaken and shown else None,
        )

    def _problems(self, path: str, name: str) -> list[Problem]:
        """Return what is wrong with a field; an unknown code is wrong in the lines that have it alone."""
        found = [one for one in self._whole.problems if is_bad(path, [one])]
        if name == "sku" and name != path and self._unknown:
            known = value_at(self._whole.changes, path) not in self._unknown
            return [one for one in found if one.path != "lines.sku"] if known else found
        return found

    def _source(self, path: str, name: str) -> tuple[str, str]:
        """Return where the mapping reads a field, and what stands there; both "" where it reads it nowhere."""
        spec = self._spec.get("fields", {}).get(path)
        if spec is None and name != path:
            spec = self._spec.get("lists", {}).get("lines", {}).get("fields", {}).get(name)
            return _said(spec), ""
        said = _said(spec)
        if not said or not spec or "from" not in spec:
            return said, ""
        froms = spec["from"] if isinstance(spec["from"], list) else [spec["from"]]
        read = first_of([compile_path(one, "from") for one in froms])(self._payload, self._payload)
        return said, "" if read is None or isinstance(read, dict | list) else str(read)[:200]


def _said(spec: Mapping[str, Any] | None) -> str:
    if not spec:
        return ""
    said = spec.get("from") or spec.get("expression") or spec.get("template") or ""
    return ", ".join(said) if isinstance(said, list) else str(said)


def _corrections(form: RepairForm, bare: Prepared, texts: Mapping[str, str]) -> tuple[list[Correction], list[Problem]]:
    """Return what differs from what the mapping reads alone; what the person could not see stays as it was."""
    before = {one.path: one for one in form.repair.corrections} if form.repair else {}
    record = bare.decision.changes
    currency = currency_of(record)
    found: list[Correction] = []
    problems: list[Problem] = []
    for field in form.fields:
        text = texts.get(field.path)
        if text is None or not field.writable:
            if field.path in before:
                found.append(before[field.path])
            continue
        if text.strip() == field.read:
            continue
        try:
            value = value_of(field.type, text, currency)
        except ValueError:
            problems.append(_unfit(field))
            continue
        name = line_name(record, field.path) if field.path.startswith("lines.") else ""
        found.append(Correction(field.path, value, plain(value_at(record, field.path)), name))
    return found, problems


def _seen(tries: int, repair: Repair | None) -> str:
    return f"{tries}.{repair.revision if repair else 0}"


def _unfit(field: Field) -> Problem:
    zh, en = _WRITTEN.get(field.type.family, ("不在可选值中", "None of the values it may have"))
    return problem(field.path, "unfit", zh, en)


def _meanwhile(form: RepairForm | None) -> Problem:
    if form is not None and form.repair is not None:
        by = form.repair.by
        zh, en = f"{by}刚才已修改该报文，请查看后再改", f"{by} corrected this message meanwhile; look at it, then go on"
    elif form is not None:
        zh, en = "该报文刚才已被重新处理，请查看后再改", "This message was re-driven meanwhile; look at it, then go on"
    else:
        zh, en = "该报文已不在等待处理，没有保存修改", "This message no longer waits; nothing was saved"
    return problem("", "meanwhile", zh, en)
