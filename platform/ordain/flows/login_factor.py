"""The second factor: enrolling it, proving it at sign-in, and proving it once more before a weighty act.

Codes come from an app (TOTP), to the phone, or from the ten recovery codes. All wrong codes of a person are counted
together, wherever they were tried.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import pyotp
import sqlalchemy as sa

from ordain.base.errors import Problem, problem
from ordain.flows import login_notice
from ordain.flows.login import entered, must_have_factor, reopened, too_many
from ordain.flows.login_password import matches
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.store import attempts, audit, factors, people, sessions
from ordain.store.factors import SEED, Factor
from ordain.store.sessions import Session

FRESH: Final = timedelta(minutes=5)
_PERIOD: Final = 30  # seconds a code of an app counts for
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A seed to be taken up by an app: as letters to type, and as the address a QR code carries."""

    seed: str
    uri: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A second factor that counts from now on: the recovery codes, shown this once, and the session that goes on."""

    codes: Sequence[str]
    secret: str


def begin(services: Services, session: Session) -> Enrolment | None:
    """Give a person a seed to enrol; the same until it is confirmed. None where they have a second factor."""
    person_id = session.user.id
    with services.db.write() as conn:
        known = factors.get(conn, person_id)
        if known and known.confirmed_at:
            return None
        if known and known.seed:
            seed = services.vault.open(SEED, person_id, known.seed)
        else:
            seed = pyotp.random_base32()
            factors.begin(conn, services.vault, person_id, seed, services.now())
    return Enrolment(seed, pyotp.TOTP(seed).provisioning_uri(name=session.user.name, issuer_name=_issuer(services)))


def confirm(services: Services, session: Session, code: str, agent: str, origin: Origin) -> Enrolled | Problem:
    """Make the enrolled seed count once a code of it is right; everything else the person is signed in with ends."""
    person_id, now = session.user.id, services.now()
    with services.db.write() as conn:
        if not _counted(conn, person_id, now):
            return too_many()
        found = factors.get(conn, person_id)
        if found is None or found.confirmed_at or not _by_app(services, conn, found, code):
            return wrong_code()
        attempts.forget(conn, _subject(person_id))
        factors.confirm(conn, person_id, now)
        codes = factors.new_recovery_codes(conn, person_id)
        people.end_all(conn, person_id)
        secret = reopened(services, conn, session, agent, proven=True)
        own = replace(origin, actor=session.user)
        audit.record(conn, own, now, "second_factor.add", f"person:{person_id}")
        if session.stage != "open":
            entered(conn, services, session.user, origin)
    return Enrolled(codes, secret)


def prove(services: Services, session: Session, code: str, origin: Origin) -> str | Problem:
    """Finish signing in with a code; return the session's new secret."""
    person_id, now, secret = session.user.id, services.now(), people.secret()
    with services.db.write() as conn:
        if not _counted(conn, person_id, now):
            return too_many()
        way = _by_code(services, conn, person_id, code)
        if way is None:
            audit.record(conn, origin, now, "login.failed", f"person:{person_id}", None, {"step": "second factor"})
            return wrong_code()
        attempts.forget(conn, _subject(person_id))
        if not sessions.renew(conn, session.id_hash, secret, now):
            return wrong_code()
        entered(conn, services, session.user, origin)
        if way == "recovery":
            audit.record(conn, replace(origin, actor=session.user), now, "recovery_code.use", f"person:{person_id}")
    return secret


def step_up(services: Services, session: Session, proof: str, origin: Origin) -> str | Problem:
    """Prove once more who is there: by a code, or by the password where there is no second factor.

    Return the session's new secret; the proof holds for five minutes.
    """
    person_id, now, secret = session.user.id, services.now(), people.secret()
    with services.db.write() as conn:
        if not _counted(conn, person_id, now):
            return too_many()
        who, factor = people.get(conn, person_id), factors.confirmed(conn, person_id)
        good = factor is not None and _by_code(services, conn, person_id, proof) is not None
    if factor is None:
        good = matches(who.password_hash if who else "", proof)
    with services.db.write() as conn:
        if not good or not sessions.renew(conn, session.id_hash, secret, now):
            audit.record(conn, origin, now, "step_up.failed", f"person:{person_id}")
            return wrong_code() if factor else _wrong_password()
        attempts.forget(conn, _subject(person_id))
        audit.record(conn, origin, now, "step_up", f"person:{person_id}")
    return secret


