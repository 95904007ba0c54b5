"""Long work in words: state, how far, how fast, how long still, what came of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from flask import url_for

from ordain.store.work import KEPT, Work
from ordain.web.pages.lists import State, Tone
from ordain.web.pages.texts import Word, _, later
from ordain.web.pages.words import fault
from ordain.web.pages.work.context import WorkView
from ordain.web.show import Show

_STATES: Final[Mapping[str, tuple[Tone, Word]]] = {
    "waiting": ("idle", later("Queued")),
    "running": ("running", later("Running")),
    "done": ("done", later("Done")),
    "failed": ("act", later("Failed")),
    "cancelled": ("off", later("Cancelled")),
}
# What counts are called; a kind of work adds its own.
_COUNTS: Final[Mapping[str, Word]] = {
    "new": later("new"),
    "changed": later("updated"),
    "unchanged": later("unchanged"),
    "left": later("left out"),
    "passed": later("passed"),
    "still_held": later("still held"),
    "nothing": later("nothing to read again"),
    "set": later("changed"),
    "same": later("no change"),
    "moved": later("moved"),
    "refused": later("not changed"),
    "meanwhile": later("changed by somebody else"),
    "gone": later("no longer there"),
}
_SHOWN: Final = 20


def view(work: Work, show: Show) -> WorkView:
    """Return long work as its part of a page shows it."""
    tone, word = _STATES[work.state]
    seconds = _seconds(work, show.now)
    rate = work.done / seconds if seconds and work.done else 0.0
    going = not work.ended
    return WorkView(
        id=work.id,
        href=url_for("work.one", work_id=work.id),
        title=show.text(work.title),
        state=State(tone, str(word)),
        going=going,
        part=min(work.done, work.total) if work.total else None,
        parts=work.total or 0,
        sentence=_sentence(work, show),
        pace=_("%(n)s/s", n=show.number(round(rate) or round(rate, 1))) if going and rate else "",
        left=_left(work, rate, show) if going else "",
        counts=[(str(_COUNTS.get(key, key)), show.number(number)) for key, number in work.counts.items()],
        problems=[fault(found, show) for found in work.problems[:_SHOWN]],
        more=_("%(n)s more", n=show.number(len(work.problems) - _SHOWN)) if len(work.problems) > _SHOWN else "",
        stop=url_for("work.stop", work_id=work.id) if going and not work.stop else "",
        stopping=going and work.stop,
        file=url_for("work.file", work_id=work.id) if work.file_name and work.state == "done" else "",
        file_name=work.file_name,
        file_size=show.size(work.file_size),
        kept=_("kept until %(day)s", day=show.date(work.started_at + KEPT)),
        started=show.ago(work.started_at),
        started_exact=show.exact(work.started_at),
    )


def _sentence(work: Work, show: Show) -> str:
    if work.total is None:
        return show.number(work.done) if work.done or work.ended else ""
    return _("%(done)s of %(total)s", done=show.number(work.done), total=show.number(work.total))


def _left(work: Work, rate: float, show: Show) -> str:
    if not rate or not work.total or work.done >= work.total:
        return ""
    return _("%(time)s left", time=show.span(max((work.total - work.done) / rate, 1)))


def _seconds(work: Work, now: datetime) -> float:
    if work.begun_at is None:
        return 0.0
    return max(((work.finished_at or now) - work.begun_at).total_seconds(), 0.0)
