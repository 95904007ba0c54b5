"""The sample panel of a mapping: the newest messages under the draft, and one of them in full."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ordain.base import json
from ordain.base.decision import Decision
from ordain.engines.mapping.suggesting import source_fields
from ordain.engines.mapping.wording import title_of
from ordain.flows.trying import Sample, Trial, try_mapping
from ordain.records.fields import RECORDS
from ordain.store.orders.find import order_mode
from ordain.web.here import services
from ordain.web.pages.editor.context import Bar, Fact, SampleLine, SamplePanel, SourceLine
from ordain.web.pages.editor.group import group_of, sample_href
from ordain.web.pages.lists import State
from ordain.web.pages.reader import given
from ordain.web.pages.texts import _
from ordain.web.pages.words import faults
from ordain.web.show import NOTHING, Show

_TONES: Final[Mapping[str, str]] = {"accept": "done", "hold": "look", "quarantine": "act", "": "off"}


def trial_of(document: Mapping[str, Any], place: int) -> Trial:
    """Return a mapping's draft tried on the newest messages; on none where the reader may not see what came."""
    if document.get("kind") != "mapping" or given("message").mode("raw") == "hidden":
        return Trial((), 0, None, None, {})
    return try_mapping(services(), document, place, group_of())


def sample_panel(trial: Trial, document: Mapping[str, Any], here: str, show: Show) -> SamplePanel | None:
    """Return the panel; None where there is no message to try on."""
    if not trial.samples:
        return None
    counts = Counter(sample.outcome for sample in trial.samples)
    gained = sum(
        (sample.outcome == "accept") - (sample.before == "accept") for sample in trial.samples if sample.before
    )
    state, problems, facts, heads, lines, checks = _in_full(trial, show)
    return SamplePanel(
        total=len(trial.samples),
        passing=show.number(counts["accept"]),
        held=show.number(counts["hold"]),
        quarantined=show.number(counts["quarantine"] + counts[""]),
        gained=f"{gained:+d}" if gained else "",
        bars=[
            Bar(_TONES.get(sample.outcome, "off"), sample_href(here, at), at == trial.place)
            for at, sample in enumerate(trial.samples)
        ],
        place=_("sample %(n)s of %(total)s", n=trial.place + 1, total=len(trial.samples)),
        before=sample_href(here, trial.place - 1) if trial.place else "",
        after=sample_href(here, trial.place + 1) if trial.place + 1 < len(trial.samples) else "",
        failing=_next_failing(trial.samples, trial.place, here),
        state=state,
        problems=problems,
        facts=facts,
        heads=heads,
        lines=lines,
        checks=checks,
        results=_results(trial.decision, document, show),
        sources=_sources(trial.payload, document),
    )


def _results(decision: Decision | None, document: Mapping[str, Any], show: Show) -> dict[str, str]:
    """Return what each target field of the draft gets from the sample."""
    if decision is None:
        return {}
    names = document.get("spec", {}).get("fields") or {}
    found = {name: _shown(decision.changes, name, show) for name in names}
    for owner, one in (document.get("spec", {}).get("lists") or {}).items():
        lines = _value(decision.changes, owner)
        if lines and isinstance(one, Mapping):
            known = {**decision.changes, **lines[0]}
            found |= {
                f"{owner}.{name}": _text(_value(lines[0], name), name, known, show) for name in one.get("fields", ())
            }
    return found


def _sources(payload: Any, document: Mapping[str, Any]) -> list[SourceLine]:
    text = json.canonical(document.get("spec", {})).decode()
    may_see = given("message").mode("raw") == "read"
    return [
        SourceLine(
            field.path,
            field.inner,
            field.path.rsplit(".", 1)[-1],
            field.type,
            field.example if may_see else "",
            field.depth,
            f'"{field.path}"' in text or bool(field.inner and f'"{field.inner}"' in text),
        )
        for field in source_fields(payload)
    ]


def _next_failing(samples: Sequence[Sample], place: int, here: str) -> str:
    order = [*range(place + 1, len(samples)), *range(place)]
    found = next((at for at in order if samples[at].outcome != "accept"), None)
    return "" if found is None else sample_href(here, found)


def _in_full(trial: Trial, show: Show) -> tuple[Any, ...]:
    decision = trial.decision
    if decision is None:
        return State("off", _("This draft cannot be tried yet")), (), (), (), (), ()
    word = {"accept": _("would pass"), "hold": _("would be held")}.get(decision.outcome, _("would be quarantined"))
    tone: Any = _TONES.get(decision.outcome, "off")
    record = decision.changes
    bad = {found.path for found in decision.problems}
    names = [name for name in RECORDS.get("order", {}) if _value(record, name) is not None or name in bad]
    facts = [Fact(show.text(title_of(name)), _shown(record, name, show), name in bad) for name in names]
    lines = record.get("lines") or ()
    heads = ("sku", "quantity", "amount") if lines else ()
    rows = [SampleLine([_text(line.get(name), name, record, show) for name in heads]) for line in lines]
    checks = [
        Fact(show.text(clause.text), "" if clause.true is not None else _("not judged"), clause.true is not True)
        for clause in decision.why[1:]
    ]
    titles = [show.text(title_of(name)) for name in heads]
    return State(tone, word), faults(decision.problems, show), facts, titles, rows, checks


def _value(record: Mapping[str, Any], name: str) -> Any:
    value: Any = record
    for step in name.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _shown(record: Mapping[str, Any], name: str, show: Show) -> str:
    if order_mode(given("order"), name) != "read":
        return "••••"
    return _text(_value(record, name), name, record, show)


def _text(value: Any, name: str, record: Mapping[str, Any], show: Show) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        return show.exact(value)
    last = name.rsplit(".", 1)[-1]
    if last in _AMOUNTS and isinstance(value, int):
        return show.money(value, str(record.get("currency") or "CNY"))
    return str(value)


_AMOUNTS: Final = frozenset(
    ("goods", "seller_discount", "platform_discount", "freight", "tax", "total", "paid", "refunded", "amount")
)
