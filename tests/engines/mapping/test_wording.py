"""Every transform has its words, and a chip's settings make the same step again."""

from pathlib import Path
from typing import Any

import pytest

from ordain.base import json
from ordain.engines.mapping.transforms import _TABLE
from ordain.engines.mapping.wording import TITLES, WORDINGS, first_step, name_of, said, settings_of, step_of
from ordain.records.fields import LINES, RECORDS

STARTERS = sorted((Path(__file__).parents[3] / "definitions" / "starter" / "mapping").glob("*.json"))


def steps(value: Any) -> list[Any]:
    found = []
    if isinstance(value, dict):
        found += value.get("via", [])
        found += [step for inner in value.values() for step in steps(inner)]
    return found


def test_every_transform_and_target_field_has_its_words() -> None:
    assert set(WORDINGS) == set(_TABLE)
    named = {name for kinds in (RECORDS, LINES) for fields in kinds.values() for name in fields}
    assert named <= set(TITLES)


@pytest.mark.parametrize("file", STARTERS, ids=lambda file: file.stem)
def test_the_settings_of_a_chip_make_the_same_step(file: Path) -> None:
    for step in steps(json.loads(file.read_bytes())["spec"]):
        assert step_of(name_of(step), settings_of(step)) == step
        assert said(step).zh


@pytest.mark.parametrize("name", WORDINGS)
def test_a_transform_that_is_added_makes_the_same_step(name: str) -> None:
    step = first_step(name)
    assert step_of(name, settings_of(step)) == step


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("trim", "去空格"),
        ({"money": "unit"}, "元 → 分"),
        ({"lookup": "states"}, "对照表 states"),
        ({"time": {"format": "%Y", "zone": "Asia/Shanghai"}}, "时间 Shanghai"),
        ({"time": "epoch_ms"}, "时间戳（毫秒）"),
        ({"default": 0}, "默认 0"),
        ({"nonsense": 1}, "{'nonsense': 1}"),
    ],
)
def test_chips_say_what_a_step_does(step: Any, words: str) -> None:
    assert said(step).zh == words


def test_what_is_no_transform_stays_as_it_is() -> None:
    assert step_of("nonsense", {}) == "nonsense"
    assert name_of(7) == ""
