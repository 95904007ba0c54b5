"""Calling outside systems as connectors describe them: carriers, payment, SMS, directories.

A call is made outside every transaction, through the one guarded client, with the key that makes asking twice ask
once. Its outcome is a value: `done`, `refused` (the other side said no), `not_done` (surely nothing happened; another
try may help) or `unknown` (it may have been done: ask, or send again only where the operation is repeatable).
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import structlog

from ordain.base.errors import GatewayError, Problem, Refused, problem
from ordain.engines.breaker import Rules, Standing
from ordain.engines.calls import answers
from ordain.engines.calls.requests import Asking, build
from ordain.flows.services import Services
from ordain.store import connections, connectors
from ordain.store.connections import Connection
from ordain.store.connectors import Outcome
from ordain.store.definitions import Version

Result = Literal["done", "refused", "not_done", "unknown"]
DEADLINE: Final = 10.0
_TURN: Final = 2.0  # seconds to wait for a free turn
_log = structlog.get_logger("ordain.calls")


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call. `at` is when its values were true: earlier than now where they were kept from before.

    `cause` is reach, authentication, limit, answer, request, open (the breaker) or connection (none is set).
    """

    result: Result
    values: Mapping[str, Any] = field(default_factory=dict)
    target: str = ""
    cause: str = ""
    text: str = ""
    at: datetime | None = None
    kept: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a live connector, ready to be called."""

    connector: str
    name: str
    spec: Mapping[str, Any]
    connection: Connection | None
    standing: Standing
    zone: ZoneInfo

    @property
    def rules(self) -> Rules:
        """When its breaker opens and closes."""
        return Rules.of(self.spec.get("breaker", {}))


@dataclass(frozen=True, slots=True)
class Call:
    """One operation asked of one connector: its facts, and the key under which it is done once."""

    connector: str
    operation: str
    spec: Mapping[str, Any]
    facts: Mapping[str, Any]
    key: str

    @property
    def fallback(self) -> Mapping[str, Any]:
        """What to do where no target answers."""
        found: Mapping[str, Any] = self.spec.get("fallback", {"type": "none"})
        return found


Compiled = Mapping[tuple[str, str], tuple[answers.ErrorRule, ...]]


def compile_connector(spec: Mapping[str, Any]) -> Compiled:
    """Return the declared failures by target and operation; Refused where an operation cannot be called."""
    operations, targets = spec.get("operations", {}), spec["targets"]
    missing = [
        problem(
            f"operations.{name}.targets.{place}",
            "no_call",
            f"目标“{target}”没有操作“{name}”的请求，请在目标的“请求”中添加",
            f"the target “{target}” has no request for “{name}”; add it to the target's calls",
        )
        for name, operation in operations.items()
        for place, target in enumerate(operation["targets"])
        if name not in targets.get(target, {}).get("calls", {})
    ]
    if missing:
        raise Refused(missing)
    return {
        (target, name): answers.compile_errors(call.get("errors", ()), f"targets.{target}.calls.{name}.errors")
        for target, made in targets.items()
        for name, call in made.get("calls", {}).items()
    }


def call(services: Services, connector: str, operation: str, facts: Mapping[str, Any], *, key: str) -> Called:
    """Ask an outside system to do something once; never inside a transaction. Refused where no such call is defined."""
    asked, targets, rules = _load(services, connector, operation, facts, key)
    last = Called("not_done", cause="connection", text="no target has a connection")
    for target in targets:
        if target.connection is None:
            continue
        if not admits(services, target):
            last = last if last.target else Called("not_done", target=target.name, cause="open")
            continue
        last = _try(services, asked, target, rules[(target.name, operation)])
        if last.result in ("done", "refused"):
            break
        if last.result == "unknown" and not asked.spec.get("repeatable", False):
            break  # another target could do it a second time
    if last.result == "done":
        _keep(services, asked, last)
        return last
    return _kept(services, asked, last) or last


def targets_of(services: Services, connector: str) -> tuple[Version, list[Target]]:
    """Return a live connector and its targets as they stand; Refused where there is none."""
    with services.db.read() as conn:
        live = services.live.at(conn)
        version = live.get("connector", connector)
        if version is None:
            raise Refused([_unknown(f"没有连接器“{connector}”", f"there is no connector “{connector}”")])
        spec = version.document["spec"]
        stands = {found.target: found.standing for found in connectors.targets(conn, connector)}
        zone = ZoneInfo(spec.get("timezone", "Asia/Shanghai"))
        found = [
            Target(
                connector,
                name,
                target,
                connections.get(conn, services.vault, target["connection"]),
                stands.get(name, Standing()),
                zone,
            )
            for name, target in spec["targets"].items()
        ]
    return version, found


def note(services: Services, target: Target, outcome: Outcome) -> None:
    """Count a call of a target, in a transaction of its own."""
    with services.db.write() as conn:
        connectors.note(conn, target.connector, target.name, target.rules, outcome, services.now())


def admits(services: Services, target: Target) -> bool:
    """Tell whether a target may be called now; where its breaker wants a probe, this takes it."""
    now = services.now()
    if target.standing.state == "closed":
        return True
    if not target.standing.admits(now):
        return False
    with services.db.write() as conn:
        return connectors.take_probe(conn, target.connector, target.name, now)


def _load(
    services: Services, connector: str, operation: str, facts: Mapping[str, Any], key: str
) -> tuple[Call, Sequence[Target], Compiled]:
    version, targets = targets_of(services, connector)
    spec = version.document["spec"].get("operations", {}).get(operation)
    if spec is None:
        raise Refused([_unknown(f"连接器没有操作“{operation}”", f"the connector has no operation “{operation}”")])
    with services.db.read() as conn:
        rules: Compiled = services.live.at(conn).compiled("connector", connector, _compiled)
    by_name = {target.name: target for target in targets}
    ordered = [by_name[name] for name in spec["targets"]]
    if spec.get("choose") == "round_robin":
        first = int(hashlib.sha256(key.encode()).hexdigest(), 16) % len(ordered)
        ordered = ordered[first:] + ordered[:first]
    return Call(connector, operation, spec, facts, key), ordered, rules


def _compiled(version: Version) -> Compiled:
    return compile_connector(version.document["spec"])


def _try(services: Services, asked: Call, target: Target, rules: Sequence[answers.ErrorRule]) -> Called:
    """Call one target and count how it went."""
    with services.turns.take(f"{target.connector}.{target.name}", int(target.spec.get("concurrent", 8)), _TURN) as free:
        if not free:
            return Called("not_done", target=target.name, cause="limit", text="too many calls at once")
        begun = time.monotonic()
        called = _ask(services, asked, target, rules)
        spent = int((time.monotonic() - begun) * 1000)
    failed = called.result in ("not_done", "unknown") and called.cause in ("reach", "answer")
    note(services, target, Outcome(failed, called.cause == "authentication", spent, called.cause, called.text))
    _log.info(
        "call", connector=asked.connector, operation=asked.operation, target=target.name, outcome=called.result,
        cause=called.cause, key=asked.key, ms=spent,
    )  # fmt: skip
    return called


def _ask(services: Services, asked: Call, target: Target, rules: Sequence[answers.ErrorRule]) -> Called:
    connection = target.connection
    if connection is None:
        return Called("not_done", target=target.name, cause="connection", text="the connection is not set")
    spec = target.spec["calls"][asked.operation]
    values = {**asked.facts, "now": services.now(), "nonce": services.new_id(), "key": asked.key}
    made = build(spec["request"], Asking(values, connection.secrets, connection.base_url, target.zone))
    try:
        answer = services.channels.ask(
            connection,
            made,
            deadline=min(DEADLINE, float(asked.spec.get("deadline_seconds", DEADLINE))),
            per_second=float(target.spec.get("per_second", 20)),
        )
    except GatewayError as error:
        result: Result = "unknown" if error.sent else "refused" if error.permanent else "not_done"
        return Called(result, target=target.name, cause=error.cause, text=str(error), retry_after=error.retry_after)
    document, failure = answers.read(answer, rules)
    if failure is not None:
        return _failed(target.name, failure, answer.status)
    found = {name: answers.value(document, _of_key(path, asked.key)) for name, path in spec.get("answer", {}).items()}
    return Called("done", found, target.name, at=services.now())


def _failed(target: str, failure: answers.Failure, status: int) -> Called:
    """Return what a failed answer means for what was asked: a 5xx that no rule explains says nothing about it."""
    if failure.then == "unknown" or (not failure.key and failure.then == "retry" and failure.cause == "answer"):
        result: Result = "unknown"
    elif failure.then == "permanent":
        result = "refused"
    else:
        result = "not_done"
    return Called(result, {"status": status}, target, failure.cause, failure.text, retry_after=failure.retry_after)


def _of_key(path: str, key: str) -> str:
    """Return a path with this call's key in it; keys are ours and hold no quote."""
    return path.replace("{key}", key.replace("'", ""))


def _question(asked: Call, zone: ZoneInfo) -> str:
    by = Asking(asked.facts, {}, zone=zone).text(asked.fallback.get("by", "{key}"))
    return hashlib.sha256(by.encode()).hexdigest()


def _keep(services: Services, asked: Call, called: Called) -> None:
    if asked.fallback["type"] == "cache":
        question = _question(asked, services.settings.timezone)
        with services.db.write() as conn:
            connectors.keep(
                conn, services.vault, asked.connector, asked.operation, question, called.values, services.now()
            )


def _kept(services: Services, asked: Call, failed: Called) -> Called | None:
    """Return the answer kept from before, where the definition allows one and nothing was refused."""
    if asked.fallback["type"] != "cache" or failed.result == "refused":
        return None
    age = timedelta(minutes=float(asked.fallback.get("max_age_minutes", 60)))
    question = _question(asked, services.settings.timezone)
    with services.db.read() as conn:
        found = connectors.kept(conn, services.vault, asked.connector, asked.operation, question, services.now() - age)
    if found is None:
        return None
    values, at = found
    return replace(failed, result="done", values=values, at=at, kept=True)


def _unknown(zh: str, en: str) -> Problem:
    return problem("connector", "unknown_call", zh, en)
