"""Protected fields that an admin adds to orders: sealed whoever writes them, opened for who may read them."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from ordain.base import json
from ordain.flows import extending, publishing
from ordain.flows.intake import take
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.records.actor import User
from ordain.records.order import Order
from ordain.store.access import access
from ordain.store.orders import find, show
from ordain.store.orders.find import OrderQuery
from ordain.store.tables import metadata
from tests.factories import ORIGIN, incoming, own_site_order, publish_role
from tests.store.test_fields import field, order_form

Headers = dict[str, str]
ID_CARD = "110101199003077571"
OTHER = "44010619850212001X"


@pytest.fixture
def shop(founded: Services) -> Services:
    """Return a hub whose orders have a protected field that the own site's mapping fills."""
    fields = {"id_card": field("text", protected=True, searchable=False), "note": field("text")}
    with founded.db.read() as conn:
        version = founded.live.at(conn).get("mapping", "own-site-order")
    assert version is not None
    mapping = deepcopy(dict(version.document))
    mapping["spec"]["fields"]["extra.id_card"] = {"from": "idCard", "via": [], "required": False}
    publishing.publish(founded, [order_form(**fields), mapping], "", ORIGIN)
    return founded


def brings(services: Services, updated: int = 1795053067000, **more: Any) -> Order:
    result = take(services, "own-site", "webhook", [incoming(own_site_order(updated=updated, **more))], ORIGIN)
    assert result.results[0].fate in ("applied", "unchanged"), result.results
    return the_order(services)


def the_order(services: Services) -> Order:
    with services.db.read() as conn:
        item = find.find(conn, services.vault, EVERYTHING, OrderQuery()).items[0]
        view = show.get(conn, services.vault, EVERYTHING, item.id)
    assert view is not None
    return view.order


def written_anywhere(services: Services, text: str) -> list[str]:
    """Return the tables in which a text stands in the clear."""
    with services.db.read() as conn:
        return [
            table.name
            for table in metadata.sorted_tables
            if any(text in json.dumps([str(value) for value in row]).decode() for row in conn.execute(sa.select(table)))
        ]


def told(client: FlaskClient, order_id: str, headers: Headers) -> Any:
    answer = client.get(f"/api/v1/orders/{order_id}", headers=headers).json
    assert answer is not None
    listed = client.get("/api/v1/orders", headers=headers).json
    assert listed is not None
    assert listed["items"][0]["extra"] == answer["extra"]
    return answer["extra"].get("id_card")


def test_what_a_channel_brings_is_sealed_and_opens_for_who_may_read_it(
    client: FlaskClient, shop: Services, token: Callable[..., Headers]
) -> None:
    order = brings(shop, idCard=ID_CARD)
    assert order.extra["id_card"].startswith("v1.")
    assert written_anywhere(shop, ID_CARD) == []
    assert told(client, order.id, token("admin")) == ID_CARD
    assert told(client, order.id, token("viewer")) is None


def test_the_same_again_changes_nothing_and_another_value_is_sealed_anew(
    client: FlaskClient, shop: Services, token: Callable[..., Headers]
) -> None:
    first = brings(shop, idCard=ID_CARD).extra["id_card"]
    assert brings(shop, updated=1795053068000, idCard=ID_CARD, ext='{"a": 1}').extra["id_card"] == first
    order = brings(shop, updated=1795053069000, idCard=OTHER)
    assert told(client, order.id, token("admin")) == OTHER
    assert written_anywhere(shop, OTHER) == []


def test_what_staff_write_is_sealed_and_what_they_leave_stays(
    client: FlaskClient, shop: Services, token: Callable[..., Headers]
) -> None:
    order = brings(shop, idCard=ID_CARD)
    with shop.db.read() as conn:
        form = extending.order_form(shop.live.at(conn))
    assert form is not None
    assert extending.values(shop, form, order) == {"id_card": ID_CARD}
    assert extending.write_fields(shop, form, order, {"id_card": ID_CARD, "note": "call first"}, ORIGIN) == ["note"]
    kept = the_order(shop)
    assert kept.extra == {"id_card": order.extra["id_card"], "note": "call first"}
    assert extending.write_fields(shop, form, kept, {"id_card": OTHER, "note": "call first"}, ORIGIN) == ["id_card"]
    assert told(client, order.id, token("admin")) == OTHER
    assert written_anywhere(shop, OTHER) == []


def test_the_form_shows_the_value_and_the_sheet_and_pages_follow_the_role(
    shop: Services, signed_in: Callable[..., FlaskClient]
) -> None:
    order = brings(shop, idCard=ID_CARD)
    admin, viewer = signed_in("admin"), signed_in("viewer")
    for page in ("", "/fields", "/print"):
        assert ID_CARD in admin.get(f"/orders/{order.id}{page}").text, page
        seen = viewer.get(f"/orders/{order.id}{page}").text
        assert ID_CARD not in seen
        assert "v1." not in seen


def test_a_role_may_ask_who_reads(founded: Services) -> None:
    publish_role(founded, "own", {"order": {"do": ["read"], "rows": "buyer.name == me.name"}})
    take(founded, "own-site", "webhook", [incoming(own_site_order())], ORIGIN)
    with founded.db.read() as conn:
        name = find.find(conn, founded.vault, EVERYTHING, OrderQuery()).items[0].buyer_name
        found = {
            who: find.find(
                conn,
                founded.vault,
                access(founded.live.at(conn), User("p", who, frozenset({"own"})), "order"),
                OrderQuery(),
            ).total
            for who in (name, "somebody")
        }
    assert found == {name: 1, "somebody": 0}
