"""The row that a decision on stock leaves behind."""

from typing import Any

from ordain.base import json
from ordain.base.decision import Decision
from ordain.base.ids import new_id
from ordain.flows.services import Services
from ordain.records.stock import Reservation


def decision_row(services: Services, subject: str, made: Reservation, decision: Decision) -> dict[str, Any]:
    """Return the row that tells which policy decided on a reservation, and why."""
    decision_id = new_id()
    facts = json.dumps({"channel": made.channel, "priority": made.priority}).decode()
    return {
        "id": decision_id,
        "subject": subject,
        "kind": "reservation",
        "key": made.policy,
        "version": made.policy_version,
        "outcome": decision.outcome,
        "at": made.created_at,
        "why": list(decision.why),
        "facts": services.vault.seal("decision.facts", decision_id, facts),
        "message_id": None,
    }
