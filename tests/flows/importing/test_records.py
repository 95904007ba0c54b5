"""Files become records of a form: mapped by name and value, mended, imported whole, the same again changes nothing."""

import io
from collections.abc import Callable

import pytest
from python_calamine import load_workbook

from ordain.base.errors import Refused
from ordain.engines.importing import Plan
from ordain.flows import recording, working
from ordain.flows.importing import wizard
from ordain.flows.importing.wizard import Standing
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.records.actor import Origin
from ordain.store import records
from ordain.store.imports import faults, rows
from ordain.store.imports.faults import FaultKind
from ordain.store.records import RecordQuery
from ordain.store.shelves import shelf_of
from tests.flows.importing.conftest import actor, at, brought, confirmed

INTO = "record:supplier"
MESSY = (
    "供应商名录 2026\n导出人：admin\n编码,供应商名称,等级,授信额度（元）,合作日期,联系电话\n"
    'S1,禾木,甲级,"￥12,000.50",2026/1/5,13800000001\nS2,"青\n禾",乙级,900,2026年3月1日,13800000002\n'
    "S3,白榆,丙级,abc,2026-13-40,13800000003\n合计,,,12900,,\n"
)


def suppliers(services: Services) -> dict[str, dict[str, object]]:
    with services.db.read() as conn:
        form = recording.form_of(services.live.at(conn), "supplier")
        assert form is not None
        found = records.find(conn, shelf_of(form), EVERYTHING, RecordQuery(), limit=500)
    return {str(item.data["code"]): recording.opened(services, form, item) for item in found.items}


def fates(services: Services, found: Standing) -> dict[int, str]:
    with services.db.read() as conn:
        return {row.number: row.fate for row in rows.after(conn, services.vault, found.found.id, 0, limit=500)}


def kinds(services: Services, found: Standing) -> list[FaultKind]:
    with services.db.read() as conn:
        return faults.kinds(conn, found.found.id)


def test_a_messy_gbk_file_is_mapped_and_its_problems_stand_in_their_cells(formed: Services, admin: Origin) -> None:
    found = brought(formed, MESSY.encode("gbk"), INTO, admin)
    assert found.found.layout["encoding"] == "gb18030"
    assert {place: one.to for place, one in Plan.of(found.found.plan).columns.items()} == {
        0: "code", 1: "name", 2: "level", 3: "credit", 4: "since", 5: "phone",
    }  # fmt: skip
    assert found.state == "ready"
    assert found.found.counts == {"new": 2, "bad": 1}
    assert {(kind.column, kind.code) for kind in kinds(formed, found)} == {
        (2, "not_an_option"), (3, "not_number"), (4, "not_date"),
    }  # fmt: skip


def test_rows_are_mended_cell_by_cell_and_imported_whole(formed: Services, admin: Origin) -> None:
    found = brought(formed, MESSY, INTO, admin)
    with pytest.raises(Refused) as refused:
        confirmed(formed, found, admin)
    assert refused.value.problems[0].code == "rows_with_problems"
    for column, value in ((2, "甲级"), (3, "70"), (4, "2026-05-01")):
        assert wizard.mend(formed, at(formed, found.found.id, admin), 6, column, value, actor(admin))
    found = confirmed(formed, at(formed, found.found.id, admin), admin)
    assert found.state == "done"
    assert found.found.counts == {"new": 3}
    kept = suppliers(formed)
    assert kept["S1"] == {
        "code": "S1", "name": "禾木", "level": "a", "credit": 1200050, "since": "2026-01-05", "phone": "13800000001",
    }  # fmt: skip
    assert kept["S2"]["name"] == "青\n禾"
    assert kept["S3"]["credit"] == 7000


