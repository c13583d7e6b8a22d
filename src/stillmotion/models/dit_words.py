"""A sentence as numbers of words, for the transformer: a vocabulary of the plan's own words. Needs nothing.

    "The camera pans right by 9°, in 3 s." ─split▶ the camera pans right by 9 ° , in 3 s . ─numbers▶ (L,)

Numbers are read digit by digit. Words that are not in the vocabulary are one and the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

PAD, NOTHING, UNKNOWN = 0, 1, 2
"""Beyond the end; no sentence at all; a word nobody knows."""
SIGNS = tuple("0123456789.,%°'/-")
_PIECE = re.compile(r"[a-z]+|[0-9.,%°'/-]")


def split(sentence: str) -> list[str]:
    """Lower-case words, digits and signs."""
    return _PIECE.findall(sentence.lower())


def numbers(sentence: str, words: Sequence[str], length: int) -> list[int]:
    """`length` numbers; a sentence that is too long is cut, an empty one is `NOTHING`. The first word has number 3."""
    known = {word: 3 + i for i, word in enumerate(words)}
    found = [known.get(piece, UNKNOWN) for piece in split(sentence)][:length] or [NOTHING]
    return found + [PAD] * (length - len(found))
