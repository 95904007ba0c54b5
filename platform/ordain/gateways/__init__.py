"""The outside: HTTP client, channels, the rq doorbell; with null and fake twins."""
