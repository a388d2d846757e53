"""Benchmarks: one figure a line, each with its baseline of the same run."""
