"""The repair page: held orders and messages in quarantine."""
