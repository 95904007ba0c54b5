"""Orders in: every channel's messages, whatever way they come, pass through `take`.

Message and order are kept in one commit: a message is stored with its fate, or nothing is stored and the
sender was not told otherwise. What cannot be processed is kept all the same, in quarantine or as a held order.
"""

from collections.abc import Sequence

from ordain.flows.intake.parts import Arrival, Result, Taken
from ordain.flows.intake.prepare import prepare
from ordain.flows.intake.storing import store
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.records.message import Incoming, Source

__all__ = ["Arrival", "Result", "Taken", "arrivals", "prepare", "store", "take", "take_all"]


def take(services: Services, channel: str, source: Source, items: Sequence[Incoming], origin: Origin) -> Taken:
    """Take one channel's messages in, in one transaction, and tell what became of each.

    Repeated event ids change nothing. One bad order never hinders the others of its batch.
    """
    return Taken(take_all(services, arrivals(services, channel, source, items, origin)))


def arrivals(
    services: Services, channel: str, source: Source, items: Sequence[Incoming], origin: Origin
) -> list[Arrival]:
    """Return the messages as they stand at the door, with the time of their arrival."""
    now = services.now()
    return [Arrival(services.new_id(), channel, source, item, now, origin) for item in items]


def take_all(services: Services, arrived: Sequence[Arrival]) -> list[Result]:
    """Take messages of any channels in, in one transaction; the answers stand in the order of the messages."""
    with services.db.read() as conn:
        prepared = prepare(services, conn, arrived)
    return store(services, prepared)
