"""Imports by programs: the same wizard, the same refusals."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from python_calamine import load_workbook

from ordain.flows import publishing
from ordain.flows.services import Services
from tests.factories import ORIGIN
from tests.flows.importing.conftest import SUPPLIER

TEXT = "编码,名称,等级\nS1,禾木,甲级\nS2,青禾,丙级\n".encode()
PLACE = "/api/v1/imports"


@pytest.fixture
def formed(founded: Services) -> Services:
    publishing.publish(founded, [SUPPLIER], "", ORIGIN)
    return founded


def test_a_program_brings_a_file_all_the_way(
    client: Any, formed: Services, token: Callable[..., dict[str, str]]
) -> None:
    headers = token()
    made = client.post(f"{PLACE}?name=s.csv&into=record:supplier", data=TEXT, headers=headers)
    assert made.status_code == 201
    place = f"{PLACE}/{made.json['id']}"
    assert made.json["plan"]["columns"] == {"编码": "code", "名称": "name", "等级": "level"}
    looked = client.put(f"{place}/plan", json={"into": "record:supplier", "match": ["code"]}, headers=headers)
    assert (looked.json["state"], looked.json["counts"]) == ("ready", {"new": 1, "bad": 1})
    bad = client.get(f"{place}/rows?fate=bad", headers={**headers, "Accept-Language": "en"}).json
    assert bad["items"][0]["problems"][0]["path"] == "等级"
    refused = client.post(f"{place}/confirm", headers=headers)
    assert (refused.status_code, refused.json["problems"][0]["code"]) == (422, "rows_with_problems")
    mended = client.put(f"{place}/rows/3", json={"cells": {"等级": "b"}}, headers=headers)
    assert mended.json["counts"] == {"new": 2}
    done = client.post(f"{place}/confirm", headers=headers)
    assert (done.status_code, done.json["state"]) == (202, "done")
    sheet = load_workbook(io.BytesIO(client.get(f"{place}/result", headers=headers).data)).get_sheet_by_index(0)
    assert [row[1] for row in sheet.to_python()[1:]] == ["新增 / new"] * 2
    again = client.post(
        f"{PLACE}?into=record:supplier", data=TEXT.replace("丙".encode(), "乙".encode()), headers=headers
    )
    looked = client.put(f"{PLACE}/{again.json['id']}/plan", json={"into": "record:supplier"}, headers=headers)
    assert looked.json["counts"] == {"unchanged": 2}


def test_columns_that_are_not_there_and_steps_out_of_turn_are_refused(
    client: Any, formed: Services, token: Callable[..., dict[str, str]]
) -> None:
    headers = token()
    made = client.post(f"{PLACE}?into=record:supplier", data=TEXT, headers=headers)
    place = f"{PLACE}/{made.json['id']}"
    answer = client.put(f"{place}/plan", json={"into": "record:supplier", "columns": {"X": "code"}}, headers=headers)
    assert answer.json["problems"][0]["code"] == "unknown_column"
    assert client.post(f"{place}/confirm", headers=headers).json["problems"][0]["code"] == "not_now"
    assert client.get(f"{place}/result", headers=headers).status_code == 404


def test_strangers_and_others_find_nothing(client: Any, formed: Services, token: Callable[..., dict[str, str]]) -> None:
    made = client.post(f"{PLACE}?into=record:supplier", data=TEXT, headers=token())
    place = f"{PLACE}/{made.json['id']}"
    assert client.get(place).status_code == 401
    assert client.get(place, headers=token("operations-lead")).status_code == 404
    refused = client.post(PLACE, data=TEXT, headers=token("viewer"))
    assert refused.json["problems"][0]["code"] == "no_target"


def test_a_file_over_the_limit_is_refused_before_it_is_read(
    client: Any, formed: Services, token: Callable[..., dict[str, str]]
) -> None:
    answer = client.post(PLACE, data=bytes(26_000_000), headers=token())
    assert answer.status_code == 413
