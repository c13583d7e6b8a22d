"""Worlds to learn from: made scenes with exact depth, flow, masks and a camera whose plan is known.

    families ─build(rng)▶ World ─render▶ frames with truth ─realism▶ as a camera would see them ─store▶ shards

A world is plain records; the renderer is the only module that knows the graphics library, and the shards the only one
that knows files. Everything follows from a family and a seed.
"""