def test_the_same_file_again_changes_nothing_and_a_changed_row_changes_its_record(
    formed: Services, admin: Origin
) -> None:
    text = "编码,名称,授信额度\nS1,禾木,10\nS2,青禾,20\n"
    confirmed(formed, brought(formed, text, INTO, admin), admin)
    again = brought(formed, text, INTO, admin)
    assert again.found.counts == {"unchanged": 2}
    assert confirmed(formed, again, admin).found.counts == {"unchanged": 2}
    made = wizard.begin(formed, "file.csv", text.replace("20", "25").encode(), admin, into=INTO)
    found = at(formed, made.id, admin)
    plan = Plan.of(found.found.plan)
    wizard.plan(formed, found, Plan(plan.columns, {}, ("code",)), admin)
    found = at(formed, made.id, admin)
    assert found.found.counts == {"unchanged": 1, "changed": 1}
    confirmed(formed, found, admin)
    assert (len(suppliers(formed)), suppliers(formed)["S2"]["credit"]) == (2, 2500)


def test_one_mend_serves_all_rows_with_the_same_problem(formed: Services, admin: Origin) -> None:
    text = "编码,名称,等级\n" + "".join(f"S{n},名{n},{'一等' if n % 2 else '二等'}\n" for n in range(40))
    found = brought(formed, text, INTO, admin)
    assert [kind.count for kind in kinds(formed, found)] == [20, 20]
    with formed.db.read() as conn:
        first = rows.get(conn, formed.vault, found.found.id, 3)
    assert first is not None
    kind = next(one for one in kinds(formed, found) if one.first == 3)
    wizard.mend_all(formed, found, kind, "甲级", admin)
    found = at(formed, found.found.id, admin)
    assert found.found.counts == {"new": 20, "bad": 20}
    assert [one.count for one in kinds(formed, found)] == [20]


def test_only_the_good_rows_go_in_where_that_is_chosen(formed: Services, admin: Origin) -> None:
    found = confirmed(formed, brought(formed, MESSY, INTO, admin), admin, only_good=True)
    assert found.found.counts == {"new": 2, "left": 1}
    assert sorted(suppliers(formed)) == ["S1", "S2"]


def test_the_result_tells_every_row_and_holds_no_formula(formed: Services, admin: Origin) -> None:
    text = "编码,名称,等级\nS1,=1+1,甲级\nS2,青禾,x\n"
    found = confirmed(formed, brought(formed, text, INTO, admin), admin, only_good=True)
    assert found.work is not None
    assert found.work.file_name == "file-result.xlsx"
    data = b"".join(working.result_of(formed, found.work))
    sheet = load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert sheet[1] == [2, "新增 / new", "", "S1", "'=1+1", "甲级"]
    assert sheet[2][:2] == [3, "未导入 / left out"]
    assert "甲级" in str(sheet[2][2])


def test_a_cancelled_import_leaves_nothing_and_can_be_taken_up_again(formed: Services, admin: Origin) -> None:
    found = brought(formed, "编码,名称\nS1,禾木\nS2,青禾\n", INTO, admin)
    slow = working.SECONDS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ordain.flows.working.time.monotonic", _hurried())
        wizard.confirm(formed, found, admin, only_good=False)
        going = wizard.standing(formed, found.found.id, actor(admin))
        assert going is not None
        assert going.state == "running"
        assert wizard.stop(formed, going, admin)
    found = at(formed, found.found.id, admin)
    assert slow
    assert (found.state, suppliers(formed)) == ("ready", {})
    assert found.work is not None
    assert found.work.state == "cancelled"
    assert sorted(suppliers(formed)) == []
    assert sorted(confirmed(formed, found, admin).found.counts) == ["new"]
    assert sorted(suppliers(formed)) == ["S1", "S2"]


def _hurried() -> Callable[[], float]:
    """Return a clock on which every look costs ten seconds."""
    now = iter(range(0, 1_000_000, 10))
    return lambda: float(next(now))


def test_a_file_with_the_same_header_is_mapped_as_the_last_time(formed: Services, admin: Origin) -> None:
    text = "A,B\nS1,禾木\n"
    made = wizard.begin(formed, "file.csv", text.encode(), admin)
    found = at(formed, made.id, admin)
    found = _chosen(formed, found, admin, {0: "code", 1: "name"})
    confirmed(formed, found, admin)
    again = at(formed, wizard.begin(formed, "other.csv", b"A,B\nS2,x\n", admin).id, admin)
    assert again.found.into == INTO
    assert {place: one.to for place, one in Plan.of(again.found.plan).columns.items()} == {0: "code", 1: "name"}


