"""Records of built-in types and of admins' own stand on shelves: found, filtered, paged, written, by one set of statements."""

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from ordain.base.errors import Refused
from ordain.engines.form.staff import StaffForm
from ordain.flows import intake, publishing, recording
from ordain.flows.operations import operations_of, perform
from ordain.flows.recording import Meanwhile
from ordain.flows.services import Services
from ordain.language.expression import BOOL, Scope, compile_expression
from ordain.language.expression.types import TEXT, list_of
from ordain.records.access import EVERYTHING, NOTHING, Access, Grant
from ordain.store import catalogue, records
from ordain.store.records import Record, RecordQuery
from ordain.store.shelves import shelf_of
from ordain.store.tables.orders import OrderRow, ReturnRequestRow
from tests.factories import ORIGIN, incoming, own_site_order

TEA: Mapping[str, Any] = {
    "sku": "TEA-1", "title_zh": "龙井", "title_en": "Dragon Well", "price": 12800, "currency": "CNY",
    "aliases": [{"code": "LJ", "channel": ""}, {"code": "tb-77", "channel": "taobao-flagship"}],
}  # fmt: skip


def form(services: Services, key: str = "product") -> StaffForm:
    with services.db.read() as conn:
        found = recording.form_of(services.live.at(conn), key)
    assert found is not None
    return found


def read(services: Services, key: str, name: str, given: Access = EVERYTHING) -> Record | None:
    with services.db.read() as conn:
        return records.called(conn, shelf_of(form(services, key)), given, name)


def find(services: Services, key: str, given: Access = EVERYTHING, **asked: Any) -> list[str]:
    known = form(services, key)
    with services.db.read() as conn:
        page = records.find(conn, shelf_of(known), given, RecordQuery(searched=known.searched, **asked), limit=500)
    return [item.label for item in page.items]


def with_field(services: Services, name: str, kind: str) -> None:
    with services.db.read() as conn:
        document = services.live.at(conn).get("form", "product")
    assert document is not None
    spec = document.document["spec"]
    more = {name: {"type": kind, "title": {"zh": "原产地", "en": "Origin"}, "searchable": True}}
    publishing.publish(services, [{**document.document, "spec": {**spec, "fields": more}}], "", ORIGIN)


def test_a_product_made_in_a_form_is_known_to_the_catalogue_with_its_codes(founded: Services) -> None:
    made = recording.create(founded, form(founded), TEA, ORIGIN, EVERYTHING)
    assert (made.id, made.label, made.data["active"]) == ("TEA-1", "TEA-1", True)
    with founded.db.read() as conn:
        wanted = {("own-site", "TEA-1"), ("own-site", "LJ"), ("taobao-flagship", "tb-77"), ("own-site", "tb-77")}
        assert set(catalogue.resolve(conn, wanted)) == wanted - {("own-site", "tb-77")}
    kept = read(founded, "product", "TEA-1")
    assert kept is not None
    assert kept.data["aliases"] == TEA["aliases"]
    with pytest.raises(Refused) as refused:
        recording.create(founded, form(founded), TEA, ORIGIN, EVERYTHING)
    assert [(p.path, p.code) for p in refused.value.problems] == [("sku", "taken")]


def test_fields_an_admin_adds_are_kept_found_and_filtered_at_once(founded: Services) -> None:
    with_field(founded, "origin", "text")
    made = recording.create(founded, form(founded), {**TEA, "origin": "西湖"}, ORIGIN, EVERYTHING)
    assert find(founded, "product", q="西湖") == ["TEA-1"]
    assert find(founded, "product", equal={"origin": "西湖", "active": "true", "price": "12800"}) == ["TEA-1"]
    assert find(founded, "product", equal={"origin": "黄山"}) == []
    written = recording.change(
        founded, form(founded), made, {**made.data, "origin": "黄山", "price": 9900}, ORIGIN, EVERYTHING
    )
    assert isinstance(written, Record)
    kept = read(founded, "product", "TEA-1")
    assert kept is not None
    assert (kept.data["origin"], kept.data["price"], kept.version) == ("黄山", 9900, 2)
    assert isinstance(
        recording.change(founded, form(founded), made, {**made.data, "price": 1}, ORIGIN, EVERYTHING), Meanwhile
    )


