"""Definitions: the list, one version, history, two versions compared."""