def _chosen(services: Services, found: Standing, origin: Origin, columns: dict[int, str]) -> Standing:
    wizard.choose(services, found, INTO, actor(origin))
    found = at(services, found.found.id, origin)
    plan = Plan({place: wizard.Column(name) for place, name in columns.items()})
    wizard.plan(services, found, plan, origin)
    return at(services, found.found.id, origin)


def test_rows_of_one_record_bring_its_entries(formed: Services, admin: Origin) -> None:
    text = "编码,名称,联系人姓名\nS1,禾木,林晓\nS2,青禾,王芳\nS1,,陈一\n"
    made = wizard.begin(formed, "file.csv", text.encode(), admin, into=INTO)
    found = at(formed, made.id, admin)
    plan = Plan.of(found.found.plan)
    wizard.plan(formed, found, Plan(plan.columns, {}, ("code",)), admin)
    found = confirmed(formed, at(formed, made.id, admin), admin)
    assert suppliers(formed)["S1"]["contacts"] == [{"who": "林晓"}, {"who": "陈一"}]
    assert found.found.counts == {"new": 3}


def test_two_rows_that_claim_one_record_are_told(formed: Services, admin: Origin) -> None:
    made = wizard.begin(formed, "f.csv", "编码,名称\nS1,禾木\nS1,禾木\nS2,a\nS2,b\n".encode(), admin, into=INTO)
    found = at(formed, made.id, admin)
    wizard.plan(formed, found, Plan(Plan.of(found.found.plan).columns, {}, ("code",)), admin)
    found = at(formed, made.id, admin)
    assert fates(formed, found) == {2: "new", 3: "new", 4: "bad", 5: "bad"}
    assert [kind.code for kind in kinds(formed, found)] == ["doubled"]


def test_a_viewer_may_import_nothing_and_nobody_sees_anothers_import(
    formed: Services, admin: Origin, someone: Callable[..., Origin]
) -> None:
    with pytest.raises(Refused) as refused:
        wizard.begin(formed, "file.csv", b"a,b\n1,2\n", someone("viewer"))
    assert refused.value.problems[0].code == "no_target"
    found = brought(formed, MESSY, INTO, admin)
    assert wizard.standing(formed, found.found.id, actor(someone("operations-lead"))) is None


def test_staged_rows_hold_nothing_in_the_clear(formed: Services, admin: Origin) -> None:
    found = brought(formed, MESSY, INTO, admin)
    with formed.db.read() as conn:
        kept = str(conn.exec_driver_sql("SELECT * FROM import_row").all()) + str(
            conn.exec_driver_sql("SELECT * FROM import_fault").all()
        )
    assert "1380000000" not in kept
    assert "丙级" not in kept
    assert found.found.counts["bad"] == 1


def test_a_record_changed_meanwhile_stops_the_whole(formed: Services, admin: Origin) -> None:
    text = "编码,名称\nS1,禾木\n"
    confirmed(formed, brought(formed, text, INTO, admin), admin)
    made = wizard.begin(formed, "f.csv", "编码,名称\nS1,新名\nS9,新\n".encode(), admin, into=INTO)
    found = at(formed, made.id, admin)
    wizard.plan(formed, found, Plan(Plan.of(found.found.plan).columns, {}, ("code",)), admin)
    found = at(formed, made.id, admin)
    with formed.db.write() as conn:
        conn.exec_driver_sql("UPDATE record SET version = version + 1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ordain.flows.importing.looking.look", lambda *_: working.Step(last=True))
        found = confirmed(formed, found, admin)
    assert [one.code for one in found.problems] == ["changed_meanwhile"]
    assert sorted(suppliers(formed)) == ["S1"]
    assert found.state == "ready"
