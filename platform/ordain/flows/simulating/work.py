"""The comparison as long work: one way of selling a step, the whole run kept at the end."""

from dataclasses import asdict
from typing import Any, Final

from ordain.base.errors import Refused
from ordain.base.text import Text
from ordain.engines.rush import Rush, check
from ordain.flows import working
from ordain.flows.services import Services
from ordain.flows.simulating.oversell import Outcome, contenders, run
from ordain.flows.working import Step, Wanted
from ordain.records.actor import Origin, User
from ordain.store import simulations
from ordain.store.simulations import Simulation
from ordain.store.work import Work

KIND: Final = "stock.simulate"
_TITLE: Final = Text("超卖模拟", "Oversell simulation")


def start(services: Services, rush: Rush, origin: Origin) -> Work:
    """Ask for a run; Refused for a rush out of bounds."""
    if problems := check(rush):
        raise Refused(problems)
    total = rush.buyers * len(contenders(services))
    return working.start(services, Wanted(KIND, KIND, _TITLE, asked=asdict(rush), total=total), origin)


def step(services: Services, work: Work, asker: User) -> Step:
    """Run the next way of selling; the last one keeps the run."""
    rush, outcomes = Rush.of(work.asked), list(work.place.get("outcomes", ()))
    every = contenders(services)
    outcomes.append(as_json(run(services, rush, every[len(outcomes)])))
    last = len(outcomes) == len(every)
    if last:
        keep(services, rush, outcomes, work.id, asker.name)
    return Step(done=rush.buyers, place={"outcomes": outcomes}, last=last)


def keep(services: Services, rush: Rush, outcomes: list[dict[str, Any]], run_id: str, asked_by: str) -> None:
    """Keep a run for the page; done twice, it is kept once."""
    with services.db.write() as conn:
        simulations.add(conn, Simulation(run_id, KIND, services.now(), asked_by, asdict(rush), outcomes))


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as it is kept and printed; `rate` is oversold / sold."""
    shown = asdict(outcome) | {"rate": round(outcome.rate, 4)}
    return shown | {"p95_ms": round(outcome.p95_ms, 1), "title": outcome.title.as_json()}
