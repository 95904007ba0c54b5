"""Calls to outside systems as definitions describe them: the signed request, and what its answer means.

Channels, connectors and whatever else calls the outside share these; nobody here opens a connection.
"""
