"""The real application over the services of a test."""

from tests.web.conftest import app, client

__all__ = ["app", "client"]
