"""What views reach for: the services of this application."""

from typing import cast

from flask import current_app

from ordain.flows.listening import Listener
from ordain.flows.services import Services


def services() -> Services:
    """Return the services of the running application."""
    return cast("Services", current_app.extensions["ordain"])


def listener() -> Listener:
    """Return the ears of this process."""
    return cast("Listener", current_app.extensions["ordain.listener"])
