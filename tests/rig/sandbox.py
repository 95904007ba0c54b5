"""The sandbox over real HTTP and SMTP, on free ports, with the test's own clock."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from werkzeug.serving import make_server

from ordain.sandbox.memory import Memory
from ordain.sandbox.partners.mail import Post
from ordain.sandbox.server import create_app, secrets
from tests.rig.ports import free_port


@dataclass(frozen=True)
class Played:
    """A running sandbox: where it is, and its memory."""

    base: str
    memory: Memory
    mail_port: int

    def wait_for(self, seen: Callable[[], bool], seconds: float = 10) -> None:
        until = time.monotonic() + seconds
        while not seen():
            assert time.monotonic() < until, "it did not come"
            time.sleep(0.05)


@contextmanager
def playing(file: Path, now: Callable[[], datetime]) -> Iterator[Played]:
    """Play the outside world until the end of the block."""
    memory = Memory(file, now())
    server = make_server("127.0.0.1", 0, create_app(memory, now), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    post = Post(memory, now, secrets()["mail"]).listen("127.0.0.1", port)
    assert post is not None
    try:
        yield Played(f"http://127.0.0.1:{server.port}", memory, port)
    finally:
        post.stop()
        server.shutdown()
        server.server_close()
        memory.close()
