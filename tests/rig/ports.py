"""Ports nobody uses."""

import socket


def free_port() -> int:
    """Return a port of loopback that is free now, with the two after it free too."""
    for _ in range(100):
        with socket.socket() as one, socket.socket() as other, socket.socket() as third:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 1))
                third.bind(("127.0.0.1", port + 2))
            except OSError:
                continue
            return port
    raise RuntimeError("no three free ports")
