"""People as directories tell of them, in all their spellings."""

from pathlib import Path
from typing import Any

import pytest

from ordain.base import json
from ordain.engines.directory import Filter, ScimRefused, parse_filter, patched, read, too_many_leave

FIXTURES = Path(__file__).parents[1] / "fixtures" / "hr-scim"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_bytes())


def test_a_person_is_read_with_phone_department_and_language() -> None:
    entry = read(fixture("list_page_1")["Resources"][0])
    assert (entry.user_name, entry.external_id, entry.display_name) == ("user00@example.com", "E00100", "顾清禾")
    assert (entry.phone, entry.department, entry.language, entry.active) == ("+8613900000001", "仓储部", "zh", True)


def test_missing_active_is_active_and_no_mail_or_phone_is_none() -> None:
    people = fixture("list_page_2")["Resources"]
    assert read(people[0]).active
    assert (read(people[1]).mail, read(people[1]).phone) == ("", "")


@pytest.mark.parametrize("name", ["patch_deactivate", "patch_deactivate_no_path", "patch_deactivate_string"])
def test_leaving_comes_in_three_forms(name: str) -> None:
    before = {**fixture("user_inactive"), "active": True}
    assert not read(patched(before, fixture(name)["Operations"])).active


@pytest.mark.parametrize(
    ("operation", "check"),
    [
        ({"op": "add", "path": "active", "value": "false"}, lambda made: read(made).active is False),
        ({"op": "replace", "path": "name.givenName", "value": "Li"}, lambda made: made["name"]["givenName"] == "Li"),
        ({"op": "replace", "path": 'emails[type eq "work"].value', "value": "b@x.cn"}, lambda made: read(made).mail == "b@x.cn"),
        ({"op": "add", "path": "emails", "value": [{"value": "c@x.cn"}]}, lambda made: len(made["emails"]) == 2),
        ({"op": "remove", "path": "phoneNumbers"}, lambda made: read(made).phone == ""),
        ({"op": "remove", "path": 'emails[type eq "work"]'}, lambda made: made["emails"] == []),
        (
            {"op": "replace", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "财务部"},
            lambda made: read(made).department == "财务部",
        ),
        (
            {"op": "replace", "value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "A"}}},
            lambda made: read(made).department == "A",
        ),
        ({"op": "replace", "path": "USERNAME", "value": "new@x.cn"}, lambda made: read(made).user_name == "new@x.cn"),
    ],
)  # fmt: skip
def test_a_patch_changes_its_part_and_no_other(operation: dict[str, Any], check: Any) -> None:
    before = fixture("list_page_1")["Resources"][0]
    kept = json.dumps(before)
    assert check(patched(before, [operation]))
    assert json.dumps(before) == kept


@pytest.mark.parametrize(
    ("operations", "word"),
    [
        ([{"op": "move", "path": "active"}], "invalidSyntax"), ([{"op": "remove"}], "noTarget"), ("no list", "invalidSyntax"),
        ([], "invalidSyntax"), ([{"op": "replace", "value": "x"}], "invalidValue"), (["x"], "invalidSyntax"),
        ([{"op": "replace", "path": "a[b", "value": 1}], "invalidPath"), (None, "invalidSyntax"),
    ],
)  # fmt: skip
def test_an_operation_that_makes_no_sense_is_refused(operations: Any, word: str) -> None:
    with pytest.raises(ScimRefused) as caught:
        patched({"userName": "a"}, operations)
    assert (caught.value.status, caught.value.scim_type) == (400, word)


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, None, 7, "a/b", "<b>"])
def test_a_name_nobody_signs_in_with_is_refused(name: Any) -> None:
    with pytest.raises(ScimRefused, match="userName"):
        read({"userName": name})


def test_filters() -> None:
    assert parse_filter('userName eq "a\\"b"') == Filter("userName", 'a"b')
    assert parse_filter('USERNAME Eq "anna"') == Filter("userName", "anna")
    assert parse_filter("active eq false") == Filter("active", False)
    assert parse_filter("") == Filter()
    for text in ('userName co "a"', 'title eq "x"', 'userName eq "a" or 1', "userName eq anna", "((("):
        with pytest.raises(ScimRefused) as caught:
            parse_filter(text)
        assert caught.value.scim_type == "invalidFilter"


@pytest.mark.parametrize(
    ("known", "leavers", "listed", "alarm"),
    [(0, 0, 0, ""), (10, 10, 0, "empty"), (1, 1, 0, "empty"), (10, 2, 8, ""), (10, 3, 7, "drop"), (3, 1, 2, ""), (3, 2, 1, "drop"), (1000, 200, 800, ""), (1000, 201, 799, "drop")],
)  # fmt: skip
def test_a_feed_is_believed_while_no_more_than_a_fifth_leave(known: int, leavers: int, listed: int, alarm: str) -> None:
    assert too_many_leave(known, leavers, listed, 0.2) == alarm
