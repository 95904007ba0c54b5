"""Looking through the eyes of a role: a mode of a session, to read only, never with more rights than one has."""

from collections.abc import Sequence

from ordain.base.errors import Refused, problem
from ordain.base.regions import REGIONS
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.store import audit, sessions
from ordain.store.sessions import Session


def begin(services: Services, session: Session, role: str, regions: Sequence[str], origin: Origin) -> None:
    """Look as a role with these regions from now on; Refused where there is no such role or region."""
    with services.db.write() as conn:
        unknown = [region for region in regions if region not in REGIONS]
        if services.live.at(conn).get("role", role) is None or unknown:
            raise Refused([problem("role", "unknown_role", "没有这个角色或区域", "there is no such role or region")])
        chosen = {"role": role, "regions": sorted(regions)}
        sessions.view_as(conn, session.id_hash, chosen)
        audit.record(conn, origin, services.now(), "view_as.begin", f"person:{session.user.id}", None, chosen)


def end(services: Services, session: Session, origin: Origin) -> None:
    """Look through one's own eyes again."""
    with services.db.write() as conn:
        sessions.view_as(conn, session.id_hash, None)
        before = {"role": ", ".join(sorted(session.user.roles))}
        audit.record(conn, origin, services.now(), "view_as.end", f"person:{session.user.id}", before, None)
