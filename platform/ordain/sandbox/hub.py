"""The hub as partners see it: its HTTP interface, asked with a token that the installation keeps for them in a file."""

import http.client
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ordain.base import json


class Unreached(Exception):
    """The hub did not answer, or with what is no JSON; nothing is known of what was asked."""


class Hub:
    """One partner's way to the hub: its address and the file that holds the partner's token."""

    def __init__(self, address: str, token_file: Path) -> None:
        self.address = address
        self._host, self._file = urlsplit(address), token_file

    @property
    def known(self) -> bool:
        """Whether there is a token to ask with."""
        return self._file.exists()

    def ask(
        self, method: str, path: str, body: object = None, *, media: str = "application/json", **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Return status and body of one request, `Accept_Language` being the header Accept-Language; Unreached."""
        connection = http.client.HTTPConnection(self._host.hostname or "", self._host.port, timeout=5)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            token = self._file.read_text().strip()
            raw = json.dumps(body) if body is not None else None
            connection.request(method, path, raw, {"Authorization": f"Bearer {token}", "Content-Type": media, **sent})
            response = connection.getresponse()
            answered = response.read()
            return response.status, json.loads(answered) if answered else {}
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unreached(str(error)) from error
        finally:
            connection.close()
