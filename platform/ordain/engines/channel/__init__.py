"""Channels: everything a channel definition says about asking and listening, as pure functions.

Nobody here opens a connection or reads a clock: `requests` makes signed requests, `answers` reads what comes
back, `paging` and `window` say what to ask next, `webhook` verifies and splits what is pushed.
"""
