"""Entries that come together are kept together: numbered without gaps, audited one by one, none hindered by another."""

from collections.abc import Callable

import pytest
from sqlalchemy.exc import IntegrityError

from ordain.base.errors import Refused
from ordain.engines.form.staff import StaffForm
from ordain.flows import publishing, recording
from ordain.flows.entering import Entry, EntryDesk, enter
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.store import audit
from ordain.store import records as store
from tests.factories import ORIGIN
from tests.web.pages.test_records import COMPLAINT

GIVEN = {"supplier": "HM", "severity": "low", "phone": "13900000008", "lines": [{"sku": "A"}]}


@pytest.fixture
def form(founded: Services) -> StaffForm:
    publishing.publish(founded, [COMPLAINT], "", ORIGIN)
    with founded.db.read() as conn:
        found = recording.form_of(founded.live.at(conn), "supplier-complaint")
    assert found is not None
    return found


def test_a_batch_is_numbered_without_gaps_and_audited_one_by_one(founded: Services, form: StaffForm) -> None:
    made = enter(founded, [Entry(form, {**GIVEN, "supplier": str(number)}, ORIGIN, EVERYTHING) for number in range(5)])
    records = [one for one in made if not isinstance(one, Refused)]
    assert [one.number for one in records] == [1, 2, 3, 4, 5]
    assert [one.data["supplier"] for one in records] == list("01234")
    assert records[0].data["phone"] != GIVEN["phone"]
    with founded.db.read() as conn:
        assert [entry.action for entry in audit.of(conn, f"record:{records[4].id}")] == ["supplier-complaint.create"]


def test_what_does_not_fit_is_refused_before_it_joins_a_batch(founded: Services, form: StaffForm) -> None:
    with pytest.raises(Refused) as refused:
        EntryDesk(founded).create(form, {"severity": "enormous"}, ORIGIN, EVERYTHING)
    assert {found.path for found in refused.value.problems} >= {"supplier", "severity"}


def test_a_batch_that_cannot_stand_is_tried_one_by_one(
    founded: Services, form: StaffForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: Callable[..., None] = store.add_all
    turns = iter([True])

    def taken(*arguments: object) -> None:
        if next(turns, False):
            raise IntegrityError("insert", {}, Exception("somebody took the number"))
        whole(*arguments)

    monkeypatch.setattr(store, "add_all", taken)
    made = enter(founded, [Entry(form, GIVEN, ORIGIN, EVERYTHING), Entry(form, GIVEN, ORIGIN, EVERYTHING)])
    assert [one.number for one in made if not isinstance(one, Refused)] == [1, 2]
