"""Reconciliation: the platform's list of a past window against ours; what is missing is fetched."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ordain.base.errors import GatewayError
from ordain.engines.channel.window import windows
from ordain.flows.asking import Failed, load
from ordain.flows.polling import Tally, fetch
from ordain.flows.services import Services
from ordain.store import channels
from ordain.store.channels import Run


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a reconciliation found: how many records the platform listed, how many were missing or behind here."""

    channel: str
    listed: int
    missing: int
    behind: int
    error: str = ""


def reconcile(services: Services, key: str, *, since: datetime | None = None) -> Reconciled | None:
    """Ask for a past window anew and take in what is missing; None where the channel cannot be asked."""
    channel = load(services, key)
    if channel is None or "poll" not in channel.spec["intakes"]:
        return None
    now = services.now()
    hours = float(channel.spec.get("reconcile", {}).get("past_hours", 72))
    spec: dict[str, Any] = {**channel.spec["intakes"]["poll"].get("cursor", {}), "overlap_seconds": 0}
    tally, error, cause = Tally(counts=Counter()), "", ""
    try:
        for window in windows(spec, since or now - timedelta(hours=hours), now):
            for _ in fetch(services, channel, window, "reconcile", tally):
                pass
    except Failed as failed:
        error, cause = failed.failure.text, failed.failure.cause
    except GatewayError as failure:
        error, cause = str(failure), failure.cause
    found = Reconciled(key, tally.records, tally.counts["new"], tally.counts["applied"] - tally.counts["new"], error)
    run = Run(key, "reconcile", now, services.now(), tally.pages, tally.records, dict(tally.counts), cause, error)
    with services.db.write() as conn:
        channels.add_run(conn, run)
    return found
