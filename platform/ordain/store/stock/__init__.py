"""Stock in the database: levels, reservations, movements, and the proof that they agree."""
