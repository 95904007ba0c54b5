"""Files that cannot be imported say so with the way on; nothing of them is kept, and whoever lost a right imports nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from ordain.base.errors import Refused
from ordain.flows import scheduling, working
from ordain.flows.importing import wizard
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.store.imports import faults, rows
from tests.conftest import Clock
from tests.flows.importing.conftest import actor, at, brought
from tests.flows.importing.test_apart import workbook

INTO = "record:supplier"


def unread(services: Services, data: bytes, origin: Origin) -> list[str]:
    found = at(services, wizard.begin(services, "f", data, origin, into=INTO).id, origin)
    assert found.state == "unread"
    return [one.code for one in found.problems]


def test_a_file_that_cannot_be_read_says_why(formed: Services, admin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    assert unread(formed, "编码,名称\n".encode(), admin) == ["empty_file"]
    assert unread(formed, ("a," * 600).encode() + b"\n1\n", admin) == ["too_large"]
    assert unread(formed, workbook([(1_048_575, 16_383, "x")]), admin) == ["too_large"]
    monkeypatch.setattr("ordain.flows.importing.reading.MOST_ROWS", 3)
    assert unread(formed, b"a\n1\n2\n3\n4\n", admin) == ["too_many_rows"]


def test_an_empty_or_too_large_file_is_not_even_kept(
    formed: Services, admin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wizard, "MOST_BYTES", 10)
    for data, code in ((b"", "empty_file"), (b"a,b\n1,2\n3,4\n", "too_large")):
        with pytest.raises(Refused) as refused:
            wizard.begin(formed, "f.csv", data, admin)
        assert refused.value.problems[0].code == code
    assert wizard.all_of(formed, actor(admin)) == []


def test_a_row_with_more_cells_than_the_header_is_told(formed: Services, admin: Origin) -> None:
    found = brought(formed, "编码,名称\nS1,禾木\nS2,青禾,多出来的\n", INTO, admin)
    assert found.found.counts == {"new": 1, "bad": 1}
    with formed.db.read() as conn:
        assert [(one.column, one.code) for one in faults.kinds(conn, found.found.id)] == [(-1, "ragged_row")]


def test_a_missing_field_is_named_where_no_column_is_to_blame(formed: Services, admin: Origin) -> None:
    found = at(formed, wizard.begin(formed, "f.csv", "编码\nS1\n".encode(), admin, into=INTO).id, admin)
    wizard.plan(formed, found, wizard.Plan({0: wizard.Column("code")}, {}, ("code",)), admin)
    found = at(formed, found.found.id, admin)
    with formed.db.read() as conn:
        (row,) = rows.after(conn, formed.vault, found.found.id, 0, limit=2)
    assert row.faults[0].text["zh"].startswith("名称：")


def test_another_sheet_of_a_workbook_can_be_read(formed: Services, admin: Origin) -> None:
    data = workbook([(0, 0, "编码"), (0, 1, "名称"), (1, 0, "S1"), (1, 1, "禾木")])
    found = at(formed, wizard.begin(formed, "s.xlsx", data, admin, into=INTO).id, admin)
    assert (found.found.layout["sheets"], found.found.layout["sheet"]) == (["一", "二"], "一")
    wizard.lay_out(formed, found, {"sheet": "二"}, admin)
    found = at(formed, found.found.id, admin)
    assert [one.code for one in found.problems] == ["empty_file"]
    wizard.lay_out(formed, found, {"sheet": "一"}, admin)
    assert at(formed, found.found.id, admin).state == "mapping"


def test_who_lost_the_right_meanwhile_imports_nothing(
    formed: Services, someone: Callable[..., Origin], monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = someone("operations-lead")
    found = brought(formed, "编码,名称\nS1,禾木\n", INTO, lead)
    monkeypatch.setattr(working, "run", lambda *_, **__: None)
    wizard.confirm(formed, found, lead, only_good=False)
    monkeypatch.undo()
    with formed.db.write() as conn:
        conn.exec_driver_sql("UPDATE person SET roles = '[]'")
    found = at(formed, found.found.id, lead)
    assert [one.code for one in found.problems] == ["not_allowed"]
    with formed.db.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM record").scalar() == 0


def test_imports_nobody_touched_for_a_month_are_forgotten(formed: Services, admin: Origin, clock: Clock) -> None:
    brought(formed, "编码,名称\nS1,禾木\n", INTO, admin)
    clock.now += timedelta(days=29)
    scheduling.sweep(formed)
    assert len(wizard.all_of(formed, actor(admin))) == 1
    clock.now += timedelta(days=2)
    scheduling.sweep(formed)
    assert wizard.all_of(formed, actor(admin)) == []
    with formed.db.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM import_row").scalar() == 0
