"""The screens of the hub: routes that read, ask once and render; what they show is a dataclass per page."""

from typing import Final

from flask import Blueprint

from ordain.web.pages.account.routes import account
from ordain.web.pages.audit.routes import audit
from ordain.web.pages.channels.routes import channels
from ordain.web.pages.definitions.routes import definitions
from ordain.web.pages.editor.changeset import changesets
from ordain.web.pages.editor.routes import editor
from ordain.web.pages.files.routes import files
from ordain.web.pages.frame import frame
from ordain.web.pages.importing.routes import imports
from ordain.web.pages.listing.routes import listing
from ordain.web.pages.order.routes import order
from ordain.web.pages.orders.routes import orders
from ordain.web.pages.outside.routes import outside
from ordain.web.pages.palette import palette
from ordain.web.pages.people.routes import people
from ordain.web.pages.proof.routes import proof
from ordain.web.pages.quarantine.routes import quarantine
from ordain.web.pages.record.operating import record
from ordain.web.pages.records.routes import records
from ordain.web.pages.rights.routes import rights
from ordain.web.pages.style import style
from ordain.web.pages.work.routes import work

__all__ = ["blueprints"]

house: Final = Blueprint("pages", __name__)
blueprints: Final = (
    listing,
    house,
    imports,
    orders,
    rights,
    order,
    quarantine,
    channels,
    changesets,
    editor,
    definitions,
    records,
    record,
    files,
    work,
    outside,
    palette,
    style,
    audit,
    proof,
    account,
    people,
)


@house.app_context_processor
def _frame() -> dict[str, object]:
    """Give layouts the frame they stand in; it is only built where a layout asks for it."""
    return {"the_frame": frame}
