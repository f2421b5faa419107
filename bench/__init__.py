"""Benchmarks: figures to print and keep, never in timed tests."""
