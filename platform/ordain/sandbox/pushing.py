"""Pushing webhooks: late, doubled, out of order, and again until they are taken."""

import http.client
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from ordain.sandbox.doors import Pushed
from ordain.sandbox.memory import Memory
from ordain.sandbox.platforms import douyin, own_site, shopify, woocommerce
from ordain.sandbox.world import Order

_PUSHES: Final[Mapping[str, Callable[[Order, dict[str, str]], Pushed]]] = {
    "douyin": douyin.push, "shopify": shopify.push, "woocommerce": woocommerce.push, "own-site": own_site.push,
}  # fmt: skip
_LATEST: Final = timedelta(hours=2)
_DOUBLED: Final = 0.05
_SHUFFLED: Final = 0.1


class Pusher:
    """Delivers what changed since the last delivery; what was not taken is tried again at the next round."""

    def __init__(
        self, memory: Memory, now: Callable[[], datetime], hub: str, secrets: dict[str, dict[str, str]]
    ) -> None:
        self._memory, self._now, self._secrets = memory, now, secrets
        self._hub = urlsplit(hub)
        self._dice = random.Random(7)  # noqa: S311 when to double a message is no secret

    def run(self) -> None:
        """Deliver for ever."""
        while True:
            for platform in _PUSHES:
                self.deliver(platform)
            time.sleep(0.5)

    def deliver(self, platform: str) -> int:
        """Deliver one platform's changes; return how many messages were taken."""
        if self._memory.faults(platform)["webhooks_paused"]:
            return 0
        now = self._now()
        start = max(self._memory.sent_until(platform, now), now - _LATEST)
        orders = self._memory.story(platform).modified_between(start, now, now)
        taken = 0
        for order in self._order(orders):
            if not self._send(_PUSHES[platform](order, self._secrets[platform])):
                return taken  # the hub is away: all of this again later
            taken += 1
        self._memory.set_sent(platform, now)
        return taken

    def _order(self, orders: list[Order]) -> list[Order]:
        found = [order for order in orders for _ in range(2 if self._dice.random() < _DOUBLED else 1)]
        if len(found) > 1 and self._dice.random() < _SHUFFLED:
            self._dice.shuffle(found)
        return found

    def _send(self, pushed: Pushed) -> bool:
        channel, headers, body = pushed
        connection = http.client.HTTPConnection(self._hub.hostname or "", self._hub.port, timeout=5)
        try:
            connection.request("POST", f"/hooks/{channel}", body, headers)
            return 200 <= connection.getresponse().status < 300
        except OSError:
            return False
        finally:
            connection.close()
