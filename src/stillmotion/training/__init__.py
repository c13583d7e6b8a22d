"""Runs that make the networks."""
