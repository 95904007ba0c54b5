from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ordain.base.text import Language
from ordain.web.show import Show

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


def show(language: Language = "zh") -> Show:
    return Show(language, ZoneInfo("Asia/Shanghai"), NOW)


@pytest.mark.parametrize(
    ("amount", "currency", "zh", "en"),
    [
        (109800, "CNY", "¥1,098.00", "¥1,098.00"),
        (-10000, "CNY", "−¥100.00", "−¥100.00"),
        (16800, "USD", "US$168.00", "$168.00"),
        (500, "JPY", "JP¥500", "JP¥500"),
        (1234, "KWD", "KWD1.234", "KWD1.234"),
        (None, "CNY", "—", "—"),
    ],
)
def test_amounts_stand_in_their_unit_with_their_sign(amount: int | None, currency: str, zh: str, en: str) -> None:
    assert (show("zh").money(amount, currency), show("en").money(amount, currency)) == (zh, en)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (NOW, "14:30:00"),
        (datetime(2026, 11, 21, 16, 30, tzinfo=UTC), "00:30:00"),
        (datetime(2026, 11, 21, 15, 30, tzinfo=UTC), "yesterday 23:30"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "01-02 11:04"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "01-01 00:00"),
        (datetime(2025, 12, 31, 15, 0, tzinfo=UTC), "2025-12-31 23:00"),
        (None, "—"),
    ],
)
def test_times_are_as_short_as_they_are_clear_in_the_zone_of_the_business(moment: datetime | None, shown: str) -> None:
    assert show("en").clock(moment) == shown


def test_precise_times_keep_their_milliseconds() -> None:
    assert show().precise(NOW + timedelta(milliseconds=7)) == "14:30:00.007"
    assert show().precise(NOW - timedelta(days=3)) == "11-19 14:30:00.000"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [(0.2, "刚刚", "just now"), (41, "41秒前", "41 s ago"), (125, "2分前", "2 min ago"), (90000, "1天前", "1 d ago")],
)
def test_what_was_is_told_in_one_unit(seconds: float, zh: str, en: str) -> None:
    moment = NOW - timedelta(seconds=seconds)
    assert (show("zh").ago(moment), show("en").ago(moment)) == (zh, en)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (-5, "0:00"), (521, "8:41"), (3760, "1:02:40"), (200_000, "2 d")]
)
def test_ages_read_like_clocks(seconds: float, shown: str) -> None:
    assert show("en").age(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.038, "38 ms"), (0.9996, "1 s"), (1.31, "1.3 s"), (38, "38 s"), (126, "2.1 min"), (11520, "3.2 h"), (None, "—")],
)
def test_delays_take_the_unit_that_fits(seconds: float | None, shown: str) -> None:
    assert show().latency(seconds) == shown


def test_sizes_are_rounded() -> None:
    assert [show().size(count) for count in (812, 2_140, 1_400_000)] == ["812 B", "2.1 KB", "1.4 MB"]
