"""The tick: every half second what is due is asked for, and what the audit was told is sealed."""

import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ordain.flows.scheduling import Scheduler
from ordain.flows.sealing import Sealer
from ordain.flows.services import Services

_log = structlog.get_logger("ordain.tick")


def run(services: Services) -> None:
    """Tick for ever; several schedulers side by side ask for each thing once."""
    scheduler, sealer = Scheduler(services), Sealer(services)
    while True:
        try:
            scheduler.tick()
            sealer.run()
        except SQLAlchemyError as error:
            _log.warning("database not ready", error=type(error).__name__)
        time.sleep(0.5)
