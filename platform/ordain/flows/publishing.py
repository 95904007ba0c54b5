"""Changing what runs: drafts, publishing, rolling back. A draft may be incomplete; publishing is strict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ordain import kinds
from ordain.base import json
from ordain.base.errors import Problem, Refused, problem
from ordain.engines.calls.answers import compile_errors
from ordain.engines.form.staff import compile_staff_form
from ordain.engines.mapping.examples import run_example
from ordain.engines.mapping.program import compile_once
from ordain.engines.notice import compile_notice
from ordain.flows.calling import compile_connector
from ordain.flows.services import Services
from ordain.records.actor import Origin, name_of
from ordain.store import audit, definitions
from ordain.store.definitions import Draft, Version
from ordain.store.epoch import advance

Document = Mapping[str, Any]


def _compile_channel(spec: Document) -> object:
    polled = compile_errors(spec["intakes"].get("poll", {}).get("errors", ()), "intakes.poll.errors")
    return polled, compile_errors(spec.get("stock", {}).get("errors", ()), "stock.errors")


def _compile_form(spec: Document) -> object:
    return compile_staff_form({"key": "form", "title": "", "spec": spec})


# What a kind's engine says about a spec before it may run: it raises Refused with paths in the spec.
_COMPILERS: Final[Mapping[str, Callable[[Document], object]]] = {
    "mapping": compile_once,
    "channel": _compile_channel,
    "form": _compile_form,
    "connector": compile_connector,
    "notice": compile_notice,
}
_EXAMPLES: Final[Mapping[str, Callable[[Document, Document], list[Problem]]]] = {"mapping": run_example}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else saved meanwhile: what both began from, theirs, and mine."""

    base: Document | None
    theirs: Document
    mine: Document
    owner: str
    hash: str


def check(document: Any) -> list[Problem]:
    """Return every problem that keeps a document from running, references to others left aside."""
    if not isinstance(document, Mapping):
        return [problem("", "type", "定义应为一个对象", "a definition is an object")]
    kind = kinds.get(str(document.get("kind", "")))
    if kind is None:
        return [kinds.unknown_kind(str(document.get("kind", "")))]
    upgraded = kind.upgrade(document)
    found = kind.check(upgraded)
    if found:
        return found
    if (compile_spec := _COMPILERS.get(kind.name)) is not None:
        try:
            compile_spec(upgraded["spec"])
        except Refused as refused:
            return [item.under("spec") for item in refused.problems]
    run = _EXAMPLES.get(kind.name)
    examples = upgraded.get("examples", ()) if run else ()
    return [
        item.under(f"examples.{place}")
        for place, example in enumerate(examples)
        for item in run(upgraded, example)  # type: ignore[misc] # no examples where there is no runner
    ]


def save_draft(services: Services, document: Document, origin: Origin, *, seen: str | None) -> Draft | Conflict:
    """Keep a draft. `seen` is the content hash the author last saw; equal content is never a conflict."""
    kind, key, owner, now = document["kind"], document["key"], name_of(origin.actor), services.now()
    own_hash = json.content_hash(document)
    with services.db.write() as conn:
        before = definitions.draft(conn, kind, key)
        current = definitions.live(conn, kind, key)
        if before and before.hash == own_hash:
            return before
        standing = before.hash if before else current.hash if current else None
        if seen is not None and standing is not None and seen != standing:
            base = definitions.get(conn, kind, key, before.base_version) if before and before.base_version else current
            theirs = before.document if before else current.document if current else {}
            return Conflict(base.document if base else None, theirs, document, before.owner if before else "", standing)
        base_version = before.base_version if before else current.number if current else None
        made = Draft(kind, key, owner, base_version, document, own_hash, now)
        definitions.put_draft(conn, made)
        audit.record(conn, origin, now, "definition.draft", f"definition:{kind}/{key}", None, {"hash": own_hash})
        return made


def discard_draft(services: Services, kind: str, key: str, origin: Origin) -> bool:
    """Forget a draft; what runs stays as it is."""
    with services.db.write() as conn:
        dropped = definitions.drop_draft(conn, kind, key)
        if dropped:
            audit.record(conn, origin, services.now(), "definition.discard", f"definition:{kind}/{key}")
        return dropped


def publish(services: Services, documents: Sequence[Document], note: str, origin: Origin) -> list[Version]:
    """Publish these definitions together, or none of them: Refused with every problem, paths `kind/key: …`.

    Content that is live already gets no new version.
    """
    problems = [item.under(_name(document)) for document in documents for item in check(document)]
    if problems:
        raise Refused(problems)
    with services.db.write() as conn:
        missing = _missing(conn, documents)
        if missing:
            raise Refused(missing)
        return _publish(services, conn, documents, note, origin)


