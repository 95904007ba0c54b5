"""Files that people bring, and those that should never have been brought."""
