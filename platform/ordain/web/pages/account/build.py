"""Puts "my account" together."""

from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from ordain.base.regions import REGIONS
from ordain.flows.account import TOKEN_DAYS
from ordain.flows.login import must_have_factor
from ordain.flows.login_password import LEAST_LENGTH
from ordain.store import factors, people, sessions, tokens
from ordain.store.definitions import Live
from ordain.store.orders.show import mask_phone
from ordain.store.people import MAIL, PHONE, Person
from ordain.store.sessions import Place, Session
from ordain.store.tokens import Token
from ordain.web.here import services
from ordain.web.pages.account.context import AccountPage, FactorLine, Said, Spot, TokenLine
from ordain.web.pages.account.device import browser, system
from ordain.web.pages.lists import Option
from ordain.web.pages.texts import _, many
from ordain.web.show import Show

_SOON: Final = timedelta(days=14)
_SMALL: Final = frozenset({"iPhone", "iPad", "Android", "HarmonyOS"})
_LOCAL: Final = frozenset({"127.0.0.1", "::1"})


def account(conn: sa.Connection, held: Session, show: Show, said: Said) -> AccountPage | None:
    """Return the page of somebody who is in; None where they are gone meanwhile."""
    who, live = people.get(conn, held.user.id), services().live.at(conn)
    if who is None:
        return None
    mail, phone = opened(who)
    titles = role_titles(live, show)
    return AccountPage(
        name=who.name,
        display_name=said.typed.get("display_name", who.display_name),
        mail=said.typed.get("mail", mail),
        phone=said.typed.get("phone", phone),
        roles=joined([titles.get(key, key) for key in who.roles]),
        regions=joined([show.text(REGIONS[key]) for key in who.regions if key in REGIONS]),
        least=LEAST_LENGTH,
        factor=_factor(conn, live, who, phone),
        spots=[spot(place, held, show) for place in sessions.places(conn, who.id, show.now)],
        tokens=[_token(token, titles, show) for token in tokens.find(conn, who.id)],
        token_roles=[Option(key, titles.get(key, key), len(who.roles) == 1) for key in who.roles],
        token_days=[Option(str(days), _days(days), days == TOKEN_DAYS[1]) for days in TOKEN_DAYS],
        language=show.language,
        said=said,
    )


def opened(who: Person) -> tuple[str, str]:
    """Return a person's mail address and phone, "" for nothing."""
    vault = services().vault
    return vault.show(MAIL, who.id, who.mail or None), vault.show(PHONE, who.id, who.phone or None)


def role_titles(live: Live, show: Show) -> dict[str, str]:
    """Return the titles of all live roles by key."""
    return {version.key: version.document["title"][show.language] or version.key for version in live.all("role")}


def joined(texts: list[str]) -> str:
    """Return texts as one list in the reader's language."""
    return _(", ").join(texts)


def spot(place: Place, held: Session | None, show: Show) -> Spot:
    """Return one place somebody is signed in at; `held` is the session that looks."""
    name, machine = browser(place.agent), system(place.agent)
    device = _("%(browser)s on %(system)s", browser=name, system=machine) if name and machine else name or machine
    return Spot(
        place.id,
        device or _("Unknown browser"),
        machine in _SMALL,
        _("this machine") if place.ip in _LOCAL else place.ip,
        show.ago(place.seen_at),
        show.exact(place.created_at),
        held is not None and place.id == held.user.session,
    )


def _factor(conn: sa.Connection, live: Live, who: Person, phone: str) -> FactorLine:
    found = factors.confirmed(conn, who.id)
    left = factors.recovery_left(conn, who.id) if found else 0
    masked = mask_phone(phone) if phone else ""
    return FactorLine(
        found is not None, must_have_factor(live, who.roles), bool(found and found.by_phone), masked, left
    )


def _token(token: Token, titles: dict[str, str], show: Show) -> TokenLine:
    left = token.expires_at - show.now
    tone = "act" if left <= timedelta() else "look" if left <= _SOON else ""
    expires = _("expired") if tone == "act" else show.date(token.expires_at)
    used = show.ago(token.used_at) if token.used_at else _("never")
    return TokenLine(token.id, token.name, joined([titles.get(key, key) for key in token.roles]), expires, tone, used)


def _days(days: int) -> str:
    return many("%(num)s day", "%(num)s days", days)
