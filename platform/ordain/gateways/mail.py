"""Mail over SMTP: to the checked address, with TLS under the host's own name, within ten seconds in all."""

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any, Final
from urllib.parse import urlsplit

from ordain.base.errors import GatewayError
from ordain.flows.ports import Mail
from ordain.gateways.places import Resolve, address_of, resolve
from ordain.store.connections import Connection

DEADLINE: Final = 10.0
PORTS: Final = frozenset({25, 465, 587, 2525})


class Smtp:
    """Sends mail. `test_networks` lets local addresses, any port and talk in the clear through: never in production."""

    def __init__(self, *, test_networks: bool, resolver: Resolve = resolve) -> None:
        self._test_networks = test_networks
        self._resolver = resolver
        self._tls = ssl.create_default_context()

    def send(self, connection: Connection, mail: Mail) -> str:
        """Send one mail and return its Message-ID; GatewayError where it did not go out."""
        parts = urlsplit(connection.base_url)
        host, port = (parts.hostname or "").lower(), parts.port or (465 if parts.scheme == "smtps" else 587)
        self._check(connection, parts.scheme, host, port)
        sender = connection.secrets.get("from", "")
        message = _message(sender, mail)
        address = address_of(host, port, local=self._test_networks, resolver=self._resolver)
        try:
            with self._session(parts.scheme, host, port, address) as server:
                if parts.scheme == "smtp" and not (self._test_networks and not server.has_extn("starttls")):
                    server.starttls(context=self._tls)
                    server.ehlo()
                if connection.secrets.get("user") and server.has_extn("auth"):
                    server.login(connection.secrets["user"], connection.secrets.get("password", ""))
                server.send_message(message, sender, [mail.to])
        except smtplib.SMTPAuthenticationError as error:
            raise GatewayError(_said(error), permanent=False, cause="authentication") from None
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise GatewayError(
                f"{code} {said.decode(errors='replace')}", permanent=code >= 500, cause="request"
            ) from None
        except smtplib.SMTPResponseException as error:
            raise GatewayError(_said(error), permanent=error.smtp_code >= 500, cause="answer") from None
        except (smtplib.SMTPException, ssl.SSLError) as error:
            raise GatewayError(f"no mail taken: {type(error).__name__}", permanent=False, cause="answer") from None
        except OSError as error:
            raise GatewayError(f"cannot reach: {type(error).__name__}", permanent=False) from None
        return str(message["Message-ID"])

    def _check(self, connection: Connection, scheme: str, host: str, port: int) -> None:
        if scheme not in ("smtp", "smtps"):
            raise GatewayError("mail goes by smtp or smtps", permanent=True, cause="request")
        if host not in {name.lower() for name in connection.hosts}:
            raise GatewayError(f"the host {host} is not allowed for this connection", permanent=True, cause="request")
        if port not in PORTS and not self._test_networks:
            raise GatewayError(f"the port {port} is not allowed for mail", permanent=True, cause="request")

    @contextlib.contextmanager
    def _session(self, scheme: str, host: str, port: int, address: str) -> Iterator[smtplib.SMTP]:
        """Open a conversation that is over after the deadline, whatever the other side does."""
        opened = socket.create_connection((address, port), timeout=DEADLINE)
        if scheme == "smtps":
            opened = self._tls.wrap_socket(opened, server_hostname=host)
        server = _Connected(opened, host)
        watch = threading.Timer(DEADLINE, _hang_up, (opened,))
        watch.daemon = True
        watch.start()
        try:
            server.begin()
            yield server
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()  # the mail is taken; a rude goodbye changes nothing
        finally:
            watch.cancel()
            server.close()


class _Connected(smtplib.SMTP):
    """An SMTP conversation over a connection that was opened to a checked address."""

    def __init__(self, opened: socket.socket, host: str) -> None:
        super().__init__(timeout=DEADLINE, local_hostname="ordain")
        self.sock = opened
        self._host = host  # the name TLS is spoken with

    def begin(self) -> None:
        """Hear the greeting and answer it."""
        code, said = self.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        self.ehlo()


def _message(sender: str, mail: Mail) -> EmailMessage:
    """Return the mail; GatewayError where a header would hold more than one line."""
    message = EmailMessage()
    try:
        message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    except ValueError:
        raise GatewayError("the address or subject makes no mail header", permanent=True, cause="request") from None
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{mail.key}@{sender.rpartition('@')[2] or 'ordain'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def _hang_up(opened: socket.socket) -> None:
    with contextlib.suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


def _said(error: smtplib.SMTPResponseException) -> str:
    text: Any = error.smtp_error
    return f"{error.smtp_code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
