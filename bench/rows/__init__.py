"""The rows of bench/README.md's first table, which ``bench.run`` measures: one file for each part of it."""
