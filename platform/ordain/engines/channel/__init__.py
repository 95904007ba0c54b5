"""Channels: everything a channel definition says about asking and listening, as pure functions.

Nobody here opens a connection or reads a clock: `paging` and `window` say what to ask next, `webhook` verifies and
splits what is pushed; requests and answers are those of all calls (`engines/calls`).
"""
