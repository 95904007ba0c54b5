"""The one door: `python app.py [command]`, and `create_app()` for WSGI servers."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent / "platform"))

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> "Flask":
    """Return the web application, with settings from the environment."""
    from ordain.web.app import create_app as create
    from ordain.wiring import build, settings_from

    return create(build(settings_from()))


if __name__ == "__main__":
    from ordain.cli import main

    sys.exit(main(sys.argv[1:]))
