"""Who may call which route: every route declares it, or the application does not start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from flask import Flask, g

from ordain.records.actor import Actor, Anonymous, Origin

F = TypeVar("F", bound=Callable[..., Any])
Door = Literal["page", "api", "hook"]
# How often one caller may come: "login" and "open" count by address, "page" and "api" by person, "free" not at all.
Rate = Literal["login", "open", "page", "api", "free"]
StepUp = bool | Callable[[Mapping[str, Any]], bool]  # whether, or for which arguments of the route
_MARK: Final = "__ordain_policy__"
# Routes anybody may call, by endpoint; the decorator alone is not enough.
PUBLIC: Final = frozenset(
    {
        "static", "hooks.receive", "health.healthz", "health.readyz", "health.metrics",
        "session.login", "session.enter", "session.enter_as", "session.code", "session.prove", "session.enrol",
        "session.confirm", "session.forgotten", "session.send_link", "session.first", "session.set_first",
        "session.language", "openapi.document",
        "widget.page", "widget.numbers",
    }
)  # fmt: skip
_RATES: Final[dict[Door, Rate]] = {"page": "page", "api": "api", "hook": "free"}


@dataclass(frozen=True, slots=True)
class Policy:
    """What a route asks: `right` is "record.action" ("order.read"), "" for anybody signed in.

    `step_up` asks for a proof of who is there that is not older than five minutes. `body` is how many bytes it
    takes from whoever is signed in, where that is more than the application's limit.
    `viewing` lets it be posted while somebody looks as another role.
    """

    right: str = ""
    public: bool = False
    csrf: bool = True
    kind: Door = "page"
    rate: Rate = "page"
    step_up: StepUp = False
    body: int = 0
    viewing: bool = False


_STATIC: Final = Policy(public=True, rate="free")


def policy(
    right: str = "",
    *,
    public: bool = False,
    csrf: bool = True,
    kind: Door = "page",
    rate: Rate | None = None,
    step_up: StepUp = False,
    body: int = 0,
    viewing: bool = False,
) -> Callable[[F], F]:
    """Declare what a route asks of its caller; the rate is that of its door unless it says another."""

    def declare(view: F) -> F:
        setattr(view, _MARK, Policy(right, public, csrf, kind, rate or _RATES[kind], step_up, body, viewing))
        return view

    return declare


def policy_of(app: Flask, endpoint: str | None) -> Policy | None:
    """Return what a route declared."""
    if endpoint == "static":
        return _STATIC
    view = app.view_functions.get(endpoint or "")
    found: Policy | None = getattr(view, _MARK, None)
    return found


def check_all(app: Flask) -> None:
    """Refuse to start where a route declared nothing, or calls itself public without standing in the list."""
    for rule in app.url_map.iter_rules():
        found = policy_of(app, rule.endpoint)
        if found is None:
            raise RuntimeError(f"the route {rule.rule} declares no policy")
        if found.public != (rule.endpoint in PUBLIC):
            raise RuntimeError(f"the route {rule.rule} and the list of public routes disagree")


def weighty_kind(arguments: Mapping[str, Any]) -> bool:
    """Tell whether a route is about a kind of definition whose publishing asks for a proof: roles give rights."""
    return arguments.get("kind") == "role"


def current_actor() -> Actor:
    """Return who calls."""
    actor: Actor = g.get("actor") or Anonymous()
    return actor


def current_origin() -> Origin:
    """Return where this unit of work comes from, for its audit row."""
    return Origin(current_actor(), g.get("request_id", ""), g.get("ip"))
