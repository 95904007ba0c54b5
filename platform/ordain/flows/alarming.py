"""Alarms of the house: administrators are told, and what protected values did not open is written down."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.errors import Problem, problem
from ordain.flows.notifying import Recipient, enqueue
from ordain.flows.services import Services
from ordain.records.actor import Origin, System, User
from ordain.store import audit, directory
from ordain.store.access import access

NOTICE: Final = "vault-alarm"
_AT_ONCE: Final = 50  # entries of one turn; the log has every one
_ORIGIN: Final = Origin(System("vault"))
_SAME: Final = timedelta(hours=1)
_RECORDS: Final[Mapping[str, str]] = {"orders": "order", "import": "import_row"}


def warn(
    conn: sa.Connection, services: Services, notice: str, subject: str, facts: Mapping[str, Any], episode: str
) -> int:
    """Tell everybody who operates the house, once an episode; return how many messages that makes."""
    live, told = services.live.at(conn), 0
    for reach in directory.reaches(conn, services.vault):
        if access(live, User(reach.person_id, "", frozenset(reach.roles)), "house").may("operate"):
            to = Recipient(reach.phone, reach.mail, "en" if reach.language == "en" else "zh")
            told += enqueue(conn, services, notice, subject, to, facts, key=f"{episode}:{reach.person_id}")
    return told


def tell(services: Services) -> int:
    """Write down which protected values did not open since this was asked, and warn; return how many there were.

    A value is written down once an hour, whoever reads it how often; there is one warning an hour.
    """
    failures = services.vault.failures()
    if not failures:
        return 0
    now = services.now()
    with services.db.write() as conn:
        new = 0
        for failure in failures[:_AT_ONCE]:
            record = failure.place.split(".", 1)[0]
            entity = f"{_RECORDS.get(record, record)}:{failure.row}"[:128]
            after = {"place": failure.place, "why": failure.why}
            if not _is_known(conn, entity, after, now):
                audit.record(conn, _ORIGIN, now, "vault.refused", entity, None, after)
                new += 1
        if new:
            places = ", ".join(sorted({failure.place for failure in failures})[:5])
            warn(conn, services, NOTICE, "house:vault", {"places": places, "count": new}, f"{NOTICE}:{now:%Y-%m-%dT%H}")
    return len(failures)


def cannot_open(path: str) -> Problem:
    """Return that a protected value does not open, and what to do."""
    zh = "受保护的数据无法打开：可能被篡改，或密钥缺失。已通知管理员，请从备份恢复或重新录入"
    en = (
        "protected data does not open: it was changed, or its key is missing. Administrators have been told; "
        "bring it back from a backup, or enter it anew"
    )
    return problem(path, "cannot_open", zh, en)


def _is_known(conn: sa.Connection, entity: str, after: Mapping[str, Any], now: Any) -> bool:
    return any(
        entry.action == "vault.refused" and entry.after == after and entry.at > now - _SAME
        for entry in audit.of(conn, entity)
    )
