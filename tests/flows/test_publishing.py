from pathlib import Path
from typing import Any

import pytest

from ordain.base import json
from ordain.base.errors import Refused
from ordain.flows import exchange, publishing
from ordain.flows.intake import take
from ordain.flows.publishing import Conflict
from ordain.flows.services import Services
from ordain.records.actor import Origin, User
from ordain.store import definitions
from ordain.store.definitions import Draft
from tests.factories import ORIGIN, incoming, own_site_order

ANNA = Origin(User("1", "anna", frozenset({"admin"})))
BEN = Origin(User("2", "ben", frozenset({"admin"})))


def live(services: Services, kind: str, key: str) -> Any:
    with services.db.read() as conn:
        version = definitions.live(conn, kind, key)
    assert version is not None
    return json.loads(json.dumps(version.document))


def test_an_order_follows_the_mapping_that_is_live_and_the_old_one_after_rolling_back(founded: Services) -> None:
    mapping = live(founded, "mapping", "own-site-order")
    mapping["spec"]["lookups"]["states"]["飞行中"] = "shipped"
    publishing.publish(founded, [mapping], "a new state", ANNA)
    flying = own_site_order("HY1", state="飞行中")
    assert take(founded, "own-site", "webhook", [incoming(flying)], ORIGIN).results[0].fate == "applied"
    publishing.roll_back(founded, "mapping", "own-site-order", 1, ANNA)
    flying = own_site_order("HY2", state="飞行中")
    assert take(founded, "own-site", "webhook", [incoming(flying)], ORIGIN).results[0].fate == "held"


def test_publishing_equal_content_makes_no_version(founded: Services) -> None:
    mapping = live(founded, "mapping", "own-site-order")
    assert publishing.publish(founded, [mapping], "same", ANNA)[0].number == 1


def test_a_broken_definition_changes_nothing_and_says_all_that_is_wrong(founded: Services) -> None:
    mapping = live(founded, "mapping", "own-site-order")
    mapping["spec"]["fields"]["total"] = {"from": "money.payable", "via": [{"mony": "minor"}]}
    mapping["spec"]["checks"][0]["when"] = "totl > 3"
    with pytest.raises(Refused) as refused:
        publishing.publish(founded, [mapping], "", ANNA)
    codes = {problem.code for problem in refused.value.problems}
    assert {"unknown_transform", "unknown_name"} <= codes
    with founded.db.read() as conn:
        assert len(definitions.history(conn, "mapping", "own-site-order")) == 1


def test_a_change_set_is_published_whole_or_not_at_all(founded: Services) -> None:
    channel = live(founded, "channel", "own-site") | {"key": "ninth"}
    channel["spec"]["mapping"] = "ninth-order"
    with pytest.raises(Refused) as refused:
        publishing.publish(founded, [channel], "", ANNA)
    assert refused.value.problems[0].code == "reference_missing"
    mapping = live(founded, "mapping", "own-site-order") | {"key": "ninth-order"}
    assert [v.number for v in publishing.publish(founded, [channel, mapping], "", ANNA)] == [1, 1]


def test_a_red_example_keeps_a_mapping_from_running(founded: Services) -> None:
    mapping = live(founded, "mapping", "own-site-order")
    mapping["examples"] = [{"payload": own_site_order(), "expect": {"total": 1}}]
    with pytest.raises(Refused) as refused:
        publishing.publish(founded, [mapping], "", ANNA)
    assert refused.value.problems[0].code == "example_differs"
    mapping["examples"][0]["expect"] = {"total": 4598, "buyer.address.city": "武汉市"}
    publishing.publish(founded, [mapping], "", ANNA)


def test_two_people_on_one_draft_see_both_sides_and_lose_nothing(founded: Services) -> None:
    mapping = live(founded, "mapping", "own-site-order")
    with founded.db.read() as conn:
        version = definitions.live(conn, "mapping", "own-site-order")
    assert version is not None
    mine, theirs = (
        dict(mapping, title={"zh": "我的", "en": "mine"}),
        dict(mapping, title={"zh": "他的", "en": "theirs"}),
    )
    first = publishing.save_draft(founded, theirs, BEN, seen=version.hash)
    assert isinstance(first, Draft)
    conflict = publishing.save_draft(founded, mine, ANNA, seen=version.hash)
    assert isinstance(conflict, Conflict)
    assert (conflict.theirs["title"]["en"], conflict.mine["title"]["en"]) == ("theirs", "mine")
    assert isinstance(publishing.save_draft(founded, mine, ANNA, seen=first.hash), Draft)
    assert isinstance(publishing.save_draft(founded, mine, BEN, seen="whatever"), Draft)


def test_a_draft_may_be_broken_publishing_it_may_not(founded: Services) -> None:
    mapping = live(founded, "mapping", "own-site-order")
    mapping["spec"] = {}
    publishing.save_draft(founded, mapping, ANNA, seen=None)
    with pytest.raises(Refused):
        publishing.publish_draft(founded, "mapping", "own-site-order", "", ANNA)
    assert publishing.discard_draft(founded, "mapping", "own-site-order", ANNA)


def test_export_is_byte_identical_twice_and_applies_to_nothing_new(founded: Services, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert exchange.export(founded, one) == exchange.export(founded, two) > 40
    files = sorted(path.relative_to(one) for path in one.rglob("*.json"))
    assert all((one / file).read_bytes() == (two / file).read_bytes() for file in files)
    assert exchange.diff(founded, one) == []
    assert all(version.number == 1 for version in exchange.apply(founded, one, ANNA))


def test_files_are_checked_with_their_places(founded: Services, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"kind": "mapping", "key": "x", "key": "y"}')
    (tmp_path / "worse.json").write_text('{"kind": "maping"}')
    codes = [(path.name, problem.code) for path, problem in exchange.check(tmp_path)]
    assert codes == [("bad.json", "bad_json"), ("worse.json", "unknown_kind")]


def test_every_process_follows_a_change(founded: Services) -> None:
    other = definitions.LiveDefinitions()
    with founded.db.read() as conn:
        before = other.at(conn).get("mapping", "own-site-order")
    mapping = live(founded, "mapping", "own-site-order")
    mapping["title"]["en"] = "Renamed"
    publishing.publish(founded, [mapping], "", ANNA)
    with founded.db.read() as conn:
        after = other.at(conn).get("mapping", "own-site-order")
    assert before is not None
    assert after is not None
    assert (before.number, after.number) == (1, 2)


def test_a_list_calls_a_definition_as_what_runs_is_called(founded: Services) -> None:
    mapping = live(founded, "mapping", "own-site-order")
    mapping["title"]["en"] = "Renamed"
    publishing.publish(founded, [mapping], "", ANNA)
    publishing.roll_back(founded, "mapping", "own-site-order", 1, ANNA)
    with founded.db.read() as conn:
        found = next(item for item in definitions.listed(conn, "mapping") if item.key == "own-site-order")
    assert (found.title["en"], found.live, found.versions) == ("Own website order", 1, 2)
