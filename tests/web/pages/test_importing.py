"""The import wizard in the browser: upload, mapping, preview, mending, import, result; nobody else's, nothing lost."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from ordain.flows import publishing
from ordain.flows.services import Services
from tests.factories import ORIGIN
from tests.flows.importing.conftest import SUPPLIER
from tests.web.conftest import csrf_of

TEXT = "编码,名称,等级\nS1,禾木,甲级\nS2,青禾,丙级\nS3,白榆,丙级\n"


@pytest.fixture
def formed(founded: Services) -> Services:
    publishing.publish(founded, [SUPPLIER], "", ORIGIN)
    return founded


def post(browser: FlaskClient, place: str, **data: Any) -> Any:
    token = csrf_of(browser.get("/imports").text)
    return browser.post(place, data={"csrf_token": token, **data}, headers={"Accept": "text/html"})


def upload(browser: FlaskClient, text: str | bytes, name: str = "suppliers.csv", into: str = "record:supplier") -> Any:
    data = text.encode("gbk") if isinstance(text, str) else text
    return post(browser, "/imports", into=into, file=(io.BytesIO(data), name))


def looked_at(browser: FlaskClient) -> str:
    place = upload(browser, TEXT).location
    page = browser.get(place).text
    assert "Look at 3 rows" in page
    plan = {"to-0": "code", "to-1": "name", "to-2": "level", "match": "code"}
    assert post(browser, f"{place}/plan", **plan).status_code == 303
    return str(place)


def test_a_file_is_uploaded_mapped_mended_and_imported(admin: FlaskClient, formed: Services) -> None:
    place = looked_at(admin)
    page = admin.get(place).text
    assert "丙级" in page
    assert "none of: Grade A, Grade B" in page
    assert "2 rows with problems stay out" in page
    answer = post(admin, f"{place}/cell", row="3", column="2", value="Grade B")
    assert answer.status_code == 303
    assert post(admin, f"{place}/cell", row="4", column="2", value="乙级").status_code == 303
    assert "Import 3 rows" in admin.get(place).text
    assert post(admin, f"{place}/confirm").status_code == 303
    page = admin.get(place).text
    assert "suppliers-result.xlsx" in page
    assert "青禾" in admin.get("/records/supplier").text
    assert "suppliers.csv" in admin.get("/imports").text


def test_one_mend_serves_all_with_the_same_problem(admin: FlaskClient, formed: Services) -> None:
    place = looked_at(admin)
    page = admin.get(place).text
    mark = page.split('name="mark" value="')[1].split('"')[0]
    answer = post(admin, f"{place}/fix", column="2", code="not_an_option", mark=mark, value="甲级")
    assert answer.status_code == 303
    assert "Import 3 rows" in admin.get(place).text


def test_a_part_is_answered_where_a_part_is_asked_for(admin: FlaskClient, formed: Services) -> None:
    place = looked_at(admin)
    token = csrf_of(admin.get("/imports").text)
    headers = {"HX-Request": "true", "HX-Target": "div#import"}
    data = {"csrf_token": token, "row": "3", "column": "2", "value": "B"}
    answer = admin.post(f"{place}/cell", data=data, headers=headers)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="import"')


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"%PDF-1.4 ...", "This is a PDF file"), (b"PK\x03\x04broken", "cannot be read"), (b" \n ", "The file is empty")],
)
def test_what_cannot_be_read_says_so_and_the_way_on(
    admin: FlaskClient, formed: Services, data: bytes, sentence: str
) -> None:
    place = upload(admin, data).location
    page = admin.get(place).text
    assert sentence in page
    assert "could not be read" in page


def test_a_form_without_a_file_is_refused_with_a_sentence(admin: FlaskClient, formed: Services) -> None:
    answer = post(admin, "/imports", into="record:supplier")
    assert answer.status_code == 422
    assert "Choose a file that holds something" in answer.text


def test_the_header_can_be_chosen_among_the_first_rows(admin: FlaskClient, formed: Services) -> None:
    place = upload(admin, "甲,乙,丙\n" + TEXT).location
    page = admin.get(f"{place}/layout").text
    assert 'name="header" value="2"' in page
    assert post(admin, f"{place}/layout", header="2", encoding="gb18030", delimiter=",").status_code == 303
    assert "header in row 2" in admin.get(place).text


def test_a_mapping_that_lacks_something_keeps_what_was_chosen(admin: FlaskClient, formed: Services) -> None:
    place = upload(admin, "A,B\n1,2\n").location
    answer = post(admin, f"{place}/plan", **{"to-0": "name"})
    assert answer.status_code == 422
    assert "the required “Code” is missing" in answer.text
    assert '<option value="name" selected>' in answer.text


def test_an_import_is_its_owners_alone_and_strangers_are_turned_away(
    admin: FlaskClient, formed: Services, signed_in: Callable[..., FlaskClient], client: FlaskClient
) -> None:
    place = looked_at(admin)
    other = signed_in("operations-lead")
    assert other.get(place).status_code == 404
    assert post(other, f"{place}/confirm").status_code == 404
    assert client.get(place).location.endswith("/login")


def test_who_may_import_nothing_is_offered_nothing(formed: Services, signed_in: Callable[..., FlaskClient]) -> None:
    viewer = signed_in("viewer")
    assert upload(viewer, TEXT).status_code == 422
    assert 'href="/imports"' not in viewer.get("/orders").text


def test_an_import_is_deleted_and_what_it_brought_stays(admin: FlaskClient, formed: Services) -> None:
    place = looked_at(admin)
    post(admin, f"{place}/confirm", only_good="1")
    assert post(admin, f"{place}/forget").status_code == 302
    assert admin.get(place).status_code == 404
    assert "禾木" in admin.get("/records/supplier").text
