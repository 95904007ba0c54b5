"""Pure interpreters: a definition and facts in, a decision out. No I/O, no clock, none imports another."""
