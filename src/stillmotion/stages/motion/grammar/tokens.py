"""A sentence as words, numbers with units, and marks. Knows spelling, not meaning.

"Don't pan; push-in 30% over three seconds"  ─▶  do not pan ; push in <30 %> over <3 s>
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

Unit = Literal["", "s", "deg", "x", "%", "frames"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word, number or mark of the sentence."""

    text: str  # lower case; a mark is one of , . ; a number is its digits
    value: float | None = None  # of a number, else None
    unit: Unit = ""  # of a number
    possessive: bool = False  # "the woman's": the word owns what follows

    @property
    def is_mark(self) -> bool:
        """Whether this ends or divides a clause."""
        return self.text in MARKS


MARKS = frozenset({",", ".", ";"})

_CONTRACTIONS = (
    (r"\bcan'?t\b|\bcannot\b", "can not"), (r"\bwon'?t\b", "will not"), (r"\bdont\b", "do not"),
    (r"\bdoesnt\b", "does not"), (r"\bisnt\b", "is not"), (r"n't\b", " not"), (r"\blet's\b", "let us"),
    (r"\b(it|that|there|he|she|here|what)'s\b", r"\1 is"), (r"'re\b", " are"), (r"'ll\b", " will"), (r"'ve\b", " have"),
    (r"\bw/o\b", "without"), (r"\bw/", "with "), (r"&|\+(?=\s)", " and "), (r"\bpls\b|\bplz\b", "please"),
)  # fmt: skip

_TOKEN = re.compile(
    r"(?P<look>\d+\s?k\b|\d{3,4}p\b|f/\d+(?:\.\d+)?|\d+\s?mm\b|\d+\s?fps\b|\d+:\d+)"
    r"|(?P<number>\d+(?:[.,]\d+)?)"
    r"|(?P<unit>°|%)"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)?'?)"
    r"|(?P<mark>[,.;:!?()\[\]{}|/\n—–>→]|-{2,}|->)"
)

_UNITS: dict[str, Unit] = {
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "deg": "deg", "degs": "deg", "degree": "deg", "degrees": "deg", "°": "deg",
    "x": "x", "times": "x", "fold": "x", "%": "%", "percent": "%", "frames": "frames",
}  # fmt: skip

_ONES = """
    zero one two three four five six seven eight nine ten
    eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
""".split()  # noqa: SIM905 - easier to read
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "hundred": 100,
}  # fmt: skip
_NUMBERS: dict[str, float] = {word: float(i) for i, word in enumerate(_ONES)} | {k: float(v) for k, v in _TENS.items()}

_FRACTIONS = (
    (("one", "and", "a", "half"), 1.5), (("two", "and", "a", "half"), 2.5), (("half", "of", "a"), 0.5),
    (("half", "a"), 0.5), (("a", "half"), 0.5), (("a", "quarter", "of", "a"), 0.25), (("a", "couple", "of"), 2.0),
    (("a", "couple"), 2.0), (("couple", "of"), 2.0), (("a", "few"), 3.0), (("several",), 4.0), (("a",), 1.0),
)  # fmt: skip
"""Amounts in words, which count only before a unit: "half a second", "a few degrees"."""


def tokenize(sentence: str) -> tuple[Token, ...]:
    """Split a sentence; contractions are spelt out, hyphens are spaces, number words become numbers.

    Signs that no word needs (quotes, #) are left out. The 4k, 24fps, 35mm of a look are words, not numbers.
    """
    text = sentence.lower().replace("’", "'").replace("`", "'").replace("×", "x").replace("½", " half ")
    for pattern, plain in _CONTRACTIONS:
        text = re.sub(pattern, plain, text)
    text = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])|(?<=\d)-(?=[^\W\d_])|_", " ", text)
    raw = [_token(match) for match in _TOKEN.finditer(text)]
    return _join_units(_join_number_words([token for token in raw if token is not None]))


def _token(match: re.Match[str]) -> Token | None:
    found = match.group()
    if match.lastgroup == "number":
        return Token(text=found, value=float(found.replace(",", ".")))
    if match.lastgroup == "mark":
        return Token(text="," if found in {",", ":", "—", "–", "--", "(", ")", "/"} else ".")
    if match.lastgroup == "word":
        owner = re.sub(r"'s?$", "", found)
        return Token(text=owner.strip("'"), possessive=owner != found) if owner else None
    return Token(text=found.replace(" ", ""))


def _join_number_words(tokens: list[Token]) -> list[Token]:
    """Number words to numbers; "twenty five" to 25. "one" stays a word unless a unit follows ("one more thing")."""
    out: list[Token] = []
    for i, token in enumerate(tokens):
        value = _NUMBERS.get(token.text)
        before = out[-1] if out else None
        if value is None or (token.text == "one" and not _is_unit(tokens, i + 1)):
            out.append(token)
        elif before is not None and before.value is not None and before.text in _TENS and value < 10:
            out[-1] = Token(text=str(before.value + value), value=before.value + value)
        elif token.text == "hundred" and before is not None and before.value is not None:
            out[-1] = Token(text=str(before.value * 100), value=before.value * 100)
        else:
            out.append(Token(text=token.text, value=value))
    return out


def _is_unit(tokens: list[Token], i: int) -> bool:
    return i < len(tokens) and tokens[i].text in _UNITS


def _join_units(tokens: list[Token]) -> tuple[Token, ...]:
    out: list[Token] = []
    for token in tokens:
        unit = _UNITS.get(token.text)
        before = out[-1] if out else None
        if unit is None or token.value is not None:
            out.append(token)
        elif before is not None and before.value is not None and not before.unit:
            out[-1] = replace(before, text=f"{before.value:g} {token.text}", unit=unit)
        elif (fraction := _fraction_before(out)) is not None and unit in ("s", "deg", "frames"):
            count, value = fraction
            out[-count:] = [Token(text=f"{value:g} {token.text}", value=value, unit=unit)]
        elif token.text != "°":
            out.append(token)
    return tuple(out)


def _fraction_before(tokens: list[Token]) -> tuple[int, float] | None:
    """How many of the last words say an amount, and which."""
    texts = tuple(token.text for token in tokens[-4:])
    for words, value in _FRACTIONS:
        if texts[-len(words) :] == words:
            return len(words), value
    return None
