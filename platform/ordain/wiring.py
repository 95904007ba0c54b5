"""From settings to services: the only place where a port meets its adapter."""

import os
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ordain.base.errors import Problem, Refused, problem
from ordain.base.ids import new_id
from ordain.flows.services import Services, Settings
from ordain.gateways.channel import HttpChannel
from ordain.gateways.doorbell import make_doorbell
from ordain.gateways.http import HttpClient
from ordain.gateways.lock import RedisLocks
from ordain.gateways.mail import Smtp
from ordain.store import key_file
from ordain.store.audit_chain import Seals
from ordain.store.database import Database
from ordain.store.definitions import LiveDefinitions
from ordain.store.keyring import FileKeyring, is_used
from ordain.store.vault import Keys, Vault


def settings_from(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; Refused with every problem found, named by its variable."""
    problems: list[Problem] = []
    home = Path(environ.get("ORDAIN_HOME") or "var").resolve()
    host = environ.get("ORDAIN_HOST") or "127.0.0.1"
    port = _port(environ, "ORDAIN_PORT", 8000, problems)
    production = _production(environ, problems)
    if production and not environ.get("ORDAIN_BASE_URL"):
        problems.append(_needed("ORDAIN_BASE_URL"))
    if not production and host not in ("127.0.0.1", "localhost", "::1") and not environ.get("ORDAIN_BASE_URL"):
        problems.append(_needed("ORDAIN_BASE_URL"))
    found = Settings(
        home=home,
        database_url=environ.get("DATABASE_URL") or f"sqlite:///{home / 'ordain.db'}",
        redis_url=environ.get("REDIS_URL") or f"unix://{home / 'valkey.sock'}",
        host=host,
        port=port,
        sandbox_port=_port(environ, "ORDAIN_SANDBOX_PORT", port + 1, problems),
        base_url=(environ.get("ORDAIN_BASE_URL") or f"http://{host}:{port}").rstrip("/"),
        key_file=Path(environ.get("ORDAIN_KEY_FILE") or home / "keys.json").resolve(),
        production=production,
        timezone=_zone(environ, problems),
        proxies=_number(environ, "ORDAIN_PROXIES", 0, problems),
        web_processes=_number(environ, "ORDAIN_WEB_PROCESSES", 2, problems) or 1,
        mail_port=_port(environ, "ORDAIN_MAIL_PORT", port + 2, problems),
        widget_origins=_origins(environ, port, production, problems),
    )
    if problems:
        raise Refused(problems)
    return found


def build(settings: Settings, *, statement_seconds: int = 5) -> Services:
    """Join ports and adapters; Refused with what is wrong with the key file.

    A missing one is made in development, where there is nothing yet that another one opens.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    file = _key_file(settings)
    db = Database(settings.database_url, statement_seconds=statement_seconds, seals=Seals(file.audit))
    return Services(
        settings=settings,
        db=db,
        vault=Vault(Keys("", {}, file.index), FileKeyring(db, settings.key_file, file)),
        live=LiveDefinitions(),
        now=lambda: datetime.now(UTC),
        new_id=new_id,
        doorbell=make_doorbell(settings.redis_url),
        channels=HttpChannel(HttpClient(test_networks=not settings.production)),
        jitter=random.random,
        mail=Smtp(test_networks=not settings.production),
        locks=RedisLocks(settings.redis_url),
    )


def _key_file(settings: Settings) -> key_file.KeyFile:
    if not settings.production and not settings.key_file.exists():
        db = Database(settings.database_url)
        try:
            used = is_used(db)
        finally:
            db.close()
        if not used:
            return key_file.make(settings.key_file)
    return key_file.load(settings.key_file)


def _port(environ: Mapping[str, str], name: str, default: int, problems: list[Problem]) -> int:
    port = _number(environ, name, default, problems)
    if not 0 < port < 65536:
        problems.append(_wrong(name, environ.get(name, ""), "8000"))
    return port


def _number(environ: Mapping[str, str], name: str, default: int, problems: list[Problem]) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal():
        problems.append(_wrong(name, text, str(default)))
        return default
    return int(text)


def _production(environ: Mapping[str, str], problems: list[Problem]) -> bool:
    text = environ.get("ORDAIN_ENV") or "development"
    if text not in ("development", "production"):
        problems.append(_wrong("ORDAIN_ENV", text, "development, production"))
    return text == "production"


def _origins(environ: Mapping[str, str], port: int, production: bool, problems: list[Problem]) -> tuple[str, ...]:
    """Return whose pages may embed the stock widget; in development the sandbox's shop, too."""
    name = "ORDAIN_WIDGET_ORIGINS"
    found = environ.get(name, "").split()
    fitting = re.compile(r"https://[\w.-]+(:\d+)?" if production else r"https?://[\w.-]+(:\d+)?")
    problems.extend(_wrong(name, text, "https://shop.example.com") for text in found if not fitting.fullmatch(text))
    own = environ.get("ORDAIN_SANDBOX_PORT") or str(port + 1)
    return (*found, *(() if production else (f"http://127.0.0.1:{own}", f"http://localhost:{own}")))


def _zone(environ: Mapping[str, str], problems: list[Problem]) -> ZoneInfo:
    text = environ.get("ORDAIN_TIMEZONE") or "Asia/Shanghai"
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(_wrong("ORDAIN_TIMEZONE", text, "Asia/Shanghai"))
        return ZoneInfo("Asia/Shanghai")


def _wrong(name: str, value: str, example: str) -> Problem:
    return problem(
        name,
        "bad_setting",
        f"{name}={value!r} 无效，例如：{example}",
        f"{name}={value!r} makes no sense; e.g. {example}",
    )


def _needed(name: str) -> Problem:
    return problem(name, "required", f"此环境下必须设置 {name}", f"{name} must be set in this environment")
