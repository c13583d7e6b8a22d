"""Latent navigation: many results of one photo and wish, ways between them, and more like those that were liked.

jobs (READ FIRST) ─▶ ground: what all cells share, a spot becomes a job of the engine 'nano'
                     way: even steps along a walk          record: what repeats it all          results: what is written
"""
