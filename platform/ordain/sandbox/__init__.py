"""Plays the outside world over real HTTP. Imports nothing of ordain but base.

Orders are a pure function of platform, index and time: nothing is kept in memory, and a sandbox that was killed
tells the same story when it comes back. What people set (rates, faults) and which webhooks were delivered stands
in a small file of its own.
"""

from ordain.sandbox.server import create_app, serve

__all__ = ["create_app", "serve"]
