"""Channels and their health."""
