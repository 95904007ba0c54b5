"""Corrections of messages: kept sealed, found by their message or by the record it spoke of."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from ordain.base import json
from ordain.records.message import Correction, Repair
from ordain.store.tables.base import table_of
from ordain.store.tables.repairs import RepairRow
from ordain.store.vault import Vault

PLACE = "message.repair"


def of_messages(conn: sa.Connection, vault: Vault, ids: Collection[str]) -> dict[str, Repair]:
    """Return the repairs of these messages, by message."""
    rows = conn.execute(sa.select(table_of(RepairRow)).where(RepairRow.message_id.in_(ids))).mappings()
    return {row["message_id"]: _repair(vault, row) for row in rows}


def of_records(conn: sa.Connection, vault: Vault, channel: str, external_ids: Collection[str]) -> dict[str, Repair]:
    """Return the newest repair of each of these records of a channel, by external id."""
    chosen = (
        sa.select(table_of(RepairRow))
        .where(RepairRow.channel == channel, RepairRow.external_id.in_(external_ids), RepairRow.external_id != "")
        .order_by(RepairRow.at, RepairRow.message_id)
    )
    return {row["external_id"]: _repair(vault, row) for row in conn.execute(chosen).mappings()}


def put(conn: sa.Connection, vault: Vault, repair: Repair, channel: str, external_id: str) -> None:
    """Keep a repair in place of the one before."""
    content = {"reason": repair.reason, "corrections": [asdict(one) for one in repair.corrections]}
    conn.execute(sa.delete(RepairRow).where(RepairRow.message_id == repair.message_id))
    conn.execute(
        sa.insert(RepairRow).values(
            message_id=repair.message_id,
            channel=channel,
            external_id=external_id,
            revision=repair.revision,
            at=repair.at,
            by=repair.by,
            content=vault.seal(PLACE, repair.message_id, json.dumps(content).decode()),
        )
    )


def _repair(vault: Vault, row: Any) -> Repair:
    content = json.loads(vault.open(PLACE, row["message_id"], row["content"]))
    corrections = tuple(Correction(**one) for one in content["corrections"])
    return Repair(row["message_id"], row["revision"], row["at"], row["by"], content["reason"], corrections)
