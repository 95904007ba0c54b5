"""The whole product, started as a newcomer starts it, on free ports with a home of its own."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.rig.ports import free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Product:
    """A running installation; `link` is the first admin's."""

    home: Path
    port: int = field(default_factory=free_port)
    environment: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    link: str = ""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def variables(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")}
        return {**kept, "ORDAIN_HOME": str(self.home), "ORDAIN_PORT": str(self.port), **self.environment}

    def start(self, seconds: float = 40) -> None:
        """Start and wait until pages are answered."""
        log = (self.home.parent / f"{self.home.name}.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")],
            env=self.variables(),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        log.close()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.is_ready() and (found := re.search(r"ready at|/first/\S+", self.log())):
                self.link = next(iter(re.findall(r"http://\S+/first/\S+", self.log())), "") or self.link
                assert found
                return
            time.sleep(0.1)
        raise RuntimeError(f"the product did not start:\n{self.log()[-3000:]}")

    def start_whole(self, seconds: float = 40) -> None:
        """Start and wait until every part is there, the sandbox last."""
        self.start(seconds)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port + 1), timeout=1):
                return
            time.sleep(0.1)
        raise RuntimeError(f"the sandbox did not start:\n{self.log()[-3000:]}")

    def log(self) -> str:
        return (self.home.parent / f"{self.home.name}.log").read_text(errors="replace")

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/readyz", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def command(self, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "app.py"), *arguments],
            env=self.variables(), input=text, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def children(self) -> dict[str, int]:
        """Return the launcher's children by name."""
        assert self.process is not None
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    parent = re.search(r"PPid:\s+(\d+)", (entry / "status").read_text())
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                    if parent and int(parent.group(1)) == self.process.pid:
                        name = words[3].decode() if b"_child" in words else "valkey"
                        found[name] = int(entry.name)
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(20)
            self.process = None


@contextlib.contextmanager
def running(home: Path, **environment: str) -> Iterator[Product]:
    """Start the product and stop it at the end."""
    product = Product(home, environment=environment)
    product.start_whole()
    try:
        yield product
    finally:
        product.stop()


def processes_of(home: Path) -> list[int]:
    """Return every process that knows this home."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if f"ORDAIN_HOME={home}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found
