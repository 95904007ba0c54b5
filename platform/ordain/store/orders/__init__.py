"""Orders in the database: keeping what arrives, finding it behind the access door, telling its story."""
