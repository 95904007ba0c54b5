"""Rights looked at: through the eyes of a role, and why somebody sees a record or does not."""
