"""Measures: pure functions on frames, flows and poses."""
