"""A kind is a schema and a module: editor, list, history, publishing and API come with it, without a line of code."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ordain import kinds
from tests.web.pages.test_editor import Fields, posted, send

SCHEMA = {
    "title": "loyalty",
    "x-title": {"zh": "会员等级", "en": "Loyalty level"},
    "x-help": {"zh": "买多少算哪一级", "en": "How much makes which level"},
    "x-version": 1,
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "when": {
            "type": "string",
            "x-widget": "expression",
            "x-scope": "record",
            "x-title": {"zh": "当", "en": "When"},
        },
        "points": {"type": "integer", "minimum": 1, "x-title": {"zh": "积分", "en": "Points"}},
        "gifts": {
            "type": "array",
            "x-title": {"zh": "赠品", "en": "Gifts"},
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"sku": {"type": "string"}, "worth": {"type": "integer", "x-widget": "money"}},
                "required": ["sku"],
            },
        },
    },
    "required": ["when", "points"],
}
ADDRESS = "/admin/definitions/loyalty"


@pytest.fixture(autouse=True)
def loyalty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put a schema and a module where kinds are looked for, as a plug-in would."""
    (tmp_path / "loyalty.json").write_text(json.dumps(SCHEMA))
    module = f"from pathlib import Path\nfrom ordain.kinds.kind import Kind\nKIND = Kind('loyalty', folder=Path({str(tmp_path)!r}))\n"
    (tmp_path / "loyalty.py").write_text(module)
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    kinds._registry.cache_clear()
    yield
    kinds._registry.cache_clear()


def begun(admin: FlaskClient) -> str:
    page = admin.get(f"{ADDRESS}/new").text
    assert "New Loyalty level" in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = admin.post(f"{ADDRESS}/new", data={"csrf_token": token, "key": "gold", "en": "Gold"})
    assert answer.location == f"{ADDRESS}/gold/edit"
    return token


def test_a_new_kind_is_edited_listed_published_and_rolled_back(
    admin: FlaskClient, token: Callable[..., dict[str, str]]
) -> None:
    csrf, edit, program = begun(admin), f"{ADDRESS}/gold/edit", token()
    _, page = send(admin, posted(admin, edit, **{"spec/when": "regoin == 'east'", "spec/points": "5"}), edit)
    assert "did you mean" in page
    assert admin.post(f"{ADDRESS}/gold/publish", data={"csrf_token": csrf}).status_code == 422
    _, page = send(admin, [*posted(admin, edit, **{"spec/when": "region == 'east'"}), ("act", "add:spec/gifts")], edit)
    pairs = [(name, {"spec/gifts/r0/sku": "HY-1"}.get(name, value)) for name, value in Fields(page).pairs]
    _, page = send(admin, pairs, edit)
    assert "to mend before it can run" not in page
    answer = admin.post(f"{ADDRESS}/gold/publish", data={"csrf_token": csrf, "note": "first of its kind"})
    assert answer.location == f"{ADDRESS}/gold"
    assert "first of its kind" in admin.get(f"{ADDRESS}/gold").text
    assert 'id="definition-loyalty-gold"' in admin.get("/admin/definitions?kind=loyalty").text
    given = admin.get("/api/v1/definitions/loyalty/gold", headers=program).get_json()
    assert given["live"]["document"]["spec"]["gifts"] == [{"sku": "HY-1"}]
    send(admin, posted(admin, edit, **{"spec/points": "9"}), edit)
    admin.post(f"{ADDRESS}/gold/publish", data={"csrf_token": csrf, "note": "more"})
    assert "Points" in admin.get(f"{ADDRESS}/gold/compare").text
    admin.post(f"{ADDRESS}/gold/rollback", data={"csrf_token": csrf, "version": "1"})
    given = admin.get("/api/v1/definitions/loyalty/gold", headers=program).get_json()
    assert given["live"]["version"] == 1


def test_a_new_kind_is_closed_to_those_who_may_not(signed_in: Callable[..., FlaskClient]) -> None:
    assert signed_in("finance").get(f"{ADDRESS}/new").status_code == 404
