"""The languages definitions are written in: expressions, schemas, and the replacer for texts."""
