from ordain.web.rates import Tally


def test_a_caller_over_the_limit_is_turned_away_until_the_next_minute_and_others_are_not() -> None:
    now = [0.0]
    tally = Tally(2, lambda: now[0])
    assert [tally.admits("a") for _ in range(3)] == [True, True, False]
    assert tally.admits("b")
    now[0] = 60.0
    assert tally.admits("a")
