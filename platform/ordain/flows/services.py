"""What every flow is handed: the database, the vault, the live definitions, the clock and the ports."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from ordain.base.clock import Now
from ordain.base.ids import NewId
from ordain.flows.ports import ChannelGateway, Doorbell, Locks, MailGateway
from ordain.flows.turns import Turns
from ordain.store.database import Database
from ordain.store.definitions import LiveDefinitions
from ordain.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation's settings; see docs for the environment variables they come from."""

    home: Path
    database_url: str
    redis_url: str
    host: str
    port: int
    sandbox_port: int
    base_url: str
    key_file: Path
    production: bool
    timezone: ZoneInfo
    proxies: int = 0
    web_processes: int = 2
    mail_port: int = 0
    widget_origins: tuple[str, ...] = ()

    @property
    def demo(self) -> bool:
        """Whether demo people may sign in without a password: in development, on this machine, behind nothing."""
        return not self.production and self.host in ("127.0.0.1", "localhost", "::1") and not self.proxies


@dataclass(frozen=True, slots=True)
class Services:
    """The one bag of adapters, made in wiring.py and handed to every flow."""

    settings: Settings
    db: Database
    vault: Vault
    live: LiveDefinitions
    now: Now
    new_id: NewId
    doorbell: Doorbell
    channels: ChannelGateway
    jitter: Callable[[], float]
    mail: MailGateway
    locks: Locks
    turns: Turns = field(default_factory=Turns)
