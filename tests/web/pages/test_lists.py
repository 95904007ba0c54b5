"""What every list has: saved views, columns, own fields, exports, bulk actions, the board; each with its rights."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from ordain.flows import publishing, recording
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.store.orders.find import OrderSummary
from ordain.store.tables.orders import OrderRow
from ordain.store.tables.records import RecordRow
from tests.conftest import Clock
from tests.factories import ORIGIN
from tests.store.test_fields import field, order_form
from tests.web.conftest import PASSWORD, csrf_of
from tests.web.pages.test_records import COMPLAINT, LIST, form

Bring = Callable[..., OrderSummary]


@pytest.fixture
def own(founded: Services) -> Services:
    fields = {"tax_no": field("text"), "note": field("text", searchable=False), "weight": field("integer")}
    publishing.publish(founded, [order_form(**fields), COMPLAINT], "", ORIGIN)
    return founded


def give(services: Services, order: OrderSummary, **extra: Any) -> None:
    with services.db.write() as conn:
        conn.execute(sa.update(OrderRow).where(OrderRow.id == order.id).values(extra=extra))


def post(browser: FlaskClient, address: str, **data: Any) -> Any:
    token = csrf_of(browser.get("/orders").text)
    return browser.post(address, data={"csrf_token": token, **data})


def part(browser: FlaskClient, address: str, **data: Any) -> Any:
    token = csrf_of(browser.get("/orders").text)
    return browser.post(address, data={"csrf_token": token, **data}, headers={"HX-Request": "true"})


def numbers(page: str) -> list[str]:
    return [piece.split('"')[0] for piece in page.split('data-number="')[1:]]


def kept_file(browser: FlaskClient, answer: Any) -> bytes:
    address = answer.text.split('data-now="')[1].split('"')[0]
    got = browser.get(address)
    assert got.status_code == 200
    return bytes(got.data)


# Views and columns


def test_a_view_is_a_tab_with_its_filters_sort_and_columns(admin: FlaskClient, bring: Bring, own: Services) -> None:
    first, second = bring("HY1"), bring("HY2")
    give(own, first, tax_no="T-1")
    query = "view=all&own.tax_no=T-1&sort=total"
    answer = post(admin, "/lists/order/views", title="With tax no.", query=query, cols=["number", "own.tax_no"])
    assert answer.status_code == 302
    page = admin.get(answer.location).text
    assert 'aria-current="page">With tax no.' in page
    assert numbers(page) == [first.number]
    assert second.number not in page
    assert "Tax" not in page.split("<thead>")[1].split("</thead>")[0].replace("text", "")
    assert "c-own" in page
    assert "c-buyer" not in page


def test_a_view_is_its_owners_until_it_is_shared(
    admin: FlaskClient, bring: Bring, signed_in: Callable[..., FlaskClient]
) -> None:
    bring()
    place = post(admin, "/lists/order/views", title="Mine", query="view=all&state=paid").location
    view = place.split("saved=")[1]
    other = signed_in("operations-lead")
    other.set_cookie("language", "en")
    assert "Mine" not in other.get("/orders").text
    post(admin, "/lists/order/views", act="change", view=view, title="Ours", shared="1", query="")
    assert "Ours" in other.get("/orders").text
    post(other, "/lists/order/views", act="delete", view=view, title="x", query="")
    post(other, "/lists/order/views", act="change", view=view, title="Stolen", query="")
    assert "Ours" in admin.get("/orders").text
    post(admin, "/lists/order/views", act="delete", view=view, title="x", query="")
    assert "Ours" not in admin.get("/orders").text


def test_columns_are_remembered_in_their_order_and_given_back(admin: FlaskClient, bring: Bring, own: Services) -> None:
    give(own, bring(), tax_no="T-1", note="by hand")
    chosen = ["own.note", "total", "own.tax_no", "nonsense"]
    assert post(admin, "/lists/order/columns", query="view=all", cols=chosen).location == "/orders?view=all"
    heads = admin.get("/orders?view=all").text.split("<thead>")[1].split("</thead>")[0]
    assert [heads.index(f"sort={name}") for name in ("-number", "-total", "-own.tax_no")]
    assert "sort=-own.note" not in heads
    assert "by hand" in admin.get("/orders?view=all").text
    post(admin, "/lists/order/columns", query="view=all", usual="1", cols=chosen)
    assert "c-buyer" in admin.get("/orders?view=all").text


def test_a_field_that_is_hidden_from_a_role_is_nowhere(
    admin: FlaskClient, bring: Bring, own: Services, signed_in: Callable[..., FlaskClient]
) -> None:
    order = bring()
    give(own, order, tax_no="T-SECRET", weight=5)
    with own.db.read() as conn:
        role = own.live.at(conn).get("role", "viewer")
    assert role is not None
    rights = {**role.document["spec"]["rights"]}
    rights["order"] = {"do": ["read", "export"], "fields": {"tax_no": "hidden"}}
    publishing.publish(own, [{**role.document, "spec": {"rights": rights}}], "", ORIGIN)
    viewer = signed_in("viewer")
    for query in (
        "view=all&cols=own.tax_no",
        "view=all&q=T-SECRET",
        "view=all&own.tax_no=T-SECRET",
        "view=all&sort=own.tax_no",
    ):
        assert "SECRET" not in viewer.get(f"/orders?{query}").text.replace(query.rsplit("=", 1)[-1], "")
    assert numbers(viewer.get("/orders?view=all&q=T-SECRET").text) == []
    assert "own.tax_no" not in viewer.get("/orders?view=all").text
    answer = part(viewer, "/lists/order/do/export", all="1", query="view=all", columns="all", format="csv")
    assert b"T-SECRET" not in kept_file(viewer, answer)
    assert "T-SECRET" in admin.get("/orders?view=all&cols=own.tax_no").text


# Exports


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_holds_what_was_filtered_in_the_columns_chosen(
    admin: FlaskClient, bring: Bring, own: Services, kind: str, tmp_path: Path
) -> None:
    first, _ = bring("HY1"), bring("HY2")
    give(own, first, tax_no="=1+1", weight=5)
    query = "view=all&own.weight.from=1"
    columns = ["number", "total", "own.tax_no", "own.weight", "placed_at"]
    asked = part(admin, "/lists/order/ask/export", all="1", query=query, cols=columns).text
    assert "1 record" in asked
    assert "¥45.98" in asked
    answer = part(admin, "/lists/order/do/export", all="1", query=query, cols=columns, columns="shown", format=kind)
    content = kept_file(admin, answer)
    if kind == "csv":
        assert content.startswith(b"\xef\xbb\xbf")
        rows: list[list[Any]] = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert rows[0] == ["Order no.", "Total", "text", "integer", "Placed"]
        assert rows[1][:4] == [first.number, "45.98", "'=1+1", "5"]
    else:
        (tmp_path / "made.xlsx").write_bytes(content)
        rows = CalamineWorkbook.from_path(str(tmp_path / "made.xlsx")).get_sheet_by_index(0).to_python()
        assert rows[1][:4] == [first.number, 45.98, "'=1+1", 5.0]
        assert hasattr(rows[1][4], "year")


def test_all_columns_hold_contacts_as_the_role_sees_them(
    admin: FlaskClient, bring: Bring, signed_in: Callable[..., FlaskClient]
) -> None:
    bring()
    finance = signed_in("finance")
    asked = {"all": "1", "query": "view=all", "columns": "all", "format": "csv"}
    mine = kept_file(admin, part(admin, "/lists/order/do/export", **asked)).decode()
    theirs = kept_file(finance, part(finance, "/lists/order/do/export", **asked)).decode()
    assert "13900000008" in mine
    assert "虚拟珞珈支路" in mine
    assert "13900000008" not in theirs
    assert "139 •••• 0008" in theirs
    assert "虚拟珞珈支路" not in theirs


def test_unprocessed_orders_of_a_time_span_are_exported_by_hand(admin: FlaskClient, bring: Bring) -> None:
    paid, _ = bring("HY1"), bring("HY2", state="已发货", updated=1795053067001)
    span = {"scope": "unprocessed", "from_day": "2026-11-01", "to_day": "2026-11-30"}
    asked = {"all": "1", "query": "view=today", "format": "csv", "columns": "all", **span}
    content = kept_file(admin, part(admin, "/lists/order/do/export", **asked)).decode()
    assert paid.number in content
    assert content.count("SO-") == 1


def test_who_may_not_export_is_not_asked(bring: Bring, signed_in: Callable[..., FlaskClient]) -> None:
    order = bring()
    viewer = signed_in("viewer")
    assert "ask/export" not in viewer.get("/orders?view=all").text
    for step in ("ask", "do"):
        assert part(viewer, f"/lists/order/{step}/export", id=order.id, query="").status_code == 404
    assert viewer.post("/lists/order/do/export", data={"all": "1"}).status_code == 403


def test_an_export_asks_who_is_there_once_that_was_long_ago(admin: FlaskClient, bring: Bring, clock: Clock) -> None:
    bring()
    token = csrf_of(admin.get("/orders").text)
    clock.forward(minutes=6)
    asked = {"csrf_token": token, "all": "1", "query": "view=all", "format": "csv"}
    answer = admin.post("/lists/order/do/export", data=asked)
    assert answer.status_code == 403
    proven = admin.post("/lists/order/do/export", data={**asked, "step_up_proof": PASSWORD})
    assert proven.status_code == 302
    assert "Export of Orders" in admin.get(proven.location).text


def test_records_are_exported_as_they_are_shown(admin: FlaskClient, own: Services) -> None:
    recording.create(
        own, form(own), {"supplier": "=HYPERLINK(1)", "severity": "low", "claim": 1250}, ORIGIN, EVERYTHING
    )
    recording.create(own, form(own), {"supplier": "Acme", "severity": "high"}, ORIGIN, EVERYTHING)
    asked = {"all": "1", "query": "own.severity=low", "columns": "all", "format": "csv"}
    content = kept_file(admin, part(admin, "/lists/supplier-complaint/do/export", **asked)).decode()
    assert "'=HYPERLINK(1)" in content
    assert "12.50" in content
    assert "Acme" not in content


# Bulk actions


def test_a_bulk_action_says_what_it_leaves_and_why_then_does_the_rest(
    admin: FlaskClient, bring: Bring, founded: Services
) -> None:
    held, sound = bring("HY1", sku="NO-SUCH-THING"), bring("HY2")
    ids = [held.id, sound.id, "nonsense"]
    asked = part(admin, "/lists/order/ask/redrive", id=ids, query="view=all").text
    assert "1 of 2 stay as they are: not held" in asked
    assert "Re-drive: 1" in asked
    done = part(admin, "/lists/order/do/redrive", id=ids, query="view=all", confirmed="1")
    assert "still held" in done.text
    assert held.number in done.text
    assert "1 of 1" in done.text
    assert b"HY" not in kept_file(admin, done)


def test_what_was_not_confirmed_by_number_is_not_done(admin: FlaskClient, bring: Bring) -> None:
    held = bring("HY1", sku="NO-SUCH-THING")
    for confirmed in ("", "2", "-1", "1e3"):
        answer = part(admin, "/lists/order/do/redrive", id=held.id, query="", confirmed=confirmed)
        assert answer.status_code == 422
        assert "There are 1 by now" in answer.text
    assert part(admin, "/lists/order/do/redrive", query="view=all", confirmed="0").status_code == 422


def test_nothing_is_done_with_all_there_is(admin: FlaskClient, bring: Bring, own: Services) -> None:
    bring("HY1")
    answer = part(admin, "/lists/order/do/set", all="1", query="view=all", confirmed="1", tax_no="T-9")
    assert answer.status_code == 422
    assert "Filter or tick first" in answer.text


def test_all_that_match_get_a_field_and_each_is_told_of(admin: FlaskClient, bring: Bring, own: Services) -> None:
    orders = [bring(f"HY{place}") for place in range(3)]
    give(own, orders[0], tax_no="T-9", weight=4)
    query = "view=all&state=paid"
    assert "3 records" in part(admin, "/lists/order/ask/set", all="1", query=query).text
    done = part(admin, "/lists/order/do/set", all="1", query=query, confirmed="3", tax_no="T-9")
    assert "3 of 3" in done.text
    told = kept_file(admin, done).decode()
    assert told.count("changed") == 2
    assert told.count("no change") == 1
    with own.db.read() as conn:
        kept = {extra["tax_no"] for extra in conn.scalars(sa.select(OrderRow.extra))}
        first = conn.scalar(sa.select(OrderRow.extra).where(OrderRow.id == orders[0].id))
    assert kept == {"T-9"}
    assert first == {"tax_no": "T-9", "weight": 4}
    assert part(admin, "/lists/order/do/set", id=orders[0].id, query="", confirmed="1").status_code == 422
    wrong = part(admin, "/lists/order/do/set", id=orders[0].id, query="", confirmed="1", weight="heavy")
    assert wrong.status_code == 422


def test_a_right_is_asked_for_every_action_and_row(bring: Bring, signed_in: Callable[..., FlaskClient]) -> None:
    held = bring("HY1", sku="NO-SUCH-THING")
    viewer = signed_in("viewer")
    assert "data-bulk-act" not in viewer.get("/orders?view=all").text
    assert part(viewer, "/lists/order/do/redrive", id=held.id, query="", confirmed="1").status_code == 404
    assert viewer.post("/lists/order/do/redrive", data={"id": held.id}).status_code == 403
    warehouse = signed_in("warehouse", "east")
    assert part(warehouse, "/lists/order/ask/redrive", id=held.id, query="").status_code == 404
    assert warehouse.get("/orders").status_code == 200


def test_records_move_to_a_state_that_may_follow_and_others_stay(admin: FlaskClient, own: Services) -> None:
    made = [recording.create(own, form(own), {"supplier": name}, ORIGIN, EVERYTHING) for name in ("A", "B", "C")]
    recording.change(own, form(own), made[2], {"supplier": "C"}, ORIGIN, EVERYTHING, to="settled")
    ids = [record.id for record in made]
    asked = part(admin, "/lists/supplier-complaint/ask/to-settled", id=ids, query="").text
    assert "1 of 3 stay as they are" in asked
    done = part(admin, "/lists/supplier-complaint/do/to-settled", id=ids, query="", confirmed="2")
    assert "2 of 2" in done.text
    assert states(own) == ["settled"] * 3


def states(services: Services) -> list[str]:
    with services.db.read() as conn:
        return list(conn.scalars(sa.select(RecordRow.state).order_by(RecordRow.number)))


# Lists of records


def test_records_are_sorted_filtered_and_paged_by_any_field(admin: FlaskClient, own: Services, clock: Clock) -> None:
    for place in range(53):
        clock.forward(seconds=1)
        recording.create(own, form(own), {"supplier": f"S{place:02d}", "claim": (place * 37) % 53}, ORIGIN, EVERYTHING)
    page = admin.get(f"{LIST}?sort=claim").text
    assert "1–50 of 53" in page
    following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = admin.get(following).text
    assert "51–53 of 53" in second
    assert not set(numbers(page)) & set(numbers(second))
    assert len({*numbers(page), *numbers(second)}) == 53
    narrow = admin.get(f"{LIST}?own.claim.from=0.10&own.claim.to=0.12").text
    assert len(numbers(narrow)) == 3
    assert "Remove filter Claim" in narrow
    assert len(numbers(admin.get(f"{LIST}?own.supplier=S07").text)) == 1
    assert len(numbers(admin.get(f"{LIST}?cursor=nonsense&sort=nonsense").text)) == 50


def test_a_search_looks_only_into_what_may_be_read(own: Services, signed_in: Callable[..., FlaskClient]) -> None:
    recording.create(own, form(own), {"supplier": "Acme"}, ORIGIN, EVERYTHING)
    with own.db.read() as conn:
        role = own.live.at(conn).get("role", "viewer")
    assert role is not None
    rights = {**role.document["spec"]["rights"], "record": {"do": ["read"], "fields": {"supplier": "hidden"}}}
    publishing.publish(own, [{**role.document, "spec": {"rights": rights}}], "", ORIGIN)
    viewer = signed_in("viewer")
    assert numbers(viewer.get(f"{LIST}?q=acme").text) == []
    assert numbers(viewer.get(f"{LIST}?own.supplier=Acme").text) == ["SC-00001"]  # not a filter of theirs: left aside
    assert "own.supplier" not in viewer.get(LIST).text


# The board


def test_the_board_piles_records_by_state_and_moves_them(admin: FlaskClient, own: Services) -> None:
    record = recording.create(own, form(own), {"supplier": "Acme"}, ORIGIN, EVERYTHING)
    page = admin.get(f"{LIST}?layout=board").text
    assert 'data-pile="open"' in page
    assert 'data-to="settled "' in page
    move = {"id": record.id, "to": "settled", "seen": "1", "query": "layout=board"}
    board = part(admin, "/lists/supplier-complaint/move", **move)
    assert board.status_code == 200
    assert states(own) == ["settled"]
    assert 'data-to="settled ' not in board.text
    late = part(admin, "/lists/supplier-complaint/move", **move)
    assert late.status_code == 422
    assert "Somebody else changed this record meanwhile" in late.text
    wrong = part(admin, "/lists/supplier-complaint/move", **{**move, "to": "open", "seen": "2"})
    assert "Cannot be moved" in wrong.text
    assert states(own) == ["settled"]


def test_who_may_not_move_sees_a_board_that_stands_still(own: Services, signed_in: Callable[..., FlaskClient]) -> None:
    record = recording.create(own, form(own), {"supplier": "Acme"}, ORIGIN, EVERYTHING)
    viewer = signed_in("viewer")
    page = viewer.get(f"{LIST}?layout=board").text
    assert "SC-00001" in page
    assert "data-card" not in page
    assert part(viewer, "/lists/supplier-complaint/move", id=record.id, to="settled", seen="1").status_code == 404
    assert states(own) == ["open"]


def test_orders_lie_on_a_board_to_look_at(admin: FlaskClient, bring: Bring) -> None:
    paid, held = bring("HY1"), bring("HY2", sku="NO-SUCH-THING")
    page = admin.get("/orders?view=all&layout=board").text
    piles = {piece.split('"')[0]: piece for piece in page.split('data-pile="')[1:]}
    assert paid.number in piles["paid"]
    assert held.number in piles["held"]
    assert "data-card" not in page


def test_a_list_that_is_not_there_is_not_found(admin: FlaskClient) -> None:
    for address in (
        "/lists/nonsense/ask/export",
        "/lists/nonsense/views",
        "/lists/order/ask/nonsense",
        "/lists/order/move",
    ):
        assert part(admin, address, query="").status_code == 404