def proves(services: Services, person_id: str, code: str) -> bool:
    """Tell whether a program's owner sent a code along that is right; it is used up."""
    with services.db.write() as conn:
        if not code or not _counted(conn, person_id, services.now()):
            return False
        good = _by_code(services, conn, person_id, code) is not None
        if good:
            attempts.forget(conn, _subject(person_id))
    return good


def send_code(services: Services, person_id: str) -> bool:
    """Send a code to the person's phone; False where none may go there, or one went less than a minute ago."""
    now = services.now()
    with services.db.write() as conn:
        found, who = factors.confirmed(conn, person_id), people.get(conn, person_id)
        if found is None or not found.by_phone or who is None or not who.phone:
            return False
        code = factors.new_phone_code(conn, services.vault, person_id, now)
        if code is None:
            return False
        sent = login_notice.send_code(services, conn, who, code)
    login_notice.ring(services)
    return sent


def new_codes(services: Services, session: Session, origin: Origin) -> Sequence[str]:
    """Replace the recovery codes and return the new ones, this once; [] where there is no second factor."""
    with services.db.write() as conn:
        if factors.confirmed(conn, session.user.id) is None:
            return []
        audit.record(conn, origin, services.now(), "recovery_codes.new", f"person:{session.user.id}")
        return factors.new_recovery_codes(conn, session.user.id)


def set_by_phone(services: Services, session: Session, origin: Origin, *, on: bool) -> None:
    """Let codes to the phone stand in for the app, or no longer."""
    with services.db.write() as conn:
        factors.set_by_phone(conn, session.user.id, on=on)
        audit.record(conn, origin, services.now(), "second_factor.phone", f"person:{session.user.id}", None, {"on": on})


def drop(services: Services, session: Session, agent: str, origin: Origin) -> str | Problem:
    """Forget the second factor; all else the person is signed in with ends. Return the secret of what goes on."""
    person_id = session.user.id
    with services.db.write() as conn:
        who = people.get(conn, person_id)
        if who is None or must_have_factor(services.live.at(conn), who.roles):
            return problem(
                "",
                "second_factor_required",
                "你的角色要求双因素认证，不能停用",
                "A role of yours asks for a second factor; it cannot be switched off",
            )
        factors.drop(conn, person_id)
        people.end_all(conn, person_id)
        audit.record(conn, origin, services.now(), "second_factor.drop", f"person:{person_id}")
        return reopened(services, conn, session, agent, proven=False)


def wrong_code() -> Problem:
    """Return the refusal of a code."""
    return problem("code", "wrong_code", "验证码不正确或已使用", "The code is not right, or was used before")


def _wrong_password() -> Problem:
    return problem("code", "wrong_password", "密码不正确", "The password is not right")


def _counted(conn: sa.Connection, person_id: str, now: datetime) -> bool:
    """Count a try with the person's codes before it is looked at; False where there were too many."""
    return attempts.count(conn, _subject(person_id), now) <= attempts.TRIES


def _subject(person_id: str) -> str:
    return f"code:{person_id}"


def _by_code(services: Services, conn: sa.Connection, person_id: str, code: str) -> str | None:
    """Return which way a code proves the person, using it up; None where it proves nothing."""
    code, found = "".join(code.split())[:64], factors.confirmed(conn, person_id)
    if found is None:
        return None
    if code.isdecimal() and len(code) == _DIGITS:
        if _by_app(services, conn, found, code):
            return "app"
        sent = found.by_phone and factors.use_phone_code(conn, services.vault, person_id, code, services.now())
        return "phone" if sent else None
    return "recovery" if factors.use_recovery_code(conn, person_id, code, services.now()) else None


def _by_app(services: Services, conn: sa.Connection, found: Factor, code: str) -> bool:
    """Tell whether a code is that of this step of the clock or of the one before; each step works once."""
    if not found.seed:
        return False
    made = pyotp.TOTP(services.vault.open(SEED, found.person_id, found.seed))
    code, step = "".join(code.split()), int(services.now().timestamp()) // _PERIOD
    right = [one for one in (step, step - 1) if hmac.compare_digest(made.generate_otp(one).encode(), code.encode())]
    return bool(right) and factors.take_step(conn, found.person_id, right[0])


def _issuer(services: Services) -> str:
    host = services.settings.base_url.partition("://")[2]
    return f"ordain {host}".replace(":", " ")
