"""Who acts: a person, a job of ours, or nobody known. Never None."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class User:
    """A signed-in person or an API token's holder, with the roles of the session.

    Whoever looks through the eyes of another role has that role and its regions, and is `viewing` as themselves.
    """

    id: str
    name: str
    roles: frozenset[str]
    regions: frozenset[str] = frozenset()
    ip: str | None = None
    session: str | None = None
    viewing: "User | None" = None


@dataclass(frozen=True, slots=True)
class System:
    """A job of ours; `on_behalf_of` is the person who asked for it, if one did."""

    job: str
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody we know: missing, expired or malformed credentials."""

    ip: str | None = None


Actor = User | System | Anonymous


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a unit of work comes from, for its audit row."""

    actor: Actor
    request_id: str = ""
    ip: str | None = None
    facts: dict[str, str] = field(default_factory=dict)


def name_of(actor: Actor) -> str:
    """Return the actor's name as audit rows and pages show it: `user:anna`, `system:poll`, `anonymous`."""
    match actor:
        case User(name=name):
            return f"user:{name}"
        case System(job=job):
            return f"system:{job}"
        case Anonymous():
            return "anonymous"
