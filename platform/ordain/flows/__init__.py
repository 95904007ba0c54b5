"""Effect shells, one per journey: load, decide, apply in one transaction."""
