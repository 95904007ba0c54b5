"""A condition set by rows beside its text: whichever was written last, both say the same."""

import json

from flask.testing import FlaskClient

from ordain.flows import publishing
from ordain.flows.services import Services
from tests.factories import ORIGIN
from tests.web.pages.test_editor import Fields, draft, posted, send

WHEN = "spec/when"
ROOT = f"{WHEN}//if"


def written(services: Services) -> str:
    kept = draft(services, "lane", "vip")
    assert kept is not None
    return str(kept.document["spec"]["when"])


def acting(browser: FlaskClient, pairs: list[tuple[str, str]], act: str = "", **changed: str) -> list[tuple[str, str]]:
    """Post the form with some fields changed and a button pressed; return what the answer would post next."""
    assert set(changed) <= {name for name, _ in pairs}, [name for name, _ in pairs]
    sent = [(name, changed.get(name, value)) for name, value in pairs]
    status, page = send(browser, [*sent, ("act", act)])
    assert status == 200
    return Fields(page).pairs


def opened(browser: FlaskClient, services: Services, text: str) -> list[tuple[str, str]]:
    pairs = acting(browser, posted(browser), **{WHEN: text})
    pairs = acting(browser, pairs, f"if-open:{WHEN}")
    assert written(services) == text
    return pairs


def test_rows_show_what_the_text_says_and_write_it(admin: FlaskClient, founded: Services) -> None:
    pairs = opened(admin, founded, "priority == 'vip' and (buyer.level >= 3 or total > 500)")
    given = dict(pairs)
    assert given[f"{ROOT}/0/field"] == "priority"
    assert given[f"{ROOT}/1/word"] == "any"
    assert given[f"{ROOT}/1/1/value"] == "500"
    acting(admin, pairs, **{f"{ROOT}/1/word": "none", f"{ROOT}/1/1/value": "800", f"{ROOT}/0/op": "!="})
    assert written(founded) == "priority != 'vip' and not (buyer.level >= 3 or total > 800)"


def test_rows_are_added_grouped_and_removed(admin: FlaskClient, founded: Services) -> None:
    pairs = opened(admin, founded, "total > 500")
    pairs = acting(admin, pairs, f"if-add:{WHEN}=")
    assert written(founded) == "total > 500 and total > 0"
    pairs = acting(admin, pairs, **{f"{ROOT}/1/field": "region"})
    pairs = acting(admin, pairs, **{f"{ROOT}/1/op": "in", f"{ROOT}/1/value": "华东"})
    assert written(founded) == "total > 500 and region in ('华东',)"
    pairs = acting(admin, pairs, f"if-group:{WHEN}=")
    pairs = acting(admin, pairs, f"if-remove:{WHEN}=/2/1")
    assert dict(pairs)[f"{ROOT}/2/word"] == "any"
    pairs = acting(admin, pairs, f"if-remove:{WHEN}=/2")
    assert written(founded) == "total > 500 and region in ('华东',)"
    pairs = acting(admin, pairs, f"if-close:{WHEN}")
    assert not [name for name, _ in pairs if ROOT in name]


def test_a_text_typed_while_rows_are_open_wins(admin: FlaskClient, founded: Services) -> None:
    pairs = opened(admin, founded, "total > 500")
    pairs = acting(admin, pairs, **{WHEN: "total > 700 and held"})
    assert dict(pairs)[f"{ROOT}/1/op"] == "true"
    assert written(founded) == "total > 700 and held"
    pairs = acting(admin, pairs, **{WHEN: "total >"})
    assert written(founded) == "total >"
    assert not [name for name, _ in pairs if ROOT in name]


def test_a_value_half_typed_stays_in_its_row_with_the_problem_beside_the_text(
    admin: FlaskClient, founded: Services
) -> None:
    pairs = opened(admin, founded, "total > 500")
    pairs = acting(admin, pairs, **{f"{ROOT}/0/value": ""})
    assert dict(pairs)[f"{ROOT}/0/value"] == ""
    assert dict(pairs)[WHEN] == "total >"
    pairs = acting(admin, pairs, **{f"{ROOT}/0/value": "6"})
    assert written(founded) == "total > 6"


def test_open_rows_follow_their_part_when_parts_move(admin: FlaskClient, founded: Services) -> None:
    with founded.db.read() as conn:
        live = founded.live.at(conn).get("approval", "refund")
    assert live is not None
    document = json.loads(json.dumps(live.document, default=str))
    document["spec"]["steps"] = [
        {"key": "one", "when": "amount > 1"},
        {"key": "two", "when": "amount > 2"},
    ]
    publishing.save_draft(founded, document, ORIGIN, seen=None)
    address = "/admin/definitions/approval/refund/edit"
    pairs = [*posted(admin, address), ("act", "if-open:spec/steps/r1/when")]
    _, page = send(admin, pairs, address)
    pairs = Fields(page).pairs
    assert dict(pairs)["spec/steps/r1/when//if/0/value"] == "2"
    _, page = send(admin, [*pairs, ("act", "up:spec/steps/r1")], address)
    assert dict(Fields(page).pairs)["spec/steps/r0/when//if/0/value"] == "2"
    marks = [value for name, value in pairs if name == "spec/steps//row"]
    dragged = iter(reversed(marks))
    moved = [(name, next(dragged) if name == "spec/steps//row" else value) for name, value in pairs]
    _, page = send(admin, moved, address)
    found = dict(Fields(page).pairs)
    assert found["spec/steps/r0/when"] == "amount > 2"
    assert found["spec/steps/r0/when//if/0/value"] == "2"
    assert "spec/steps/r1/when//if/0/value" not in found


def test_what_nobody_drew_makes_nothing_fall_over(admin: FlaskClient, founded: Services) -> None:
    pairs = opened(admin, founded, "total > 500")
    strange = [
        (f"{ROOT}/7/field", "no such"),
        (f"{ROOT}/7/op", "<script>"),
        (f"{ROOT}/x/word", "all"),
        (f"{ROOT}/9999999/word", "all"),
        ("nowhere//if/word", "all"),
        ("rows", "nowhere"),
    ]
    status, _ = send(admin, [*pairs, *strange, ("act", f"if-remove:{WHEN}=/99/1")])
    assert status == 200
    assert written(founded).startswith("total > 500")
