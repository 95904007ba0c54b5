"""Files in records: uploaded, given to a record, fetched by whoever may read their field, removed when nobody holds them."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ordain.base.errors import Refused
from ordain.flows import publishing, rotating, scheduling, uploading
from ordain.flows.services import Services
from ordain.store.tables.files import FileRow
from tests.conftest import Clock
from tests.factories import ORIGIN
from tests.files.bombs import HTML, KEPT, REFUSED, picture
from tests.web.conftest import csrf_of
from tests.web.pages.test_editor import Fields

Headers = dict[str, str]
DAMAGE: dict[str, Any] = {
    "kind": "form",
    "key": "damage",
    "title": {"zh": "破损登记", "en": "Damage"},
    "schema_version": 1,
    "spec": {
        "record": "damage",
        "fields": {
            "what": {"type": "text", "title": {"zh": "物品", "en": "What"}, "required": True},
            "photo": {"type": "image", "title": {"zh": "照片", "en": "Photo"}},
            "proof": {"type": "file", "title": {"zh": "凭证", "en": "Proof"}},
            "passport": {"type": "image", "title": {"zh": "证件", "en": "Passport"}, "protected": True},
            "more": {
                "type": "list",
                "title": {"zh": "更多照片", "en": "More photos"},
                "fields": {"photo": {"type": "image", "title": {"zh": "照片", "en": "Photo"}}},
            },
        },
    },
}
API = "/api/v1"


def role(key: str, rights: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "role",
        "key": key,
        "title": {"zh": key, "en": key},
        "schema_version": 1,
        "spec": {"rights": rights},
    }


@pytest.fixture
def formed(founded: Services) -> Services:
    publishing.publish(founded, [DAMAGE], "", ORIGIN)
    return founded


@pytest.fixture
def admin(formed: Services, token: Callable[..., Headers]) -> Headers:
    return token()


def upload(client: FlaskClient, headers: Headers, data: bytes, field: str = "photo", name: str = "a.jpg") -> Any:
    return client.post(
        f"{API}/forms/damage/files",
        query_string={"field": field, "name": name},
        data=data,
        headers=headers,
    )


def entry(client: FlaskClient, headers: Headers, **data: Any) -> Any:
    return client.post(f"{API}/forms/damage/entries", json={"data": {"what": "杯子", **data}}, headers=headers)


def stored(services: Services) -> list[Path]:
    return sorted(path for path in (services.settings.home / "files").glob("*/*"))


def rows(services: Services) -> int:
    with services.db.read() as conn:
        return conn.scalar(sa.select(sa.func.count()).select_from(FileRow)) or 0


def test_a_file_goes_from_a_program_into_an_entry_and_back(client: FlaskClient, admin: Headers) -> None:
    made = upload(client, admin, picture())
    assert (made.status_code, made.json["name"], made.json["type"]) == (201, "a.jpg", "image/jpeg")
    nested = upload(client, admin, picture("PNG", mode="RGBA"), "more.photo", "b.png").json["id"]
    found = entry(client, admin, photo=made.json["id"], more=[{"photo": nested}])
    assert found.status_code == 201
    shown = found.json["data"]
    assert shown["photo"] == {"id": made.json["id"], "name": "a.jpg", "href": f"{API}/files/{made.json['id']}/content"}
    assert shown["more"][0]["photo"]["name"] == "b.png"
    body = {"data": shown, "version": found.json["version"]}
    again: Any = client.put(f"{API}/forms/damage/entries/{found.json['id']}", json=body, headers=admin)
    assert again.json["data"]["photo"] == shown["photo"]
    fetched = client.get(shown["photo"]["href"], headers=admin)
    assert fetched.data.startswith(b"\xff\xd8\xff")
    assert fetched.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a.jpg"
    assert fetched.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in fetched.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["drawing.svg", "huge.png", "bomb.xlsx", "page.html"])
def test_what_is_refused_leaves_nothing(formed: Services, client: FlaskClient, admin: Headers, name: str) -> None:
    answer = upload(client, admin, REFUSED[name], "proof", name)
    assert answer.status_code == 422
    assert answer.json["problems"][0]["path"] == "file"
    assert (stored(formed), rows(formed)) == ([], 0)


def test_names_never_reach_the_disk(formed: Services, client: FlaskClient, admin: Headers) -> None:
    for name, (data, _) in KEPT.items():
        assert upload(client, admin, data, "proof", name).status_code in (201, 400), name
    assert all(path.parent.parent == formed.settings.home / "files" for path in stored(formed))
    assert all(len(path.name.removesuffix(".small")) == 32 for path in stored(formed))
    assert not (formed.settings.home.parent / "etc").exists()


def test_files_are_sealed_on_the_disk_and_in_the_database(
    formed: Services, client: FlaskClient, admin: Headers
) -> None:
    upload(client, admin, b"%PDF-1.7 13900000001", "proof", "13900000001.pdf")
    assert all(b"13900000001" not in path.read_bytes() and b"PDF" not in path.read_bytes() for path in stored(formed))
    with formed.db.read() as conn:
        row = conn.execute(sa.select(FileRow.__table__)).mappings().one()
    assert "13900000001" not in str(dict(row))
    assert oct(stored(formed)[0].stat().st_mode)[-3:] == "600"


def test_a_changed_file_is_lost_not_shown(formed: Services, client: FlaskClient, admin: Headers) -> None:
    made = upload(client, admin, b"%PDF-1.7 ok", "proof", "a.pdf").json
    path = stored(formed)[0]
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    assert client.get(made["href"], headers=admin).status_code == 404


def test_more_than_ten_megabytes_are_too_much(formed: Services, client: FlaskClient, admin: Headers) -> None:
    most = b"%PDF-" + b"x" * (uploading.MOST_BYTES - 5)
    assert upload(client, admin, most, "proof").status_code == 201
    assert upload(client, admin, most + b"x", "proof").status_code == 422
    assert upload(client, admin, most + b"x" * 10_000, "proof").status_code == 413
    assert upload(client, {}, most, "proof").status_code == 401
    assert rows(formed) == 1


def test_a_record_holds_only_files_that_its_writer_uploaded(
    client: FlaskClient, admin: Headers, token: Callable[..., Headers]
) -> None:
    first = upload(client, admin, picture()).json["id"]
    other = token("operations-lead")
    assert entry(client, other, photo=first).status_code in (404, 422)
    assert client.get(f"{API}/files/{first}", headers=other).status_code == 404
    assert entry(client, admin, photo=first).status_code == 201
    stolen = entry(client, admin, photo=first)
    assert [(one["path"], one["code"]) for one in stolen.json["problems"]] == [("photo", "unknown_file")]
    for wrong in ("0" * 32, "nothing", "../../keys.json"):
        assert entry(client, admin, photo=wrong).json["problems"][0]["code"] == "unknown_file"


def test_a_field_of_pictures_holds_no_other_file(client: FlaskClient, admin: Headers) -> None:
    made = upload(client, admin, b"%PDF-1.7", "proof", "a.pdf").json["id"]
    assert entry(client, admin, photo=made).json["problems"][0]["code"] == "no_picture"
    assert upload(client, admin, b"%PDF-1.7", "photo", "a.pdf").status_code == 422
    assert upload(client, admin, picture(), "what").status_code == 404
    assert upload(client, admin, picture(), "nothing").status_code == 404


def test_who_may_not_read_the_field_of_that_row_gets_the_same_404(
    formed: Services, client: FlaskClient, admin: Headers, token: Callable[..., Headers]
) -> None:
    grants = {"do": ["read"], "fields": {"proof": "hidden"}}
    publishing.publish(formed, [role("looker", {"damage": grants})], "", ORIGIN)
    publishing.publish(formed, [role("nobody", {"order": {"do": ["read"]}})], "", ORIGIN)
    photo, proof = upload(client, admin, picture()).json, upload(client, admin, picture(), "proof").json
    passport = upload(client, admin, picture(), "passport").json
    assert entry(client, admin, photo=photo["id"], proof=proof["id"], passport=passport["id"]).status_code == 201
    looker, nobody = token("looker"), token("nobody")
    assert client.get(photo["href"], headers=looker).status_code == 200
    missing: Any = client.get(f"{API}/files/{'0' * 32}/content", headers=looker)
    for href, who in (
        (proof["href"], looker),
        (passport["href"], looker),
        (photo["href"], nobody),
        (proof["href"], {}),
    ):
        refused: Any = client.get(href, headers=who)
        assert refused.status_code == (404 if who else 401)
        if who:
            assert {**refused.json, "request_id": ""} == {**missing.json, "request_id": ""}


def test_a_replaced_file_is_removed_a_week_later(
    formed: Services, client: FlaskClient, admin: Headers, clock: Clock
) -> None:
    first, second = upload(client, admin, picture()).json, upload(client, admin, picture()).json
    made = entry(client, admin, photo=first["id"]).json
    address = f"{API}/forms/damage/entries/{made['id']}"
    body = {"data": {"what": "杯子", "photo": second["id"]}, "version": 1}
    assert client.put(address, json=body, headers=admin).status_code == 200
    scheduling.sweep(formed)
    assert rows(formed) == 2
    clock.forward(days=8)
    scheduling.sweep(formed)
    assert client.get(first["href"], headers=admin).status_code == 404
    assert client.get(second["href"], headers=admin).status_code == 200
    assert (rows(formed), len(stored(formed))) == (1, 2)


def test_half_uploads_and_files_without_a_row_are_swept(
    formed: Services, client: FlaskClient, admin: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise OSError("the power failed")

    with monkeypatch.context() as patched:
        patched.setattr("ordain.store.files.add", die)
        with pytest.raises(OSError, match="power"):
            uploading.take(formed, "a.jpg", picture(), "image", ORIGIN)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", die)
        with pytest.raises(OSError, match="power"):
            uploading.take(formed, "a.jpg", picture(), "image", ORIGIN)
    kept = upload(client, admin, picture()).json
    assert len(stored(formed)) > 2
    scheduling.sweep(formed)
    assert len(stored(formed)) > 2  # one may just be on its way
    for path in stored(formed):
        os.utime(path, (time.time() - 7_200,) * 2)
    scheduling.sweep(formed)
    assert [path.name.removesuffix(".small") for path in stored(formed)] == [kept["id"]] * 2
    assert client.get(kept["href"], headers=admin).status_code == 200


def test_nobody_fills_the_disk_with_files_that_belong_nowhere(
    client: FlaskClient, admin: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "MOST_LOOSE", 3)
    codes = [upload(client, admin, b"%PDF-1.7", "proof").status_code for _ in range(5)]
    assert codes == [201, 201, 201, 422, 422]


def test_files_open_after_the_data_key_was_changed(keyed: Services) -> None:
    made = uploading.take(keyed, "a.jpg", picture(), "image", ORIGIN)
    before = uploading.content(keyed, made)
    rotating.rotate(keyed, ORIGIN)
    keyed.vault.look()
    found = uploading.readable(keyed, ORIGIN.actor, made.id)
    assert found is not None
    assert (found.name, uploading.content(keyed, found)) == ("a.jpg", before)


def test_orders_hold_no_files(founded: Services) -> None:
    document = {
        **DAMAGE, "key": "order",
        "spec": {"record": "order", "extends": "built-in", "fields": {"photo": DAMAGE["spec"]["fields"]["photo"]}},
    }  # fmt: skip
    with pytest.raises(Refused) as caught:
        publishing.publish(founded, [document], "", ORIGIN)
    assert any(found.code == "no_files" for found in caught.value.problems)


@pytest.fixture
def browser(formed: Services, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    made = signed_in()
    made.set_cookie("language", "en")
    return made


def test_a_file_is_chosen_in_the_form_and_shown_on_page_paper_and_list(app: Flask, browser: FlaskClient) -> None:
    page = browser.get("/records/damage/new").text
    assert 'data-files="/records/damage/files"' in page
    send = {"X-CSRF-Token": csrf_of(page), "Accept": "application/json"}
    assert browser.post("/records/damage/files/photo?name=a.jpg", data=picture()).status_code == 403
    refused = browser.post("/records/damage/files/photo?name=a.svg", data=HTML, headers=send)
    assert refused.status_code == 422
    assert "picture" in refused.get_json()["problems"][0]["message"]
    kept = browser.post("/records/damage/files/photo?name=%E6%9D%AF.jpg", data=picture(), headers=send).get_json()
    fields = dict(Fields(page).pairs)
    draft = browser.post("/records/damage/new", data={**fields, "what": "Cup", "photo": kept["value"]})
    assert kept["small"] in draft.text
    assert 'value="Cup"' in draft.text
    saved = browser.post("/records/damage/new", data={**fields, "what": "Cup", "photo": kept["value"], "save": "1"})
    assert saved.status_code in (204, 302, 303)
    listed = browser.get("/records/damage?cols=photo").text
    assert "杯.jpg" in listed
    assert kept["value"].split()[0] not in listed
    address = saved.headers.get("Location") or saved.headers["HX-Redirect"]
    for shown in (browser.get(address).text, browser.get(address.partition("?")[0] + "/print").text):
        assert kept["small"] in shown
        assert "杯.jpg" in shown
    small = browser.get(kept["small"])
    assert small.mimetype == "image/jpeg"
    assert small.headers["Content-Security-Policy"].startswith("sandbox")
    assert browser.get(kept["href"]).headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E6%9D%AF.jpg"
    assert app.test_client().get(kept["href"]).status_code == 302