def test_what_channels_and_flows_fill_is_written_by_nobody(founded: Services) -> None:
    made = recording.create(founded, form(founded), TEA, ORIGIN, EVERYTHING)
    with pytest.raises(Refused) as refused:
        recording.change(
            founded, form(founded), made, {**made.data, "active": False, "sku": "TEA-2"}, ORIGIN, EVERYTHING
        )
    assert {(p.path, p.code) for p in refused.value.problems} == {("active", "not_editable"), ("sku", "not_editable")}
    with pytest.raises(Refused) as refused:
        recording.create(founded, form(founded, "return-request"), {"inspector_note": "fine"}, ORIGIN, EVERYTHING)
    assert [p.code for p in refused.value.problems] == ["not_made_here"]


def test_an_operation_is_done_once_with_its_reason_on_record(founded: Services) -> None:
    made = recording.create(founded, form(founded), TEA, ORIGIN, EVERYTHING)
    stop = next(operation for operation in operations_of(form(founded)) if operation.key == "stop")
    assert stop.offered(made)
    with pytest.raises(Refused):
        perform(founded, stop, made, {}, ORIGIN)
    perform(founded, stop, made, {"reason": "recall"}, ORIGIN)
    kept = read(founded, "product", "TEA-1")
    assert kept is not None
    assert kept.data["active"] is False
    assert not stop.offered(kept)
    with pytest.raises(Refused) as refused:
        perform(founded, stop, made, {"reason": "again"}, ORIGIN)
    assert [p.code for p in refused.value.problems] == ["stale"]
    with founded.db.read() as conn:
        told = [(entry.action, entry.after) for entry in recording.history(conn, form(founded), "TEA-1")]
    assert told[0] == ("product.stop", {"reason": "recall"})


def test_pages_follow_each_other_without_a_gap(founded: Services) -> None:
    known = form(founded)
    with founded.db.read() as conn:
        whole = records.find(conn, shelf_of(known), EVERYTHING, RecordQuery(), limit=500)
        walked: list[Record] = []
        after = None
        while True:
            page = records.find(conn, shelf_of(known), EVERYTHING, RecordQuery(), limit=7, after=after)
            walked += page.items
            if (after := page.next) is None:
                break
    assert [item.id for item in walked] == [item.id for item in whole.items]
    assert len(walked) == whole.total > 7


def test_return_requests_of_a_region_are_seen_by_its_people_alone(founded: Services) -> None:
    intake.take(founded, "own-site", "webhook", [incoming(own_site_order("HY1"))], ORIGIN)
    with founded.db.write() as conn:
        order = conn.execute(sa.select(OrderRow.__table__)).mappings().one()
        conn.execute(
            sa.insert(ReturnRequestRow).values(
                id="r1", channel="own-site", shop=order["shop"], external_id="R1", order_external_id="HY1",
                currency="CNY", amount=1000, reason="too small", return_type="", state="requested",
                received_at=founded.now(), updated_at=founded.now(), lines=[], held=False, problems=[],
                content_hash="", extra={},
            )
        )  # fmt: skip
    scope = Scope({"region": TEXT, "me.regions": list_of(TEXT)})
    rows = compile_expression("region in me.regions", scope, expects=BOOL)
    grant = Grant(frozenset({"read"}), rows)
    own, other = (Access((grant,), me={"regions": [region]}) for region in (order["region"], "elsewhere"))
    assert find(founded, "return-request", own) == ["R1"]
    assert find(founded, "return-request", other) == []
    assert find(founded, "return-request", NOTHING) == []
    assert find(founded, "return-request", q="small", states=("requested",)) == ["R1"]
    known = read(founded, "return-request", "R1")
    assert known is not None
    recording.change(
        founded, form(founded, "return-request"), known, {**known.data, "inspector_note": "worn"}, ORIGIN, EVERYTHING
    )
    noted = read(founded, "return-request", "R1")
    assert noted is not None
    assert (noted.data["inspector_note"], noted.data["amount"]) == ("worn", 1000)


def test_a_row_filter_that_a_type_knows_nothing_of_lets_nothing_through(founded: Services) -> None:
    scope = Scope({"lane": TEXT})
    grant = Grant(frozenset({"read"}), compile_expression("lane == 'vip'", scope, expects=BOOL))
    assert find(founded, "product", Access((grant,))) == []
