"""Flask doors: hooks, staff, admin, api, session."""
