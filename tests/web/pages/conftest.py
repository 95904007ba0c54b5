"""Orders in the hub for the pages to show, on one database: what is tested here is what a reader sees."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ordain.flows import intake
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.store.database import Database
from ordain.store.orders import find
from ordain.store.orders.find import OrderQuery, OrderSummary
from tests.conftest import SEALS
from tests.factories import ORIGIN, incoming, own_site_order


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "ordain.db"
    path.write_bytes(sqlite_template.read_bytes())
    made = Database(f"sqlite:///{path}", durable=False, seals=SEALS)
    yield made
    made.close()


@pytest.fixture
def admin(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    """Return the administrator's browser, reading English."""
    browser = signed_in("admin")
    browser.set_cookie("language", "en")
    return browser


@pytest.fixture
def bring(founded: Services) -> Callable[..., OrderSummary]:
    """Return a function that lets the shop bring an order, and gives the order as the hub keeps it."""

    def take(number: str = "HY1", **more: object) -> OrderSummary:
        item = incoming(own_site_order(number, **more))  # type: ignore[arg-type] # passed on as they are
        intake.take(founded, "own-site", "webhook", [item], ORIGIN)
        with founded.db.read() as conn:
            query = OrderQuery(channels=("own-site",), external_id=number)
            return find.find(conn, founded.vault, EVERYTHING, query).items[0]

    return take
