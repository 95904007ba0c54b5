from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ordain.base.errors import Refused
from ordain.language.template import compile_template

MOMENT = datetime(2026, 11, 20, 2, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Order {order.number}", "Order SO-1"),
        ("{at|time:%Y-%m-%d %H:%M:%S}", "2026-11-20 10:00:05"),
        ("{at|epoch}/{at|epoch_ms}/{at|iso}", "1795140005/1795140005000/2026-11-20T02:00:05Z"),
        ("{missing|default:none}-{missing}", "none-"),
        ("{{literal}}", "{literal}"),
        ("{name|upper}{name|tail:2}", "ANNAna"),
        ("{order|json}", '{"number":"SO-1"}'),
        ("{path|url}", "a%2Fb%20c"),
    ],
)
def test_fields_are_filled_in(text: str, result: str) -> None:
    values = {"order": {"number": "SO-1"}, "at": MOMENT, "name": "anna", "path": "a/b c"}
    assert compile_template(text).render(values, ZoneInfo("Asia/Shanghai")) == result


def test_a_lone_field_keeps_its_type() -> None:
    assert compile_template("{page}").value({"page": 3}) == 3


@pytest.mark.parametrize("text", ["{a|nothing}", "{a b}", "{a.__class__()}", "{0 + 1}"])
def test_what_is_no_field_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        compile_template(text)
