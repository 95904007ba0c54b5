"""Fields in JSON columns, as both databases read them: typed, bounded, indexed, sorted, never an error."""

from typing import Any

import pytest
import sqlalchemy as sa

from ordain.flows import indexing, intake, publishing
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING, Access, Grant
from ordain.store.database import Database
from ordain.store.fields import FieldFilter, json_field
from ordain.store.orders import find
from ordain.store.orders.find import OrderQuery
from ordain.store.tables.orders import OrderRow
from tests.factories import ORIGIN, incoming, own_site_order

ROW = OrderRow.__table__.c
FIELDS = {"tax_no": "text", "weight": "integer", "gift": "bool"}
VALUES: list[dict[str, Any]] = [
    {"tax_no": "A-1", "weight": 300, "gift": True},
    {"tax_no": "B-2", "weight": 20, "gift": False},
    {"tax_no": "长" * 4000, "weight": "heavy"},
    {"weight": 1.5},
    {},
]


def order_form(**fields: dict[str, Any]) -> dict[str, Any]:
    spec = {"record": "order", "extends": "built-in", "fields": fields}
    return {"kind": "form", "key": "order", "title": {"zh": "订单", "en": "Order"}, "schema_version": 1, "spec": spec}


def field(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "title": {"zh": kind, "en": kind}, "searchable": True, **more}


@pytest.fixture
def orders(founded: Services) -> Services:
    publishing.publish(founded, [order_form(**{name: field(kind) for name, kind in FIELDS.items()})], "", ORIGIN)
    for place, extra in enumerate(VALUES):
        intake.take(founded, "own-site", "webhook", [incoming(own_site_order(f"HY{place}"))], ORIGIN)
        with founded.db.write() as conn:
            conn.execute(sa.update(OrderRow).where(ROW.external_id == f"HY{place}").values(extra=extra))
    return founded


def found(services: Services, given: Access = EVERYTHING, **asked: Any) -> list[str]:
    with services.db.read() as conn:
        items, _ = find.page(conn, services.vault, given, OrderQuery(fields=FIELDS, **asked))
    return [item.external_id for item in items]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (FieldFilter("tax_no", "text", ("A-1", "B-2")), {"HY0", "HY1"}),
        (FieldFilter("tax_no", "text", ("长" * 4000,)), {"HY2"}),
        (FieldFilter("weight", "integer", low=2, high=300), {"HY0", "HY1"}),
        (FieldFilter("weight", "integer", high=2), {"HY3"}),
        (FieldFilter("gift", "bool", ("true",)), {"HY0"}),
        (FieldFilter("gift", "bool", ("false",)), {"HY1"}),
        (FieldFilter("tax_no') OR 1=1 --", "text", ("A-1",)), set()),
    ],
)
def test_a_field_is_what_is_wanted(orders: Services, wanted: FieldFilter, expected: set[str]) -> None:
    assert set(found(orders, own=(wanted,))) == expected


def test_numbers_sort_as_numbers_and_nothing_comes_last(orders: Services) -> None:
    assert found(orders, sort="own.weight")[:3] == ["HY3", "HY1", "HY0"]
    assert found(orders, sort="-own.weight")[:3] == ["HY0", "HY1", "HY3"]
    assert found(orders, sort="own.tax_no")[:2] == ["HY0", "HY1"]


@pytest.mark.parametrize("sort", ["own.weight", "-own.weight", "own.tax_no", "-own.gift", "total"])
def test_pages_along_a_field_have_no_gap_and_no_repeat(orders: Services, sort: str) -> None:
    whole, cursor, seen = found(orders, sort=sort), None, []
    with orders.db.read() as conn:
        while True:
            query = OrderQuery(fields=FIELDS, sort=sort)
            items, cursor = find.page(conn, orders.vault, EVERYTHING, query, limit=1, cursor=cursor)
            seen += [item.external_id for item in items]
            if cursor is None:
                break
    assert seen == whole
    assert len(seen) == len(VALUES)


def test_what_a_role_does_not_read_it_neither_filters_nor_searches_nor_sorts_by(orders: Services) -> None:
    blind = Access((Grant(frozenset({"read"}), fields={"tax_no": "hidden", "weight": "masked"}),))
    assert found(orders, blind, own=(FieldFilter("tax_no", "text", ("A-1",)),)) == []
    assert found(orders, blind, q="A-1") == []
    assert found(orders, EVERYTHING, q="A-1") == ["HY0"]
    assert found(orders, blind, sort="own.weight") == found(orders, blind)


def test_an_index_comes_with_a_searchable_field_and_goes_with_it(orders: Services) -> None:
    made, gone = indexing.keep(orders)
    assert len(made) == len(FIELDS)
    assert gone == []
    assert indexing.keep(orders) == ([], [])
    assert set(found(orders, own=(FieldFilter("tax_no", "text", ("A-1",)),))) == {"HY0"}
    publishing.publish(orders, [order_form(weight=field("text"), gift=field("bool", searchable=False))], "", ORIGIN)
    made, gone = indexing.keep(orders)
    assert (len(made), len(gone)) == (1, 3)


@pytest.mark.parametrize(("name", "kind", "value"), [("tax_no", "text", "A-1"), ("weight", "integer", 300)])
def test_the_index_is_the_one_that_is_asked(orders: Services, name: str, kind: str, value: Any) -> None:
    (made, *_), _ = [sorted(one for one in names if name in one) for names in indexing.keep(orders)]
    assert made in plan(orders.db, json_field(ROW.extra, name, kind), value)


def plan(db: Database, column: sa.ColumnElement[Any], value: Any) -> str:
    asked = sa.select(ROW.id).where(column == value).compile(db.engine, compile_kwargs={"literal_binds": True})
    with db.engine.connect() as conn:
        if db.dialect == "sqlite":
            return str(conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all())
        conn.exec_driver_sql("SET enable_seqscan = off")
        return str(conn.exec_driver_sql(f"EXPLAIN {asked}").all())
