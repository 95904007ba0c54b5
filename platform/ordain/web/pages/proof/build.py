"""The stock proof put together: both equations, the SKUs asked for, the newest simulation."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import url_for

from ordain.base.errors import Problem
from ordain.base.text import Text
from ordain.engines.rush import Rush
from ordain.flows import working
from ordain.flows.booking import policies
from ordain.flows.simulating.work import KIND
from ordain.records.actor import User
from ordain.records.stock import MAIN, MovementKind, Pool
from ordain.store import simulations
from ordain.store.stock import levels, proof
from ordain.store.stock.proof import Standing, Totals
from ordain.web.here import services
from ordain.web.pages.lists import Pager
from ordain.web.pages.proof.chart import run_view
from ordain.web.pages.proof.context import ProofLine, ProofPage, Term, Wish
from ordain.web.pages.reader import given
from ordain.web.pages.texts import Word, _, later
from ordain.web.pages.work.build import view
from ordain.web.pages.work.context import WorkView
from ordain.web.policy import current_actor
from ordain.web.show import Show

PAGE: Final = 50
_MOVES: Final[Mapping[MovementKind, tuple[str, Word]]] = {
    "receive": ("+", later("received into stock")),
    "return": ("+", later("returned")),
    "ship": ("−", later("shipped out")),
    "adjust": ("+", later("adjusted")),
    "count": ("+", later("counted")),
}
_WISHES: Final[Sequence[tuple[str, Word, str, str, str]]] = (
    ("stock", later("Pieces in stock"), "1", "20000", "1"),
    ("buyers", later("Buyers"), "1", "20000", "1"),
    ("at_once", later("At once"), "1", "256", "1"),
    ("instances", later("Service instances"), "1", "8", "1"),
    ("spread", later("They come within (s)"), "0.1", "60", "any"),
    ("payment_delay", later("Payment after, on average (s)"), "0", "60", "any"),
    ("drop_out", later("Share that never pays"), "0", "0.9", "any"),
    ("cache_lag", later("Age of the cache (s)"), "0", "60", "any"),
    ("hold", later("Unpaid orders kept (s)"), "0.05", "60", "any"),
    ("seed", later("Seed"), "0", "999999", "1"),
)


def page(
    conn: sa.Connection,
    show: Show,
    args: Mapping[str, str],
    *,
    wished: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> ProofPage:
    """Return the page; `wished` and `problems` are those of a run that was refused."""
    totals = proof.totals(conn)
    q, only = args.get("q", "").strip()[:64], args.get("drifted") == "1"
    drift = abs(totals.on_hand_drift) + abs(totals.reserved_drift)
    drifted = proof.standings(conn, drifted=True, limit=PAGE)
    drift = max(drift, sum(abs(one.on_hand_drift) + abs(one.reserved_drift) for one in drifted))
    lines, pager = _drifted(conn, drifted, show) if only else _lines(conn, q, args.get("after", "")[:128], show)
    newest = simulations.newest(conn, KIND)
    rush = Rush.of(newest.rush) if newest else Rush()
    return ProofPage(
        drift=show.number(drift),
        sound=not drift and not totals.below,
        checked=_("%(skus)s SKUs, %(levels)s levels", skus=show.number(totals.skus), levels=show.number(totals.levels)),
        on_hand=_on_hand(totals, show),
        reserved=[
            Term("", _("reserved"), show.number(totals.reserved)),
            Term("=", _("held for buyers"), show.number(totals.held)),
            Term("+", _("committed, not shipped"), show.number(totals.committed)),
        ],
        below=show.number(totals.below),
        q=q,
        plain=url_for("proof.index"),
        only_drifted=only,
        lines=lines,
        pager=pager,
        may_repair=given("stock").may("repair"),
        repaired=args.get("repaired", "")[:128],
        run=run_view(newest, show) if newest else None,
        work=_running(show),
        may_simulate=given("stock").may("simulate"),
        wishes=_wishes(rush, wished or {}, problems, show),
        problems=[show.text(found.message) for found in problems if found.path not in Rush.__slots__],
    )


def _on_hand(totals: Totals, show: Show) -> list[Term]:
    terms = [Term("", _("on hand"), show.number(totals.on_hand))]
    for kind, (sign, word) in _MOVES.items():
        pieces = totals.moved.get(kind, 0)
        if pieces or kind in ("receive", "ship"):
            shown = -pieces if kind == "ship" else pieces
            terms.append(Term("−" if shown < 0 else sign, str(word), show.number(abs(shown))))
    return [terms[0], replace(terms[1], sign="="), *terms[2:]]


def _lines(conn: sa.Connection, q: str, after: str, show: Show) -> tuple[list[ProofLine], Pager]:
    found = proof.stocked(conn, q=q, after=after, limit=PAGE + 1)
    titles = dict(found[:PAGE])
    standings = proof.standings(conn, skus=list(titles)) if titles else []
    path, asked = url_for("proof.index"), {"q": q} if q else {}
    following = f"{path}?{urlencode({**asked, 'after': found[PAGE - 1][0]})}" if len(found) > PAGE else ""
    first = (f"{path}?{urlencode(asked)}" if asked else path) if after else ""
    sentence = _("%(n)s SKUs on this page", n=show.number(len(titles))) if titles else _("Nothing here")
    return _shown(conn, standings, titles, show), Pager(sentence, first, following)


def _drifted(conn: sa.Connection, drifted: Sequence[Standing], show: Show) -> tuple[list[ProofLine], Pager]:
    titles = {one.sku: Text("", "") for one in drifted}
    return _shown(conn, drifted, titles, show), Pager(_("%(n)s levels drifted", n=show.number(len(drifted))))


def _shown(
    conn: sa.Connection, standings: Sequence[Standing], titles: Mapping[str, Text], show: Show
) -> list[ProofLine]:
    kept = levels.of(conn, list(titles)) if titles else {}
    pools = {pool.key: pool for pool in levels.pools(conn)}
    ruling = policies(services().live.at(conn))
    made = []
    for one in standings:
        level = kept.get((one.sku, one.pool))
        left = level.available if level else 0
        low = ruling.of("", one.sku).low_stock
        scarce = "" if left > low else _("only %(n)s", n=show.number(left)) if left > 0 else _("sold out")
        drift = one.on_hand_drift or one.reserved_drift
        made.append(
            ProofLine(
                one.sku,
                show.text(titles.get(one.sku, Text("", ""))),
                _pool(pools.get(one.pool), one.pool, show),
                show.number(one.on_hand),
                show.number(one.moved),
                show.number(one.reserved),
                show.number(one.open),
                show.number(left),
                scarce,
                show.number(drift),
                bool(drift),
            )
        )
    return made


def _pool(pool: Pool | None, key: str, show: Show) -> str:
    """Return what a pool is called; the main one goes without saying."""
    if key == MAIN:
        return ""
    return show.text(Text(pool.title_zh, pool.title_en)) if pool else key


def _running(show: Show) -> WorkView | None:
    """Return the reader's own run while it goes on, or where it ended badly."""
    actor = current_actor()
    if not isinstance(actor, User):
        return None
    own = next((work for work in working.of(services(), actor) if work.kind == KIND), None)
    return view(own, show) if own is not None and own.state in ("waiting", "running", "failed") else None


def _wishes(rush: Rush, wished: Mapping[str, str], problems: Sequence[Problem], show: Show) -> list[Wish]:
    wrong = {found.path: show.text(found.message) for found in problems}
    return [
        Wish(name, str(title), wished.get(name, f"{getattr(rush, name):g}"), least, most, step, wrong.get(name, ""))
        for name, title, least, most, step in _WISHES
    ]
