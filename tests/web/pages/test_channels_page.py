from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from ordain.flows.scheduling import rounds
from ordain.flows.services import Services
from ordain.store import channels, pushes, schedule
from ordain.store.channels import Run
from ordain.store.orders.find import OrderSummary
from ordain.store.pushes import Due, Telling
from ordain.store.tables.work import ScheduleRow
from ordain.web.pages.channels.build import CHART, bars
from ordain.web.pages.channels.health import Measured
from tests.conftest import Clock

Bring = Callable[..., OrderSummary]


def token_of(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"', maxsplit=1)[0]


def row_of(page: str, key: str) -> str:
    start = page.index(f'id="channel-{key}"')
    end = page.find('<tr id="channel-', start + 10)
    return page[start : end if end > 0 else None]


def put(services: Services, key: str, **values: object) -> None:
    with services.db.write() as conn:
        channels.put_state(conn, key, **values)


def test_all_live_channels_are_shown(admin: FlaskClient) -> None:
    page = admin.get("/admin/channels").text
    assert page.count('<tr id="channel-') == 8
    assert "8 channels" in page


def test_a_channel_with_orders_is_healthy_and_says_how_fast(admin: FlaskClient, bring: Bring) -> None:
    bring()
    row = row_of(admin.get("/admin/channels").text, "own-site")
    assert "Healthy" in row
    assert "1 order in the last 60 minutes" in row


@pytest.mark.parametrize(
    ("cause", "word", "tone"),
    [
        ("authentication", "Cannot authenticate", "act"),
        ("reach", "Cannot reach", "act"),
        ("limit", "Rate limited", "look"),
        ("answer", "Answers badly", "look"),
    ],
)
def test_silence_names_its_cause_and_offers_a_step(
    admin: FlaskClient, founded: Services, clock: Clock, cause: str, word: str, tone: str
) -> None:
    put(founded, "jd-store", cause=cause, error="<b>said no</b>", failed=3, last_try=clock.now)
    row = row_of(admin.get("/admin/channels").text, "jd-store")
    assert f"state-{tone}" in row
    assert word in row
    assert "Poll now" in row
    assert "<b>said no</b>" not in row


def test_a_collector_that_does_not_run_is_told_from_a_quiet_channel(
    admin: FlaskClient, founded: Services, clock: Clock
) -> None:
    put(founded, "jd-store", last_try=clock.now - timedelta(hours=1), next_due=clock.now - timedelta(minutes=20))
    put(founded, "taobao-flagship", last_try=clock.now, next_due=clock.now + timedelta(minutes=5))
    page = admin.get("/admin/channels").text
    assert "Collector late" in row_of(page, "jd-store")
    assert "Quiet" in row_of(page, "taobao-flagship")
    assert "Not asked yet" in row_of(page, "pinduoduo-shop")


def test_pausing_publishes_a_version_and_resuming_another(admin: FlaskClient, founded: Services) -> None:
    token = token_of(admin.get("/admin/channels").text)
    admin.post("/admin/channels/jd-store/pause", data={"csrf_token": token})
    row = row_of(admin.get("/admin/channels").text, "jd-store")
    assert "Paused" in row
    assert "admin-1 paused it" in row
    assert "Poll now" not in row
    admin.post("/admin/channels/jd-store/resume", data={"csrf_token": token})
    with founded.db.read() as conn:
        live = founded.live.at(conn).get("channel", "jd-store")
    assert live is not None
    assert live.number == 3
    assert "paused" not in live.document["spec"]


def test_poll_now_makes_the_next_turn_due(admin: FlaskClient, founded: Services, clock: Clock) -> None:
    with founded.db.write() as conn:
        live = founded.live.at(conn).get("channel", "jd-store")
        assert live is not None
        schedule.put(conn, rounds([("jd-store", live.document["spec"])]))
        schedule.next_due(conn, "poll:jd-store", clock.now + timedelta(hours=1))
    token = token_of(admin.get("/admin/channels/jd-store").text)
    answer = admin.post("/admin/channels/jd-store/poll", data={"csrf_token": token, "back": "one"})
    assert answer.location == "/admin/channels/jd-store"
    with founded.db.read() as conn:
        due = conn.scalar(
            ScheduleRow.__table__.select().with_only_columns(ScheduleRow.due_at).filter_by(key="poll:jd-store")
        )
    assert due == clock.now


def test_a_channels_page_tells_its_runs_and_its_errors_apart(
    admin: FlaskClient, founded: Services, clock: Clock
) -> None:
    later = clock.now + timedelta(seconds=2)
    with founded.db.write() as conn:
        channels.add_run(conn, Run("jd-store", "poll", clock.now, later, 2, 30, {"applied": 28, "held": 2, "new": 30}))
        channels.add_run(conn, Run("jd-store", "poll", clock.now, later, 0, 0, {}, "reach", "timed out"))
    page = admin.get("/admin/channels/jd-store").text
    assert "applied 28 · held 2 · new 30 · 2 pages" in page
    assert "timed out" in page
    only = admin.get("/admin/channels/jd-store?show=errors").text
    assert "timed out" in only
    assert "applied 28" not in only


def test_what_is_held_back_stands_with_its_price_and_its_reason(
    admin: FlaskClient, founded: Services, clock: Clock
) -> None:
    page = admin.get("/admin/channels/taobao-flagship").text
    assert "30 s, not yet measured" in page
    since = clock.now - timedelta(seconds=8)
    with founded.db.write() as conn:
        for sku, held_back, per_day in (("HY-NTB-08", 5, 14_000), ("HY-SOC-04-3P", 2, 900), ("HY-TEA-01", 0, 0)):
            item = Due(sku, sku, 20, 1, since, None)
            pushes.taken(conn, "taobao-flagship", item, Telling(20, held_back, per_day, measured=True), clock.now)
        pushes.put_feed(conn, "taobao-flagship", last_success=clock.now)
    page = admin.get("/admin/channels/taobao-flagship").text
    assert "8 s" in page
    assert "not yet measured" not in page
    assert "7 units over 3 SKUs" in page
    assert "HY-NTB-08: 5 (14,000 sold a day) · HY-SOC-04-3P: 2 (900 sold a day)" in page
    assert "oversold in under 0.1%" in page


def test_a_channel_that_hears_no_stock_says_nothing_of_it(admin: FlaskClient, founded: Services) -> None:
    with founded.db.read() as conn:
        silent = next(
            version.key for version in founded.live.at(conn).all("channel") if "stock" not in version.document["spec"]
        )
    assert "Channel buffer" not in admin.get(f"/admin/channels/{silent}").text


def test_a_channel_nobody_published_is_not_there(admin: FlaskClient) -> None:
    assert admin.get("/admin/channels/nowhere").status_code == 404
    token = token_of(admin.get("/admin/channels").text)
    assert admin.post("/admin/channels/nowhere/poll", data={"csrf_token": token}).status_code == 404


def test_those_who_may_only_look_get_no_buttons(signed_in: Callable[..., FlaskClient]) -> None:
    assert signed_in("finance").get("/admin/channels").status_code == 404


def test_bars_fill_the_chart_and_mark_what_failed() -> None:
    minutes = (0,) * 30 + (4, 2) + (0,) * 28
    drawn = bars(Measured(6, minutes), stopped=True)
    assert [bar.height for bar in drawn[30:32]] == [CHART - 2, (CHART - 2) // 2]
    assert all(bar.y + bar.height == CHART for bar in drawn)
    assert {bar.kind for bar in drawn[:30]} == {"none"}
    assert {bar.kind for bar in drawn[32:]} == {"failed"}
