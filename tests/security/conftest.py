"""The real application over the services of a test: what readers, programs and strangers are answered."""

from tests.web.conftest import app, client, signed_in, token

__all__ = ["app", "client", "signed_in", "token"]
