"""The WSGI application as granian's workers make it: each dies with the launcher, none hands its environment on."""

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

from ordain.launch.children import die_with_parent

Start = Callable[..., Any]


def make() -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    """Return the application of this worker."""
    die_with_parent()
    from ordain.gateways import logs
    from ordain.web.app import create_app
    from ordain.wiring import build, settings_from

    logs.configure()
    app = create_app(build(settings_from()))
    gc.collect()
    gc.freeze()  # what the application is made of stays; the collector need not look through it at every turn
    gc.set_threshold(10_000, 20, 50)
    ours = {name for name in os.environ if not name.startswith(("HTTP_", "REQUEST_", "SERVER_", "PATH_"))}

    def clean(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Keep the process's environment out of the request's: it holds secrets."""
        for name in ours:
            if name not in _WSGI:
                environ.pop(name, None)
        return app(environ, start)

    return clean


_WSGI = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH", "QUERY_STRING", "SCRIPT_NAME", "REMOTE_ADDR"})
