"""Run-time nouns as frozen dataclasses."""
