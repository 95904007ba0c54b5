"""Proof that nothing leaks and nothing is changed unseen."""
