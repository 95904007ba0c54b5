"""When calls to an outside system stop and begin again."""

from datetime import UTC, datetime, timedelta

from ordain.engines.breaker import Rules, Standing, after

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
RULES = Rules.of({"min_calls": 4, "failure_rate": 0.5, "slow_seconds": 3, "slow_rate": 0.5, "open_seconds": 30})


def calls(*went: str, start: Standing | None = None, every: float = 1) -> Standing:
    standing = start or Standing()
    for place, how in enumerate(went):
        now = NOW + timedelta(seconds=place * every)
        standing = after(standing, RULES, now, failed=how == "failed", slow=how == "slow", shut_out=how == "shut out")
    return standing


def test_half_the_calls_failing_opens_it_and_fewer_than_the_least_do_not() -> None:
    assert calls("failed", "failed", "failed").state == "closed"
    opened = calls("failed", "fine", "fine", "failed")
    assert opened.state == "open"
    assert not opened.admits(NOW + timedelta(seconds=32))
    assert opened.admits(NOW + timedelta(seconds=33))


def test_slow_answers_open_it_too() -> None:
    assert calls("slow", "slow", "fine", "fine").state == "open"
    assert calls("slow", "fine", "fine", "fine").state == "closed"


def test_failures_of_a_window_that_passed_are_forgotten() -> None:
    assert calls("failed", "failed", "failed", "failed", every=70).state == "closed"


def test_a_probe_closes_it_or_opens_it_again() -> None:
    opened = calls("failed", "failed", "failed", "failed")
    later = NOW + timedelta(seconds=60)
    half = Standing("half-open", later, opened.since)
    assert after(half, RULES, later, failed=False, slow=False, shut_out=False).state == "closed"
    again = after(half, RULES, later, failed=True, slow=False, shut_out=False)
    assert (again.state, again.open_until) == ("open", later + timedelta(seconds=30))


def test_not_being_let_in_opens_it_at_once_for_a_minute() -> None:
    opened = calls("shut out")
    assert (opened.state, opened.open_until) == ("open", NOW + timedelta(seconds=60))
