"""A mail server: real SMTP on loopback, with a login, and with the faults people set."""

import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from ordain.sandbox.memory import Memory
from ordain.sandbox.partners.letters import Letters


class Post:
    """Takes mail for everybody."""

    def __init__(self, memory: Memory, now: Callable[[], datetime], secrets: dict[str, str]) -> None:
        self._memory, self._now, self._secrets = memory, now, secrets
        self._letters = Letters(memory)

    def listen(self, host: str, port: int) -> Controller | None:
        """Begin to take mail; where the port is taken say so and do without."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # the library warns of its own past
        made = Controller(self, host, port, authenticator=self._let_in, auth_require_tls=False)
        try:
            made.start()
        except OSError:
            print(
                f"port {port} is in use: the sandbox takes no mail; set ORDAIN_MAIL_PORT", file=sys.stderr, flush=True
            )
            return None
        return made

    async def handle_RCPT(  # noqa: N802 the library's name
        self, _: SMTP, session: Session, envelope: Envelope, address: str, __: list[str]
    ) -> str:
        """Take a receiver, or refuse it as people set."""
        faults = self._memory.faults("mail")
        await asyncio.sleep(min(float(str(faults["latency_ms"])), 20_000) / 1000)
        if not session.authenticated:
            return "530 5.7.0 authentication required"
        if faults["outage"]:
            return "451 4.3.0 try again later"
        if faults["refuse"]:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 the library's name
        """Keep a mail."""
        read = message_from_bytes(cast("bytes", envelope.content), policy=policy.default)
        body = read.get_body(("plain", "html"))
        text = str(body.get_content()).replace("\r\n", "\n") if body is not None else ""
        for receiver in envelope.rcpt_tos:
            title, key = str(read["Subject"] or ""), str(read["Message-ID"] or "")
            self._letters.add("mail", self._now(), receiver, envelope.mail_from or "", title, text.strip(), key)
        return "250 OK"

    def _let_in(self, _: SMTP, __: Session, ___: Envelope, ____: str, given: Any) -> AuthResult:
        known = isinstance(given, LoginPassword) and (
            given.login.decode() == self._secrets["user"] and given.password.decode() == self._secrets["password"]
        )
        return AuthResult(success=known and not self._memory.faults("mail")["token_expired"], handled=False)
