from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from ordain.web.pages.orders.asked import VIEWS, Asked, read, view_query

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # the 23rd at one in the night, in Shanghai


def parsed(address: str) -> Asked:
    return read(MultiDict(parse_qsl(urlsplit(address).query)))


def test_an_address_written_is_read_back_the_same() -> None:
    asked = Asked(
        view="month", q="林 & 50%", channels=("jd-store", "own-site"), states=("paid",), priorities=("vip",),
        regions=("east",), held="no", placed_from="2026-11-01", placed_to="2026-11-22", total_from="50",
        total_to="99.90", sort="total",
    )  # fmt: skip
    assert parsed(asked.href("/orders")) == asked


def test_the_plain_list_has_a_plain_address() -> None:
    assert Asked().href("/orders") == "/orders"


@given(st.dictionaries(st.sampled_from(["view", "state", "held", "placed_from", "total_from", "sort", "q"]), st.text()))
def test_nonsense_in_the_address_is_left_out(args: dict[str, str]) -> None:
    asked = read(MultiDict(args))
    asked.query(ZONE, NOW)
    assert asked.view in VIEWS
    assert set(asked.states) <= {"unpaid", "paid", "picking", "shipped", "completed", "cancelled"}


def test_today_begins_at_midnight_of_the_business() -> None:
    assert view_query("today", ZONE, NOW).placed_from == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


def test_a_day_up_to_which_is_taken_whole() -> None:
    query = Asked(view="all", placed_from="2026-11-22", placed_to="2026-11-22").query(ZONE, NOW)
    assert query.placed_from == datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    assert query.placed_to == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


def test_filters_narrow_a_view_and_never_widen_it() -> None:
    assert Asked(view="todo", states=("paid", "shipped")).query(ZONE, NOW).states == ("paid",)
    nothing = Asked(view="todo", states=("shipped",)).query(ZONE, NOW).states
    assert nothing
    assert "shipped" not in nothing
    later = Asked(view="today", placed_from="2026-01-01").query(ZONE, NOW)
    assert later.placed_from == view_query("today", ZONE, NOW).placed_from


def test_amounts_are_looked_for_in_minor_units() -> None:
    query = Asked(view="all", total_from="50", total_to="99.9").query(ZONE, NOW)
    assert (query.total_from, query.total_to) == (5000, 9990)
