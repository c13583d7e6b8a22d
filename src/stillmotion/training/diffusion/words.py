"""The vocabulary of the sentence encoder: every word plans are told in, and what things and moves are called.

Words of a prompt that only describe a look are left out: a plan's sentence never has them.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

from stillmotion.models.dit_text import Vocabulary
from stillmotion.models.dit_words import SIGNS, split
from stillmotion.stages.motion import explain, explain_camera
from stillmotion.stages.motion.grammar.lexicon import lexicon
from stillmotion.vocabulary import LABELS


def vocabulary() -> Vocabulary:
    """Signs first, then words by the alphabet; kept with the weights, since the lexicon grows."""
    words = {word for phrase in _phrases() for word in split(phrase)} - set(SIGNS)
    return Vocabulary((*SIGNS, *sorted(words)))


def _phrases() -> Iterator[str]:
    for phrase, entry in lexicon().items():
        if entry.label or entry.way or entry.things:
            yield from phrase
    for label, names in LABELS.items():
        yield from (label, *names)
    for module in (explain, explain_camera):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
