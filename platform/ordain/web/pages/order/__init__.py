"""One order with its whole story."""
