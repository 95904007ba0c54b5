"""Measurements: repeatable, ratios in one run. `make bench` runs all and writes bench/RESULTS.md."""
