"""What can be done with many records of a form at once: moving them to a state that may follow on theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ordain.base.errors import Refused
from ordain.base.text import Text
from ordain.flows import recording
from ordain.flows.bulk.action import BulkAction, Outcome
from ordain.flows.listing import RecordList
from ordain.flows.recording import Meanwhile
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.store.records import Record, RecordQuery


def actions(source: RecordList) -> Sequence[BulkAction]:
    """Return one action for every state that some other leads to."""
    states = source.form.states
    reachable = {key: [name for name, state in states.items() if key in state.to] for key in states}
    return [
        BulkAction(
            f"to-{key}",
            Text(f"转到“{states[key].title.zh}”", f"Move to “{states[key].title.en}”"),
            "move",
            "arrow-right",
            partial(_move, to=key),
            fits=partial(_stands, among=tuple(among)),
            narrow=partial(_from, among=tuple(among)),
            reason=Text("其状态不能转到此状态", "in a state that does not lead there"),
        )
        for key, among in reachable.items()
        if among
    ]


def _stands(item: Record, *, among: Sequence[str]) -> bool:
    return item.state in among


def _from(query: RecordQuery, *, among: Sequence[str]) -> RecordQuery:
    states = [state for state in among if not query.states or state in query.states]
    return replace(query, states=states) if states else replace(query, ids=[])


def _move(
    services: Services, source: RecordList, item: Record, _: Mapping[str, Any], origin: Origin, *, to: str
) -> Outcome:
    try:
        data = recording.opened(services, source.form, item)
        made = recording.change(services, source.form, item, data, origin, source.access, to=to)
    except Refused as refused:
        return Outcome("refused", Text("未修改", "not changed"), refused.problems)
    if isinstance(made, Meanwhile):
        return Outcome("meanwhile", Text("已被他人修改", "changed by somebody else"))
    return Outcome("moved", Text("已转到新状态", "moved"))
