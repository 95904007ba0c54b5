"""The launcher: one parent, one child per part.

Ctrl-C reaches only the parent, which decides the order: the parts first, the queue server last. A child that
dies is replaced, with a growing pause where it keeps dying. When the parent dies, however it dies, so do all.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from ordain.flows.services import Settings

APP: Final = Path(__file__).parents[3] / "app.py"
STOP_SECONDS: Final = 3.5
LONGEST_PAUSE: Final = 30.0
_FIRST: Final = ("valkey", "web")  # pages before all else: the others begin once there is something to look at
_ALONE_SECONDS: Final = 8.0


@dataclass(slots=True)
class _Child:
    name: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    due: float = 0.0
    lives: list[float] = field(default_factory=list)


def launch(settings: Settings) -> int:
    """Run everything on this machine until told to stop; return the exit code."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "launcher.lock").open("w") as lock:
        if not _lock(lock.fileno()):
            return _complain(f"another ordain runs on {settings.home}; set ORDAIN_HOME for a second one")
        taken = [port for port in _ports(settings) if not _is_free(settings.host, port)]
        if taken:
            return _complain(f"port {taken[0]} is in use; set ORDAIN_PORT to another one")
        link = _found(settings)
        return _Tree(settings, link).run()


class _Tree:
    def __init__(self, settings: Settings, link: str | None) -> None:
        self._settings = settings
        self._link = link
        self._stopping = False
        self._lifeline, self._held = os.pipe()
        self._children = [_Child(name) for name in _names(settings)]

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        begun, announced = time.monotonic(), False
        while not self._stopping:
            first = not announced and time.monotonic() - begun < _ALONE_SECONDS
            self._replace([child for child in self._children if not first or child.name in _FIRST])
            if not announced and self._is_ready():
                announced = True
                self._announce()
            time.sleep(0.05)
        self._end()
        return 0

    def _start(self, child: _Child) -> None:
        environment = {**os.environ, "ORDAIN_LIFELINE": str(self._lifeline), "ORDAIN_PARENT": str(os.getpid())}
        child.process = subprocess.Popen(  # noqa: S603 our own interpreter and file
            [sys.executable, str(APP), "_child", child.name],
            process_group=0,
            pass_fds=[self._lifeline],
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        child.started = time.monotonic()

    def _replace(self, children: Sequence[_Child]) -> None:
        """Start those that do not run, after a pause where they died."""
        now = time.monotonic()
        for child in children:
            if child.process is not None and child.process.poll() is not None:
                lived = now - child.started
                child.pause = 0.0 if lived > 10 else min(LONGEST_PAUSE, max(0.1, child.pause * 2))
                child.due, child.process = now + child.pause, None
                print(f"{child.name} ended after {lived:.1f} s; starting it again", file=sys.stderr, flush=True)
            if child.process is None and now >= child.due:
                self._start(child)

    def _is_ready(self) -> bool:
        host = "127.0.0.1" if self._settings.host == "0.0.0.0" else self._settings.host  # noqa: S104 compared, not bound
        try:
            with urllib.request.urlopen(f"http://{host}:{self._settings.port}/readyz", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _announce(self) -> None:
        print(f"\n  ordain is ready at {self._settings.base_url}", flush=True)
        if self._link:
            print(
                f"  Set the admin's password (once, within 24 hours): {self._settings.base_url}{self._link}", flush=True
            )
        print("  Ctrl-C stops everything.\n", flush=True)

    def _stop(self, _: int, __: FrameType | None) -> None:
        self._stopping = True

    def _end(self) -> None:
        """Stop the parts first, the queue server last: cut short it would lose its last second."""
        parts = [child for child in self._children if child.name != "valkey"]
        _finish([child.process for child in parts if child.process], STOP_SECONDS)
        queue = [child.process for child in self._children if child.name == "valkey" and child.process]
        _finish(queue, 2.0)
        os.close(self._held)


def _finish(processes: list[subprocess.Popen[bytes]], seconds: float) -> None:
    for process in processes:
        _signal(process, signal.SIGTERM)
    until = time.monotonic() + seconds
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, until - time.monotonic()))
    for process in processes:
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if number is signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)


def _names(settings: Settings) -> list[str]:
    names = ["web", "worker", "scheduler"]
    if not os.environ.get("REDIS_URL"):
        names.insert(0, "valkey")
    return names if settings.production else [*names, "sandbox"]


def _found(settings: Settings) -> str | None:
    """Bring the database up to date before anybody asks it; return the admin's one-time path."""
    from ordain.flows.founding import found
    from ordain.flows.login import first_admin_link
    from ordain.wiring import build

    services = build(settings)
    found(services, demo=not settings.production)
    link = first_admin_link(services)
    services.db.close()
    return link


def _ports(settings: Settings) -> list[int]:
    return [settings.port] if settings.production else [settings.port, settings.sandbox_port]


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _complain(text: str) -> int:
    print(text, file=sys.stderr)
    return 1
