"""What tests are run with: real databases, a real product on free ports, a real browser."""