def publish_draft(services: Services, kind: str, key: str, note: str, origin: Origin) -> Version:
    """Publish the draft of one definition; Refused where there is none or it may not run."""
    return publish_drafts(services, [(kind, key)], note, origin)[0]


def publish_drafts(services: Services, places: Sequence[tuple[str, str]], note: str, origin: Origin) -> list[Version]:
    """Publish the drafts of these definitions together, or none; Refused where one is gone or may not run.

    The problems of one alone have paths in its document, those of several begin with `kind/key.`.
    """
    with services.db.read() as conn:
        found = [definitions.draft(conn, kind, key) for kind, key in places]
    gone = [
        problem(f"{kind}/{key}", "no_draft", "没有可发布的草稿", "there is no draft to publish")
        for (kind, key), draft in zip(places, found, strict=True)
        if draft is None
    ]
    if gone or not places:
        raise Refused(gone or [problem("", "no_draft", "没有选择草稿", "no draft is chosen")])
    return publish(services, [draft.document for draft in found if draft is not None], note, origin)


def related(conn: sa.Connection, document: Document) -> list[Draft]:
    """Return the drafts of definitions that this one names, and of those that name it."""
    own = (str(document.get("kind")), str(document.get("key")))
    named = _names(document)
    return [
        draft
        for draft in definitions.drafts(conn)
        if (draft.kind, draft.key) != own and ((draft.kind, draft.key) in named or own in _names(draft.document))
    ]


def _names(document: Document) -> set[tuple[str, str]]:
    kind = kinds.get(str(document.get("kind")))
    return {(one.kind, one.key) for one in kind.references(document)} if kind else set()


def roll_back(services: Services, kind: str, key: str, number: int, origin: Origin) -> Version:
    """Make an earlier version live again; Refused where there is no such version."""
    with services.db.write() as conn:
        wanted = definitions.get(conn, kind, key, number)
        if wanted is None:
            raise Refused(
                [problem("version", "unknown_version", f"没有第 {number} 版", f"there is no version {number}")]
            )
        before = definitions.live(conn, kind, key)
        definitions.point(conn, kind, key, number)
        advance(conn)
        entity = f"definition:{kind}/{key}"
        was = {"version": before.number} if before else None
        audit.record(conn, origin, services.now(), "definition.roll_back", entity, was, {"version": number})
        return wanted


def _publish(
    services: Services, conn: sa.Connection, documents: Sequence[Document], note: str, origin: Origin
) -> list[Version]:
    now, author = services.now(), name_of(origin.actor)
    set_id = services.new_id() if len(documents) > 1 else None
    made: list[Version] = []
    changed = []
    for document in documents:
        kind, key = document["kind"], document["key"]
        known = kinds.get(kind)
        upgraded = known.upgrade(document) if known else dict(document)
        before = definitions.live(conn, kind, key)
        own_hash = json.content_hash(upgraded)
        definitions.drop_draft(conn, kind, key)
        if before and before.hash == own_hash:
            made.append(before)
            continue
        version = Version(kind, key, 0, upgraded, own_hash, author, note, now, before.number if before else None)
        number = definitions.add_version(
            conn, version, change_set=set_id, schema_version=int(upgraded["schema_version"])
        )
        definitions.point(conn, kind, key, number)
        changed.append(_name(document))
        made.append(Version(kind, key, number, upgraded, own_hash, author, note, now, version.parent))
        was = {"version": before.number} if before else None
        entity = f"definition:{kind}/{key}"
        audit.record(conn, origin, now, "definition.publish", entity, was, {"version": number, "note": note})
    if changed:
        if set_id:
            definitions.add_change_set(conn, set_id, author, note, now, changed)
        advance(conn)
    return made


def _missing(conn: sa.Connection, documents: Sequence[Document]) -> list[Problem]:
    """Return the references to definitions that neither run nor come along."""
    coming = {(document["kind"], document["key"]) for document in documents}
    found = []
    for document in documents:
        kind = kinds.get(document["kind"])
        for reference in kind.references(document) if kind else ():
            place = (reference.kind, reference.key)
            if place not in coming and definitions.live(conn, *place) is None:
                found.append(
                    problem(
                        f"{_name(document)}.{reference.path}",
                        "reference_missing",
                        f"引用的 {reference.kind}“{reference.key}”不存在，请先发布它",
                        f"there is no live {reference.kind} “{reference.key}”; publish it first, or together",
                    )
                )
    return found


def _name(document: Document) -> str:
    return f"{document.get('kind', '?')}/{document.get('key', '?')}"
