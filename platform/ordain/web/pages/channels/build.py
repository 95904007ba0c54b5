"""The pages of channels, put together from what is measured and what is judged."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from flask import url_for

from ordain.store import channels as store
from ordain.store.channels import Run as StoredRun
from ordain.store.definitions import Version
from ordain.web.here import services
from ordain.web.pages.channels import judging
from ordain.web.pages.channels.buffers import stock_facts
from ordain.web.pages.channels.context import Bar, ChannelPage, ChannelRow, ChannelsPage, Figure, Run
from ordain.web.pages.channels.health import DAY, House, Measured, measure
from ordain.web.pages.channels.judging import Channel
from ordain.web.pages.lists import ChannelName, Fault, State
from ordain.web.pages.reader import given
from ordain.web.pages.texts import _, many
from ordain.web.pages.words import channel_names, fate_word, source_word
from ordain.web.show import NOTHING, Show

CHART: Final = 24
_RUNS: Final = 100


def all_channels(conn: sa.Connection, show: Show) -> ChannelsPage:
    """Return all channels at a glance."""
    versions = services().live.at(conn).all("channel")
    house = measure(conn, [version.key for version in versions], show.now)
    rows = _rows(conn, versions, house, show)
    fresh = sum(row.state.tone == "done" for row in rows)
    return ChannelsPage(
        summary=many("%(num)s channel, %(fresh)s fresh", "%(num)s channels, %(fresh)s fresh", len(rows), fresh=fresh),
        figures=_figures(house, rows, show),
        rows=rows,
        refresh=url_for("channels.index"),
        may_act=given("channel").may("operate"),
    )


def one_channel(conn: sa.Connection, version: Version, show: Show, *, errors_only: bool) -> ChannelPage:
    """Return one channel with its latest runs, or only those that failed."""
    house = measure(conn, [version.key], show.now)
    (row,) = _rows(conn, [version], house, show)
    runs = [_run(place, run, show) for place, run in enumerate(store.runs(conn, version.key, limit=_RUNS))]
    here = url_for("channels.one", key=version.key)
    errors_href = url_for("channels.one", key=version.key, show="errors")
    failed = [run for run in runs if run.problem]
    measured = house.channels[version.key]
    return ChannelPage(
        row=row,
        figures=[
            Figure(_("Placed to hub, median"), *_split(row.median)),
            Figure("p95", *_split(row.p95)),
            Figure(_("Last 24 hours"), show.number(measured.day), _("orders")),
            Figure(_("Last order"), row.last_order),
        ],
        facts=_facts(conn, version, row, show),
        runs=failed if errors_only else runs,
        errors_only=errors_only,
        all_href=here,
        errors_href=errors_href,
        errors=show.number(len(failed)),
        orders_href=url_for("orders.index", view="all", channel=version.key),
        definition_href=url_for("definitions.one", kind="channel", key=version.key),
        refresh=errors_href if errors_only else here,
        may_act=given("channel").may("operate"),
    )


def _rows(conn: sa.Connection, versions: Sequence[Version], house: House, show: Show) -> list[ChannelRow]:
    states, errors = store.states(conn), store.errors_since(conn, show.now - DAY)
    names = channel_names(conn, show)
    rows = []
    for version in versions:
        measured = house.channels[version.key]
        state = states.get(version.key, store.ChannelState(version.key))
        channel = Channel(version, state, measured, show)
        failed, total = errors.get(version.key, (0, 0))
        rows.append(_row(channel, names[version.key], f"{show.number(failed)} / {show.number(total)}", show))
    return rows


def _row(channel: Channel, name: ChannelName, errors: str, show: Show) -> ChannelRow:
    key, measured = channel.version.key, channel.measured
    state, cause = judging.judge(channel)
    breaker, breaker_look = judging.breaker(channel)
    stopped = state.tone == "act"
    may_poll = channel.asks and not channel.paused
    return ChannelRow(
        channel=name,
        href=url_for("channels.one", key=key),
        intake=judging.intake(channel.spec, show),
        state=state,
        minutes=bars(measured, stopped=stopped),
        minutes_text=many(
            "%(num)s order in the last 60 minutes", "%(num)s orders in the last 60 minutes", sum(measured.minutes)
        ),
        last_order=show.ago(measured.last_order),
        last_tone="act" if stopped else "",
        median=show.latency(measured.median),
        p95=show.latency(measured.p95),
        backlog=show.number(measured.unread),
        backlog_tone="look" if measured.unread else "",
        errors=errors,
        breaker=breaker,
        breaker_tone=breaker_look,
        cause=cause,
        stopped=stopped,
        paused=channel.paused,
        poll=url_for("channels.poll", key=key) if may_poll else "",
        pause="" if channel.paused else url_for("channels.pause", key=key),
        resume=url_for("channels.resume", key=key) if channel.paused else "",
    )


def bars(measured: Measured, *, stopped: bool) -> list[Bar]:
    """Return the chart of the last 60 minutes; minutes without orders are dots, red ones where collecting failed."""
    top = max(*measured.minutes, 1)
    last = max((place for place, count in enumerate(measured.minutes) if count), default=-1)
    found = []
    for place, count in enumerate(measured.minutes):
        height = max(round(count / top * (CHART - 2)), 3) if count else 2
        kind = "" if count else "failed" if stopped and place > last else "none"
        found.append(Bar(place * 4, CHART - height, height, kind))
    return found


def _figures(house: House, rows: Sequence[ChannelRow], show: Show) -> list[Figure]:
    failing = sum(row.state.tone in ("act", "look") for row in rows)
    return [
        Figure(_("Received to hub, p95"), *_split(show.latency(house.received))),
        Figure(_("Placed to hub, median"), *_split(show.latency(house.placed))),
        Figure(_("Last 24 hours"), show.number(house.day), _("orders")),
        Figure(_("Waiting to be read"), show.number(sum(c.unread for c in house.channels.values())), _("messages")),
        Figure(_("In trouble"), show.number(failing), _("channels")),
    ]


def _facts(conn: sa.Connection, version: Version, row: ChannelRow, show: Show) -> list[tuple[str, str, str]]:
    state, spec = store.state(conn, version.key), version.document["spec"]
    return [
        (_("Last tried"), show.ago(state.last_try), ""),
        (_("Last success"), show.ago(state.last_success), ""),
        (_("Next run"), _due(state.next_due, show), ""),
        (_("Asked up to"), show.clock(state.cursor), ""),
        (_("Failed in a row"), show.number(state.failed), "act" if state.failed else ""),
        (_("Breaker"), row.breaker, row.breaker_tone),
        (_("Backlog"), row.backlog, row.backlog_tone),
        (_("Errors / 24 h"), row.errors, ""),
        (_("Field mapping"), str(spec.get("mapping", NOTHING)), ""),
        (_("Connection"), str(spec.get("connection", NOTHING)), ""),
        (_("Version"), _("version %(n)s", n=version.number), ""),
        *stock_facts(conn, version, show),
    ]


def _run(place: int, run: StoredRun, show: Show) -> Run:
    failed = bool(run.cause or run.error)
    counts = [f"{fate_word(fate)} {show.number(count)}" for fate, count in run.counts.items() if count]
    pages = many("%(num)s page", "%(num)s pages", run.pages) if run.pages else ""
    return Run(
        id=str(place),
        at=show.clock(run.started_at),
        exact=show.exact(run.started_at),
        how=source_word(run.kind),
        state=State("act", _("Failed")) if failed else State("done", _("Done")),
        took=show.latency((run.finished_at - run.started_at).total_seconds()),
        records=show.number(run.records),
        outcome=" · ".join(part for part in (*counts, pages) if part) or NOTHING,
        problem=Fault("", run.cause, run.error or run.cause) if failed else None,
    )


def _due(moment: datetime | None, show: Show) -> str:
    if moment is None:
        return NOTHING
    seconds = (moment - show.now).total_seconds()
    return _("in %(time)s", time=show.span(seconds)) if seconds > 0 else show.ago(moment)


def _split(text: str) -> tuple[str, str]:
    """Return the number and its unit apart, for big figures."""
    value, _gap, unit = text.partition(" ")
    return value, unit
