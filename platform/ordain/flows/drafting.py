"""Drafts of records: what a person has typed is kept for them alone until it is saved or given up."""

from collections.abc import Mapping
from typing import Any

from ordain.flows.services import Services
from ordain.store import drafts
from ordain.store.drafts import Draft, Place


def get(services: Services, place: Place) -> Draft | None:
    """Return the draft of a person, None for programs."""
    if not place.person:
        return None
    with services.db.read() as conn:
        return drafts.get(conn, services.vault, place)


def keep(services: Services, place: Place, data: Mapping[str, Any], seen: int) -> Draft | None:
    """Keep what was typed so far; `seen` is the record's version it was begun from."""
    if not place.person:
        return None
    made = Draft(seen, data, services.now())
    with services.db.write() as conn:
        drafts.put(conn, services.vault, place, made, services.new_id())
    return made


def drop(services: Services, place: Place) -> None:
    """Give a draft up."""
    with services.db.write() as conn:
        drafts.drop(conn, place)
