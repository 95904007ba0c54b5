"""The simulation as a chart: what the source names beside what was measured here, and the promise as a line."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ordain.base.text import Text
from ordain.engines.rush import Rush
from ordain.store.simulations import Simulation
from ordain.web.pages.proof.context import Bar, Chart, Grid, RunLine, RunView
from ordain.web.pages.texts import _
from ordain.web.show import Show

_WIDTH: Final = 600
_HEIGHT: Final = 300
_TOP: Final = 28
_FLOOR: Final = 262
_LEFT: Final = 44
_BAR: Final = 36
_PROMISE: Final = 0.001
_OURS: Final = "ordain"


def run_view(found: Simulation, show: Show) -> RunView:
    """Return a run as the page shows it."""
    rush = Rush.of(found.rush)
    return RunView(
        _(
            "%(buyers)s buyers for %(stock)s pieces, %(at_once)s at once, %(instances)s instances, "
            "payment after %(delay)s s, cache %(lag)s s old, seed %(seed)s",
            buyers=show.number(rush.buyers),
            stock=show.number(rush.stock),
            at_once=rush.at_once,
            instances=rush.instances,
            delay=f"{rush.payment_delay:g}",
            lag=f"{rush.cache_lag:g}",
            seed=rush.seed,
        ),
        show.ago(found.at),
        show.exact(found.at),
        _chart(found.outcomes, show),
        [_line(outcome, show) for outcome in found.outcomes],
    )


def _chart(outcomes: Sequence[Mapping[str, Any]], show: Show) -> Chart:
    rates = [float(one["rate"]) for one in outcomes] + [float(one["source_rate"] or 0) for one in outcomes]
    step = next(step for step in (0.02, 0.05, 0.1, 0.2, 0.5) if max(rates) <= step * 7 or step == 0.5)
    top = step * max(1, -(-max(rates) // step))

    def up(rate: float) -> float:
        return round((_FLOOR - _TOP) * rate / top, 1)

    across = (_WIDTH - _LEFT) / len(outcomes)
    bars = [
        Bar(
            show.text(Text.of(one["title"])),
            round(_LEFT + across * (place + 0.5), 1),
            up(float(one["source_rate"] or 0)),
            _percent(float(one["source_rate"])) if one["source_rate"] is not None else "",
            up(float(one["rate"])),
            _percent(float(one["rate"])),
            one["key"] == _OURS,
        )
        for place, one in enumerate(outcomes)
    ]
    grid = [Grid(round(_FLOOR - up(step * n), 1), _percent(step * n)) for n in range(round(top / step) + 1)]
    said = _(", ").join(_("%(name)s %(rate)s", name=bar.title, rate=bar.text) for bar in bars)
    sentence = _("Oversell rates: %(list)s", list=said)
    return Chart(_WIDTH, _HEIGHT, _FLOOR, _BAR, grid, bars, round(_FLOOR - up(_PROMISE), 1), sentence)


def _line(outcome: Mapping[str, Any], show: Show) -> RunLine:
    source = outcome["source_rate"]
    return RunLine(
        show.text(Text.of(outcome["title"])),
        show.number(outcome["sold"]),
        show.number(outcome["oversold"]),
        _percent(float(outcome["rate"])),
        "—" if source is None else _percent(float(source)),
        f"{show.number(round(float(outcome['p95_ms'])))} ms",
        outcome["key"] == _OURS,
    )


def _percent(rate: float) -> str:
    return f"{rate * 100:.1f}".removesuffix(".0") + "%"
