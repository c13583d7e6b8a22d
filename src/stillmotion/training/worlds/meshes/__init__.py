"""Builders of things in pure numpy: solids, and what is put together from them as parts with a material slot each."""
