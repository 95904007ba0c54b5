"""The audit: what was done, by whom, from where, before and after."""
