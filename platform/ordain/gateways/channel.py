"""Asking a channel: a built request through the one client, to the place its connection names."""

from ordain.engines.channel.answers import Answer
from ordain.engines.channel.requests import Request
from ordain.gateways.http import HttpClient
from ordain.store.connections import Connection


class HttpChannel:
    """The channels of the outside world, over HTTP."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def ask(self, connection: Connection, request: Request, *, deadline: float) -> Answer:
        """Return the answer, whatever its status; GatewayError where there is none."""
        status, headers, body = self._client.send(
            request.method,
            connection.base_url.rstrip("/") + request.target,
            hosts=connection.hosts,
            headers=request.headers,
            body=request.body,
            deadline=deadline,
        )
        return Answer(status, headers, body)
