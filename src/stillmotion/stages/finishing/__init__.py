"""Frames -> Video."""
