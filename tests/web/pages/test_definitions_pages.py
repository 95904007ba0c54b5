import copy
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from flask.testing import FlaskClient

from ordain.base.errors import Refused, problem
from ordain.flows import publishing
from ordain.flows.services import Services
from ordain.web.pages.definitions.comparing import changes, rows
from tests.factories import ORIGIN

naming = import_module("ordain.web.pages.definitions.naming")


def second_version(services: Services) -> None:
    with services.db.read() as conn:
        live = services.live.at(conn).get("lane", "vip")
    assert live is not None
    document: dict[str, Any] = copy.deepcopy(dict(live.document))
    document["spec"]["age_limit_minutes"] = 15
    publishing.publish(services, [document], "a longer wait", ORIGIN)


def test_the_library_lists_every_live_definition_by_kind(admin: FlaskClient) -> None:
    page = admin.get("/admin/definitions").text
    assert "taobao-order" in page
    assert "live, version 1" in page
    lanes = admin.get("/admin/definitions?kind=lane").text
    assert 'id="definition-lane-vip"' in lanes
    assert 'id="definition-mapping-taobao-order"' not in lanes
    assert admin.get("/admin/definitions?kind=nonsense").status_code == 404


def test_definitions_are_found_by_key_and_by_title(admin: FlaskClient) -> None:
    for words in ("taobao-order", "Taobao order", "淘宝订单"):
        assert 'id="definition-mapping-taobao-order"' in admin.get(f"/admin/definitions?q={words}").text
    assert "No definition matches" in admin.get("/admin/definitions?q=zzz").text


def test_a_definition_shows_its_document_and_history(admin: FlaskClient, founded: Services) -> None:
    second_version(founded)
    page = admin.get("/admin/definitions/lane/vip").text
    assert "a longer wait" in page
    assert '<dd class="break">15</dd>' in page
    page = admin.get("/admin/definitions/lane/vip?tab=json").text
    assert '<span class="n">15</span>' in page
    old = admin.get("/admin/definitions/lane/vip?version=1&tab=json").text
    assert '<span class="n">10</span>' in old
    assert "live, version 2" in old


def test_any_two_versions_are_compared(admin: FlaskClient, founded: Services) -> None:
    second_version(founded)
    page = admin.get("/admin/definitions/lane/vip/compare").text
    assert 'title="spec.age_limit_minutes"' in page
    assert '<del class="quiet">10</del>' in page
    turned = admin.get("/admin/definitions/lane/vip/compare?left=2&right=1").text
    assert '<del class="quiet">15</del>' in turned
    assert "The two versions are the same" in admin.get("/admin/definitions/lane/vip/compare?left=1&right=1").text


def test_what_never_was_is_not_there(admin: FlaskClient) -> None:
    for place in (
        "lane/nowhere",
        "nonsense/vip",
        "lane/vip?version=9",
        "lane/vip/compare?left=9",
        "lane/vip?version=x",
    ):
        assert admin.get(f"/admin/definitions/{place}").status_code == 404


def test_only_those_who_may_read_definitions_do(signed_in: Callable[..., FlaskClient]) -> None:
    assert signed_in("finance").get("/admin/definitions").status_code == 404


def test_long_stretches_that_are_the_same_become_one_row() -> None:
    before = {"list": list(range(40)), "end": 1}
    found = rows(before, {**before, "end": 2})
    assert [row.gap for row in found if row.gap] == ["39 lines the same"] or any(row.gap for row in found)
    assert [(row.left.strip(), row.right.strip()) for row in found if row.left_kind == "del"] == [
        ('"end": 1', '"end": 2')
    ]
    assert len(found) < 10


def test_changes_say_what_came_went_and_changed() -> None:
    found = changes({"a": 1, "b": {"c": "x"}}, {"b": {"c": "y"}, "d": [1]})
    assert [(item.path, item.how, item.before, item.after) for item in found] == [
        ("a", "removed", "1", ""),
        ("b.c", "changed", "x", "y"),
        ("d", "added", "", "[1]"),
    ]


def test_the_history_is_a_part_beside_an_editor_and_a_page_without_htmx(
    admin: FlaskClient, founded: Services, bring: Callable[..., object]
) -> None:
    second_version(founded)
    bring("HY1")
    part = admin.get("/admin/definitions/lane/vip/history", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Version 2" in part
    assert "Roll back to it" in part
    assert admin.get("/admin/definitions/lane/vip/history").location == "/admin/definitions/lane/vip"
    mapping = admin.get("/admin/definitions/mapping/own-site-order/history", headers={"HX-Request": "true"}).text
    assert "1 decision lately" in mapping


def test_a_draft_is_compared_with_what_runs(admin: FlaskClient, founded: Services) -> None:
    with founded.db.read() as conn:
        live = founded.live.at(conn).get("lane", "vip")
    assert live is not None
    publishing.save_draft(founded, {**live.document, "title": {"zh": "贵", "en": "Dear"}}, ORIGIN, seen=None)
    page = admin.get("/admin/definitions/lane/vip/compare").text
    assert "Dear" in page
    assert '<option value="draft" selected>Draft</option>' in page


def test_a_version_that_no_form_draws_is_read_as_json(admin: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Refused([problem("", "not_drawable", "画不出", "no form draws it")])

    monkeypatch.setattr(naming, "compile_shape", refuse)
    naming._shape.cache_clear()
    assert '<span class="n">10</span>' in admin.get("/admin/definitions/lane/vip").text
    naming._shape.cache_clear()
