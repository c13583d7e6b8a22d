"""Larger models that a user has: checkpoints of `transformers`, run where the user wants them. None comes with us."""
