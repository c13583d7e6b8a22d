"""The prompt language: data tables of words, and a grammar that reads them. No model, no network."""

from stillmotion.stages.motion.grammar.parse import Parsed, parse

__all__ = ["Parsed", "parse"]
