"""How an import stands, and how it gets from one state to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa

from ordain.base.errors import Problem, Refused, problem
from ordain.base.text import Text
from ordain.flows import working
from ordain.flows.importing import looking
from ordain.flows.importing.targets import Target, target_of
from ordain.flows.services import Services
from ordain.flows.working import Wanted
from ordain.records.actor import Origin, User
from ordain.store import work as works
from ordain.store.imports import files
from ordain.store.imports.files import Import
from ordain.store.work import Work

READ, CHECK, RUN = "import.read", "import.check", "import.run"
State = Literal["reading", "unread", "mapping", "checking", "ready", "running", "done"]
_FALLS_TO: Final[Mapping[str, State]] = {"reading": "unread", "checking": "mapping", "running": "ready"}
_TITLES: Final = {
    READ: Text("读取“{}”", "Reading {}"),
    CHECK: Text("检查“{}”", "Looking at {}"),
    RUN: Text("导入“{}”", "Importing {}"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An import as it stands: its state, and the work that goes on or ended for it."""

    found: Import
    state: State
    work: Work | None

    @property
    def problems(self) -> Sequence[Problem]:
        """What kept the last step from ending well."""
        ended = self.work is not None and self.work.ended and self.work.state != "done"
        return tuple(self.work.problems) if ended and self.work is not None else ()


def standing(services: Services, import_id: str, actor: User) -> Standing | None:
    """Return one import of this person's own."""
    with services.db.read() as conn:
        found = files.get(conn, import_id)
        if found is None or found.owner != actor.id:
            return None
        work = works.get(conn, services.vault, found.work) if found.work else None
    return stands(found, work)


def begin_step(services: Services, found: Import, kind: str, permission: str, origin: Origin) -> Import:
    """Begin a step of long work, with a head start here; return the import as it stands then."""
    from ordain.flows.works import WORKS

    title = _TITLES[kind]
    named = Text(title.zh.format(found.name), title.en.format(found.name))
    total = found.rows if kind != READ else None
    begun = working.start(services, Wanted(kind, permission, named, found.id, total=total), origin)
    kept = written(services, found, work=begun.id)
    working.run(services, begun.id, WORKS, seconds=1.0)
    with services.db.read() as conn:
        return files.get(conn, found.id) or kept


def written(services: Services, found: Import, **values: Any) -> Import:
    """Write what changed of an import and return it; Refused where somebody else was faster."""
    with services.db.write() as conn:
        if not files.put(conn, found, services.now(), **values):
            raise Refused(
                [problem("", "stale", "此导入刚被改动，请刷新后再试", "this import was just changed; load it anew")]
            )
        made = files.get(conn, found.id)
    if made is None:
        raise AssertionError("what was written is there")
    return made


def stands(found: Import, work: Work | None) -> Standing:
    """Return how an import stands: a step that ended badly leads back to the state before it."""
    ended = found.stage in _FALLS_TO and (work is None or (work.ended and work.state != "done"))
    return Standing(found, _FALLS_TO[found.stage] if ended else found.stage, work)


def allow(at: Standing, *states: State) -> None:
    """Refuse what cannot be done in the state an import is in."""
    if at.state not in states:
        raise Refused(
            [problem("", "not_now", "此步骤现在不能进行，请刷新页面", "this cannot be done now; load the page anew")]
        )


def target_for(services: Services, conn: sa.Connection, actor: User, into: str) -> Target:
    """Return what the file goes into; Refused where this person may not."""
    target = target_of(services, conn, actor, into)
    if target is None:
        raise Refused([looking.no_target()])
    return target


def person_of(origin: Origin) -> User:
    """Return who asks."""
    if not isinstance(origin.actor, User):
        raise TypeError("an import has an owner")
    return origin.actor
