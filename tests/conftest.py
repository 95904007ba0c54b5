"""Fixtures: both databases, the services over them, a clock that stands still, orders made by hand."""

import base64
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest

from ordain.base.errors import GatewayError
from ordain.base.ids import new_id
from ordain.engines.calls.answers import Answer
from ordain.engines.calls.requests import Request
from ordain.flows import rotating
from ordain.flows.founding import found
from ordain.flows.ports import Mail
from ordain.flows.services import Services, Settings
from ordain.gateways.doorbell import SilentDoorbell
from ordain.gateways.lock import RedisLocks
from ordain.store import key_file
from ordain.store.audit_chain import Seals
from ordain.store.connections import Connection
from ordain.store.database import Database
from ordain.store.definitions import LiveDefinitions
from ordain.store.keyring import FileKeyring
from ordain.store.migrations import upgrade
from ordain.store.vault import Keys, Vault
from tests.rig import postgres

SEALS = Seals(b"s" * 32)
VAULT_KEYS = Keys("k1", {"k1": base64.b64decode("A" * 43 + "=")}, b"i" * 32)
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres.cluster() as url:
        template = Database(url.replace("/postgres", "/template_ordain"))
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("CREATE DATABASE template_ordain")
        upgrade(template)
        template.close()
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "ordain.db"
    database = Database(f"sqlite:///{path}", durable=False)
    upgrade(database)
    with database.engine.connect() as conn:
        conn.exec_driver_sql("COMMIT")
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        path = tmp_path / "ordain.db"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        made = Database(f"sqlite:///{path}", durable=False, seals=SEALS)
        yield made
        made.close()
        return
    url = request.getfixturevalue("postgres_url")
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template_ordain")
    made = Database(url.replace("/postgres", f"/{name}"), seals=SEALS)
    yield made
    made.close()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def vault() -> Vault:
    return Vault(VAULT_KEYS)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


class FakeMail:
    """Takes every mail, and fails as it was told to."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.failures: list[GatewayError] = []

    def send(self, connection: Connection, mail: Mail) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(mail)
        return f"<{mail.key}@example.com>"


@pytest.fixture
def mail() -> FakeMail:
    return FakeMail()


class FakeChannels:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answers: list[Answer | Exception] = []
        self.script: Callable[[Request], Answer] | None = None

    def ask(self, connection: Connection, request: Request, *, deadline: float, per_second: float) -> Answer:
        self.asked.append(request)
        if self.script is not None:
            return self.script(request)
        given = self.answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given


@pytest.fixture
def channels() -> FakeChannels:
    return FakeChannels()


@pytest.fixture
def services(
    database: Database, vault: Vault, clock: Clock, channels: FakeChannels, mail: FakeMail, tmp_path: Path
) -> Services:
    settings = Settings(
        home=tmp_path,
        database_url=str(database.url),
        redis_url="",
        host="127.0.0.1",
        port=8000,
        sandbox_port=8001,
        base_url="http://127.0.0.1:8000",
        key_file=tmp_path / "keys.json",
        production=False,
        timezone=ZoneInfo("Asia/Shanghai"),
    )
    return Services(
        settings,
        database,
        vault,
        LiveDefinitions(),
        clock,
        new_id,
        SilentDoorbell(),
        channels,
        lambda: 0.5,
        mail,
        RedisLocks(""),
    )


@pytest.fixture
def keyed(services: Services) -> Services:
    """Return services whose keys come from a key file and stand in the database, as in an installation."""
    path = services.settings.key_file
    file = key_file.make(path)
    made = Vault(Keys("", {}, file.index), FileKeyring(services.db, path, file))
    keyed = replace(services, vault=made)
    rotating.prepare(keyed)
    return keyed


@pytest.fixture
def founded(services: Services) -> Services:
    """Return services with the starter definitions, the demo's connections and its catalogue."""
    found(services, demo=True)
    return services
