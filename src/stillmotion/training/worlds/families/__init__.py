"""Families of worlds: one file each, with `build(rng, size) -> World`."""
