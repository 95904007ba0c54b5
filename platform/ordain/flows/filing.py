"""Files in: exports of tills and spreadsheets, fetched on a schedule or handed over, through the same intake."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from ordain.base import json
from ordain.base.errors import GatewayError, Problem, Refused, problem
from ordain.engines.calls import answers
from ordain.engines.channel.window import next_wait
from ordain.engines.tabular import Document, Layout, Sheet, documents, is_book, read
from ordain.flows.asking import Asker, Failed, load
from ordain.flows.importing.apart import book
from ordain.flows.intake import take
from ordain.flows.services import Services
from ordain.language.expression import BOOL, UNTYPED, EvaluationError, Expression, Scope, compile_expression
from ordain.records.actor import Origin, System
from ordain.records.message import Incoming
from ordain.store import channels, schedule
from ordain.store.channels import Run

BATCH: Final = 200
_SCOPE: Final = Scope({"source": UNTYPED})


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file brought: documents, fates, and the rows that were odd."""

    name: str
    rows: int
    documents: int
    counts: Counter[str] = field(default_factory=Counter)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Which documents another mapping reads, and what record they are of."""

    when: Expression
    record: str
    mapping: str


def import_file(
    services: Services,
    key: str,
    name: str,
    data: bytes,
    origin: Origin,
    progress: Callable[[int, int], bool] = lambda _done, _total: True,
) -> Imported:
    """Take a file in; the same rows again change nothing. Refused where it is no file of this channel."""
    with services.db.read() as conn:
        version = services.live.at(conn).get("channel", key)
    if version is None or "file" not in version.document["spec"]["intakes"]:
        raise Refused(
            [problem("channel", "no_file_intake", f"渠道“{key}”不接收文件", f"the channel “{key}” takes no files")]
        )
    return _import(services, key, version.document["spec"]["intakes"]["file"], name, data, origin, progress)


def fetch(services: Services, key: str) -> Run | None:
    """Fetch the files a channel offers that were not seen before; None where it offers none."""
    channel = load(services, key)
    if channel is None or "fetch" not in channel.spec["intakes"].get("file", {}):
        return None
    spec = channel.spec["intakes"]["file"]
    with services.db.read() as conn:
        state = channels.state(conn, key)
    started, counts, records, failure = services.now(), Counter[str](), 0, None
    seen = dict(state.files_seen)
    origin = Origin(System(f"file:{key}"))
    files = 0
    try:
        for name, data in _offered(Asker(services, channel), spec["fetch"]):
            mark = hashlib.sha256(data).hexdigest()
            if seen.get(name) == mark:
                continue
            taken = _import(services, key, spec, name, data, origin, lambda _done, _total: True)
            counts.update(taken.counts)
            records += taken.documents
            files += 1
            seen[name] = mark
    except Failed as failed:
        failure = failed.failure
    except GatewayError as error:
        failure = answers.Failure("retry", error.cause, str(error))
    except Refused as refused:
        failure = answers.Failure("permanent", "answer", refused.problems[0].message.en)
    now = services.now()
    failures = state.failed + 1 if failure else 0
    quiet = state.quiet + 1 if not files else 0
    due = now + timedelta(seconds=next_wait(spec["fetch"], quiet=quiet, failed=failures, jitter=services.jitter()))
    cause, text = (failure.cause, failure.text) if failure else ("", "")
    run = Run(key, "file", started, now, files, records, dict(counts), cause, text)
    with services.db.write() as conn:
        success = {} if failure else {"last_success": now}
        channels.put_state(
            conn,
            key,
            files_seen=seen,
            last_try=started,
            failed=failures,
            quiet=quiet,
            cause=cause,
            error=text,
            **success,
        )
        schedule.next_due(conn, f"files:{key}", due)
        if failure or files:
            channels.add_run(conn, run)
    return run


def read_file(data: bytes, layout: Layout) -> Sheet:
    """Return a file's documents, whatever it is written in; Refused where it cannot be read."""
    if not is_book(data):
        return read(data, layout)
    with book(data, layout.asked) as found:
        return documents(found.rows, layout)


def _import(
    services: Services,
    key: str,
    spec: Mapping[str, Any],
    name: str,
    data: bytes,
    origin: Origin,
    progress: Callable[[int, int], bool],
) -> Imported:
    sheet = read_file(data, Layout.of(spec))
    routes = routes_of(spec)
    counts: Counter[str] = Counter()
    done = 0
    for batch in _batches(sheet.documents):
        items = [incoming_of(document.payload(), routes) for document in batch]
        counts.update(take(services, key, "file", items, origin).counts)
        done += len(batch)
        if not progress(done, len(sheet.documents)):
            break
    return Imported(name, sheet.rows, done, counts, sheet.problems)


def routes_of(spec: Mapping[str, Any]) -> list[Route]:
    """Return the routes of the `intakes.file` part of a channel's spec."""
    return [
        Route(compile_expression(route["when"], _SCOPE, expects=BOOL), route.get("record", "order"), route["mapping"])
        for route in spec.get("routes", ())
    ]


def incoming_of(payload: Mapping[str, Any], routes: Sequence[Route]) -> Incoming:
    """Return a document of a file as a message; the same rows again are the same message."""
    route = next((route for route in routes if _applies(route, payload["rows"][0])), None)
    return Incoming(
        f"file:{json.content_hash(payload)[:40]}",
        json.dumps(payload),
        payload,
        record=route.record if route else "order",
        mapping=route.mapping if route else "",
    )


def _applies(route: Route, row: Mapping[str, Any]) -> bool:
    try:
        return route.when.holds({"source": row})
    except EvaluationError:
        return False


def _batches(documents: Sequence[Document]) -> Iterator[list[Document]]:
    remaining = iter(documents)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _offered(asker: Asker, spec: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    _, document = asker.ask(spec["list"], {})
    for name in answers.records(document, spec["names"]):
        answer = asker.fetch(spec["download"], {"name": name})
        if answer.status == 200:
            yield str(name), answer.body
