"""The inbox: what reached people by SMS and mail, as a phone shows it; and the faults of both ways."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, abort, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from ordain.base.clock import rfc3339
from ordain.sandbox.doors import answer, beijing, world
from ordain.sandbox.memory import NO_FAULTS
from ordain.sandbox.partners.letters import Letter, Letters
from ordain.sandbox.words import WORDS, language_of

doors = Blueprint("inbox", __name__)
FAULTS: Final[Mapping[str, Mapping[str, object]]] = {
    "fine": {},
    "slow": {"latency_ms": 8_000},
    "refuse": {"refuse": True},
    "outage": {"outage": True},
    "signature": {"token_expired": True},
}


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the page."""

    kind: str
    receiver: str
    sender: str
    title: str
    text: str
    time: str
    day: str


@doors.get("/inbox")
def page() -> Response:
    """Show the messages, newest first; `?kind=sms|mail` and `?to=` narrow them."""
    kind, receiver = request.args.get("kind", ""), request.args.get("to", "")
    words = WORDS[language_of(request)]
    found = Letters(world().memory).find(kind=kind, receiver=receiver)
    html = render_template(
        "sandbox/inbox.html",
        words=words,
        language=language_of(request),
        letters=[_bubble(letter) for letter in found],
        kind=kind,
        receiver=receiver,
        faults={way: _fault(way) for way in ("sms", "mail")},
        choices=list(FAULTS),
        here="inbox",
    )
    return Response(html, headers={"Content-Security-Policy": CSP, "Cache-Control": "no-store"})


@doors.get("/inbox.json")
def listed() -> Response:
    """Return the messages as JSON."""
    found = Letters(world().memory).find(kind=request.args.get("kind", ""), receiver=request.args.get("to", ""))
    return answer(
        {
            "items": [
                {
                    "id": str(letter.id), "kind": letter.kind, "at": rfc3339(letter.at), "to": letter.receiver,
                    "from": letter.sender, "subject": letter.title, "text": letter.text, "out_id": letter.out_id,
                }
                for letter in found
            ]
        }
    )  # fmt: skip


@doors.post("/inbox/faults/<way>")
def fault(way: str) -> AnyResponse:
    """Set how one way behaves, from the page."""
    own_page()
    if way not in ("sms", "mail") or request.form.get("how") not in FAULTS:
        abort(404)
    world().memory.set_faults(way, FAULTS[request.form["how"]])
    return redirect("/inbox")


@doors.post("/inbox/clear")
def clear() -> AnyResponse:
    """Forget all messages."""
    own_page()
    Letters(world().memory).clear()
    return redirect("/inbox")


@doors.get("/static/<path:name>")
def static(name: str) -> AnyResponse:
    """Return a style sheet or a font of the product, which the sandbox's pages share."""
    from ordain.sandbox.server import ROOT

    return send_from_directory(ROOT / "static", name)


def own_page() -> None:
    """Refuse what another site posts."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)


def _fault(way: str) -> str:
    stands = world().memory.faults(way)
    for name, settings in FAULTS.items():
        if stands == {**NO_FAULTS, **settings}:
            return name
    return ""


def _bubble(letter: Letter) -> Bubble:
    moment = beijing(letter.at) or ""
    return Bubble(letter.kind, letter.receiver, letter.sender, letter.title, letter.text, moment[11:16], moment[:10])


CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
