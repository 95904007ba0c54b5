"""The commands: `python app.py [command]`. Each parses, calls one flow, and says what came of it."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ordain.base import json
from ordain.base.errors import Problem, Refused
from ordain.base.text import LANGUAGES, Language
from ordain.flows.services import Services
from ordain.records.actor import Origin, System, name_of

_ORIGIN: Final = Origin(System("command"))
_KEPT_ELSEWHERE: Final = {
    "zh": "备份不含密钥文件 {key_file}（密钥 {key}）。没有它，受保护的数据无法打开：请另行妥善保存。",
    "en": "The key file {key_file} (key {key}) is not in it. Nothing protected opens without it: keep it elsewhere.",
}
Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    command: Command = arguments.command
    try:
        return command(arguments)
    except Refused as refused:
        for item in refused.problems:
            _complain(item)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python app.py", description="ordain: order operations")
    parser.set_defaults(command=_everything)
    commands = parser.add_subparsers(title="commands")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(command=command)
        return made

    add("web", _web, "the web server alone")
    worker = add("worker", _worker, "a worker alone")
    worker.add_argument("--lane", default="", help="lanes to work, comma-separated; all when left out")
    add("scheduler", _scheduler, "the scheduler alone")
    add("sandbox", _sandbox, "the played outside world alone")
    init = add("init", _init, "database to the newest schema, starter definitions")
    init.add_argument("--demo", action="store_true", help="connections to the sandbox and a small catalogue, too")
    files = add("definitions", _definitions, "JSON files <-> store")
    files.add_argument("what", choices=["check", "apply", "export", "diff"])
    files.add_argument("path", type=Path)
    sync = add("sync", _sync, "one poll of a channel now")
    sync.add_argument("channel")
    load = add("import", _import, "one file into a channel now")
    load.add_argument("channel")
    load.add_argument("file", type=Path)
    user = add("user", _user, "add a person; prints a password link")
    user.add_argument("what", choices=["add"])
    user.add_argument("name")
    user.add_argument("--role", required=True, action="append")
    user.add_argument("--region", action="append", default=[])
    token = add("token", _token, "add an API token; prints it, this once")
    token.add_argument("what", choices=["add"])
    token.add_argument("name")
    token.add_argument("--role", required=True, action="append")
    connection = add("connection", _connection, "set a connection: JSON on standard input")
    connection.add_argument("what", choices=["set"])
    connection.add_argument("name")
    simulate = add("simulate", _simulate, "a rush, really run in a scratch database")
    simulate.add_argument("what", choices=["oversell"])
    for name in ("seed", "stock", "buyers", "at_once", "instances"):
        simulate.add_argument(f"--{name.replace('_', '-')}", type=int)
    for name in ("spread", "cache_lag", "payment_delay", "drop_out", "hold"):
        simulate.add_argument(f"--{name.replace('_', '-')}", type=float)
    keys = add(
        "keys", _keys, "the keys of protected data: how they stand, a new one, the rest now, another one around all"
    )
    keys.add_argument("what", choices=["status", "rotate", "reseal", "rekey"])
    add("verify", _verify, "check that what is stored holds together")
    add("doctor", _doctor, "check the settings and what they point at")
    backup = add("backup", _backup, "everything but the keys into one file, while it runs")
    backup.add_argument("file", type=Path)
    restore = add("restore", _restore, "an empty installation from a backup")
    restore.add_argument("file", type=Path)
    child = commands.add_parser("_child")
    child.add_argument("name")
    child.set_defaults(command=_child)
    return parser


def _services(seconds: int = 60) -> Services:
    from ordain.wiring import build, settings_from

    return build(settings_from(), statement_seconds=seconds)


def _everything(_: argparse.Namespace) -> int:
    from ordain.launch import launch
    from ordain.wiring import settings_from

    return launch(settings_from())


def _child(arguments: argparse.Namespace) -> int:
    from ordain.launch.children import run

    return run(arguments.name)


def _web(_: argparse.Namespace) -> int:
    from ordain.launch.children import run

    return run("web")


def _worker(arguments: argparse.Namespace) -> int:
    from ordain.jobs import worker

    lanes = [lane for lane in arguments.lane.split(",") if lane]
    worker.work(_services(), lanes or worker.LANES)
    return 0


def _scheduler(_: argparse.Namespace) -> int:
    from ordain.jobs import tick

    tick.run(_services())
    return 0


def _sandbox(_: argparse.Namespace) -> int:
    from ordain.launch.children import run

    return run("sandbox")


def _init(arguments: argparse.Namespace) -> int:
    from ordain.flows.founding import found

    new = found(_services(), demo=arguments.demo)
    _say(
        {"definitions": new.definitions, "connections": new.connections, "products": new.products, "people": new.people}
    )
    return 0


def _definitions(arguments: argparse.Namespace) -> int:
    from ordain.flows import exchange

    if not arguments.path.exists() and arguments.what != "export":
        print(f"{arguments.path} does not exist", file=sys.stderr)
        return 2
    match arguments.what:
        case "check":
            problems = [(path, item) for path, item in exchange.check(arguments.path)]
            for path, item in problems:
                _complain(item, str(path))
            return 1 if problems else 0
        case "apply":
            bad = [(found.path, item) for found in exchange.read(arguments.path) for item in found.problems]
            for path, item in bad:
                _complain(item, str(path))
            if bad:
                return 1
            versions = exchange.apply(_services(), arguments.path, _ORIGIN)
            _say({"published": [f"{v.kind}/{v.key} v{v.number}" for v in versions]})
        case "export":
            _say({"exported": exchange.export(_services(), arguments.path)})
        case _:
            for name, differences in exchange.diff(_services(), arguments.path):
                for found in differences:
                    _say({"definition": name, "path": found.path, "change": found.change})
    return 0


def _sync(arguments: argparse.Namespace) -> int:
    from ordain.flows import filing, polling

    services = _services()
    run = polling.poll(services, arguments.channel) or filing.fetch(services, arguments.channel)
    if run is None:
        print(f"there is nothing to ask {arguments.channel} for now", file=sys.stderr)
        return 1
    _say({"channel": run.channel, "records": run.records, **run.counts, "error": run.error})
    return 1 if run.cause else 0


def _import(arguments: argparse.Namespace) -> int:
    from ordain.flows import filing

    if not arguments.file.is_file():
        print(f"{arguments.file} does not exist", file=sys.stderr)
        return 2
    taken = filing.import_file(
        _services(), arguments.channel, arguments.file.name, arguments.file.read_bytes(), _ORIGIN
    )
    problems = [item.message.get(_language()) for item in taken.problems]
    _say({"file": taken.name, "rows": taken.rows, "documents": taken.documents, **taken.counts, "problems": problems})
    return 0


def _user(arguments: argparse.Namespace) -> int:
    from ordain.flows import login

    services = _services()
    link = login.add_user(services, arguments.name, arguments.role, arguments.region)
    if link is None:
        print(f"there is a person {arguments.name} already", file=sys.stderr)
        return 1
    print(services.settings.base_url + link)
    return 0


def _token(arguments: argparse.Namespace) -> int:
    from ordain.flows import login

    plain = login.add_token(_services(), arguments.name, arguments.role)
    if plain is None:
        print(f"there is a token {arguments.name} already", file=sys.stderr)
        return 1
    print(plain)
    return 0


def _connection(arguments: argparse.Namespace) -> int:
    from ordain.flows.connecting import set_connection

    set_connection(_services(), arguments.name, json.loads(sys.stdin.read()), _ORIGIN)
    _say({"connection": arguments.name})
    return 0


def _simulate(arguments: argparse.Namespace) -> int:
    from dataclasses import fields

    from ordain.engines.rush import Rush
    from ordain.flows.simulating import oversell, work

    given = {field.name: getattr(arguments, field.name) for field in fields(Rush)}
    rush = Rush(**{name: value for name, value in given.items() if value is not None})
    services = _services()
    outcomes = [work.as_json(outcome) for outcome in oversell.compare(services, rush)]
    work.keep(services, rush, outcomes, services.new_id(), name_of(_ORIGIN.actor))
    for outcome in outcomes:
        _say(outcome)
    return 1 if outcomes[-1]["oversold"] else 0


def _keys(arguments: argparse.Namespace) -> int:
    from ordain.flows import rotating

    services = _services()
    match arguments.what:
        case "status":
            for stands in rotating.status(services):
                _say(stands)
        case "rotate":
            _say({"sealing": rotating.rotate(services, _ORIGIN)})
        case "rekey":
            _say({"wrapping": rotating.rekey(services, _ORIGIN)})
        case _:
            return _reseal(services)
    return 0


def _reseal(services: Services) -> int:
    """Seal anew until nothing is left but what has to wait; 1 where values do not open."""
    from ordain.flows import rotating

    broken = 0
    while True:
        turn = rotating.go_on(services, seconds=5.0)
        broken += turn.broken
        _say({"resealed": turn.done, "broken": turn.broken, "retired": list(turn.retired)})
        if not turn.more or not turn.done:
            return int(bool(broken))


def _verify(_: argparse.Namespace) -> int:
    from ordain.flows.verifying import verify

    for found in verify(_services()):
        _complain(found)
        return 1
    _say({"verified": True})
    return 0


def _doctor(_: argparse.Namespace) -> int:
    from ordain.flows.verifying import examine

    worst = 0
    try:
        services = _services()
    except Refused as refused:
        for found in refused.problems:
            _say({"check": found.path, "ok": False, "says": found.message.get(_language())})
        return 1
    for name, good, text in examine(services):
        _say({"check": name, "ok": good, "says": text})
        worst = worst or int(not good)
    return worst


def _backup(arguments: argparse.Namespace) -> int:
    from ordain.flows.backing_up import back_up

    done = back_up(_services(3600), arguments.file)
    _say({"backup": str(arguments.file), **done})
    print(_KEPT_ELSEWHERE[_language()].format(**done), file=sys.stderr)
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from ordain.flows.backing_up import restore
    from ordain.wiring import settings_from

    _say({"restored": str(arguments.file), **restore(settings_from(), arguments.file)})
    return 0


def _say(value: object) -> None:
    print(json.dumps(value).decode())


def _complain(item: Problem, where: str = "") -> None:
    place = ": ".join(part for part in (where, item.path) if part)
    print(f"{place}: {item.message.get(_language())} [{item.code}]", file=sys.stderr)


def _language() -> Language:
    import os

    wanted = os.environ.get("LANG", "en")[:2]
    return next((language for language in LANGUAGES if language == wanted), "en")
