"""Every phrase the grammar knows, with all that it may mean. The clause around it decides which meaning counts.

tokens ─read▶ items, each the longest phrase found at its place
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from stillmotion.stages.motion.grammar import look_words, words
from stillmotion.stages.motion.grammar.camera_words import GESTURES
from stillmotion.stages.motion.grammar.face_words import FACE_NOUNS, FACE_VERBS
from stillmotion.stages.motion.grammar.thing_words import VERBS
from stillmotion.stages.motion.grammar.tokens import Token
from stillmotion.vocabulary import LABELS, singular

_IRREGULAR: dict[str, str] = {
    "fly": "flies flying flew flown", "swing": "swings swinging swung", "rise": "rises rising",
    "fall": "falls falling fell", "go": "goes going gone", "spin": "spins spinning spun",
    "dolly": "dollies dollying dollied dollys", "come": "comes coming came", "run": "runs running ran",
    "blow": "blows blowing blown blew", "shake": "shakes shaking shaken shook", "keep": "keeps keeping kept",
    "freeze": "freezes freezing frozen froze", "hold": "holds holding held", "swim": "swims swimming",
    "sink": "sinks sinking sank", "hang": "hangs hanging hung", "stand": "stands standing",
    "sweep": "sweeps sweeping swept", "drive": "drives driving", "break": "breaks breaking broke",
    "creep": "creeps creeping crept", "take": "takes taking", "ride": "rides riding", "burn": "burns burning",
    "shine": "shines shining", "speak": "speaks speaking", "lead": "leads leading led", "hit": "hits hitting",
    "beat": "beats beating", "spiral": "spirals spiraling spiralling spiraled",
    "travel": "travels traveling travelling", "swivel": "swivels swiveling swivelling", "shoot": "shoots shooting",
    "pedestal": "pedestals pedestaling pedestalling", "leave": "leaving", "do": "does doing",
    "bend": "bends bending bent", "ski": "skis skiing", "arc": "arcs arcing arced", "bow": "bows bowing bowed",
    "flow": "flows flowing flowed", "draw": "draws drawing drew", "throw": "throws throwing", "cut": "cuts cutting",
    "get": "gets getting", "focus": "focuses focusing focussing focused", "traverse": "traverses traversing",
    "revolve": "revolves revolving",
}  # fmt: skip
_VOWELS = frozenset("aeiou")
_KEEP_SINGLE = frozenset({"open", "lower", "follow", "enter", "exit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a phrase may mean; every reading that is set is possible."""

    camera: str = ""  # key of GESTURES
    things: frozenset[str] = frozenset()  # classes of VERBS
    face: str = ""  # key of FACE_VERBS
    face_noun: bool = False  # head, eyes, mouth
    label: str = ""  # canonical label of a noun
    way: str = ""  # key of WAYS
    amount: float = 0.0
    speed: float = 0.0
    ease: str = ""
    degree: int = 0  # very +1, not too -1: pushes the next adverb
    role: str = ""  # key of ROLES
    loop: str = ""  # key of LOOPS
    clip: bool = False  # makes a time the clip's length
    look: bool = False  # description: says how it looks, not how it moves
    stop: bool = False  # says nothing by itself
    base: str = ""  # the verb or phrase, not inflected
    form: str = ""  # how a verb is inflected: base, s, ing, ed; "" for what is no verb


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One phrase of a sentence at its place."""

    text: str
    entry: Entry
    number: Token | None = None
    possessive: bool = False
    mark: bool = False  # a comma or a full stop

    @property
    def known(self) -> bool:
        """Whether the lexicon has it."""
        return self.entry is not UNKNOWN or self.number is not None or self.mark

    @property
    def is_verb(self) -> bool:
        """Whether it can be what a clause says about something."""
        return bool(self.entry.camera or self.entry.things or self.entry.face or self.entry.role == "motion")


UNKNOWN = Entry()
LONGEST = 7


def inflections(verb: str) -> Iterator[tuple[str, str]]:
    """(form, spelling) of an English verb; forms are base, s, ing and ed."""
    yield "base", verb
    if verb in _IRREGULAR:
        for spelling in _IRREGULAR[verb].split():
            yield ("ing" if spelling.endswith("ing") else "s" if spelling.endswith("s") else "ed"), spelling
        return
    y = verb.endswith("y") and verb[-2] not in _VOWELS
    yield (
        "s",
        verb[:-1] + "ies" if y else verb + "es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else verb + "s",
    )
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith(("ee", "oe")) else verb
    if _doubles(verb):
        stem = verb + verb[-1]
    yield "ing", stem + "ing"
    yield "ed", verb[:-1] + "ied" if y else stem + "ed"


def _doubles(verb: str) -> bool:
    """pan -> panning: a short verb that ends in one vowel and one consonant doubles it."""
    if verb in _KEEP_SINGLE or not 3 <= len(verb) <= 5 or verb[-1] in "aeiouwxy":
        return False
    vowels = sum(letter in _VOWELS for letter in verb)
    return verb[-2] in _VOWELS and verb[-3] not in _VOWELS and vowels == 1


def _split(text: str) -> list[str]:
    return [phrase for part in text.split(",") if (phrase := " ".join(part.split()))]


def _readings() -> Iterator[tuple[str, Entry]]:
    """(phrase of a table, what it means there)."""
    for name, gesture in GESTURES.items():
        yield from ((p, Entry(camera=name)) for p in _split(gesture.phrases))
    for name, text in VERBS.items():
        yield from ((p, Entry(things=frozenset({name}))) for p in _split(text))
    for name, text in FACE_VERBS.items():
        yield from ((p, Entry(face=name)) for p in _split(text))
    yield from ((p, Entry(face_noun=True)) for p in _split(FACE_NOUNS))
    for label, names in LABELS.items():
        yield from ((p.replace("-", " "), Entry(label=label)) for p in {label, *names} - {"it"})
    for way, text in words.WAYS.items():
        yield from ((p, Entry(way=way)) for p in _split(text))
    for scale, text in words.AMOUNTS.items():
        yield from ((p, Entry(amount=scale)) for p in _split(text))
    for scale, text in words.SPEEDS.items():
        yield from ((p, Entry(speed=scale)) for p in _split(text))
    for ease, text in words.EASES.items():
        yield from ((p, Entry(ease=ease)) for p in _split(text))
    for role, text in words.ROLES.items():
        yield from ((p, Entry(role=role)) for p in _split(text))
    for loop, text in words.LOOPS.items():
        yield from ((p, Entry(loop=loop)) for p in _split(text))
    yield from _small_words()


def _small_words() -> Iterator[tuple[str, Entry]]:
    yield from ((p, Entry(degree=1)) for p in _split(words.STRONGER))
    yield from ((p, Entry(degree=-1)) for p in _split(words.WEAKER))
    yield from ((p, Entry(clip=True)) for p in _split(words.CLIP))
    yield from ((p, Entry(stop=True)) for p in _split(words.WHOLE))
    yield from ((p, Entry(look=True)) for p in _split(words.LIGHT))
    yield from ((p.replace("-", " "), Entry(look=True)) for p in look_words.LOOK.split())
    yield from ((p, Entry(look=True)) for p in _split(look_words.LOOK_PHRASES))
    yield from ((p, Entry(stop=True)) for p in _split(look_words.STOP))


def _merged(old: Entry, new: Entry, *, form: str, base: str) -> Entry:
    """All readings of both; where both have one of a kind, the first table's."""
    is_verb = bool(form)
    return Entry(
        camera=old.camera or new.camera, things=old.things | new.things, face=old.face or new.face,
        face_noun=old.face_noun or new.face_noun, label=old.label or new.label, way=old.way or new.way,
        amount=old.amount or new.amount, speed=old.speed or new.speed, ease=old.ease or new.ease,
        degree=old.degree or new.degree, role=old.role or new.role, loop=old.loop or new.loop,
        clip=old.clip or new.clip,
        look=old.look or new.look, stop=old.stop or new.stop,
        base=base if is_verb and not old.form else old.base or base, form=old.form or form,
    )  # fmt: skip


@cache
def lexicon() -> dict[tuple[str, ...], Entry]:
    """Phrase, as a tuple of words, -> entry with the readings of all tables."""
    table: dict[tuple[str, ...], Entry] = {}
    for phrase, entry in _readings():
        first, *rest = phrase.removeprefix("~").split()
        base = " ".join((first, *rest))
        spellings = inflections(first) if phrase.startswith("~") else iter([("", first)])
        for form, spelling in spellings:
            key = (spelling, *rest)
            table[key] = _merged(table.get(key, UNKNOWN), entry, form=form, base=base)
    return table


def read(tokens: tuple[Token, ...]) -> list[Item]:
    """The longest known phrases, left to right; words nobody knows are items with the entry UNKNOWN."""
    table, items, i = lexicon(), [], 0
    while i < len(tokens):
        token = tokens[i]
        if token.is_mark or (token.value is not None and not _begins_phrase(tokens, i)):
            items.append(
                Item(text=token.text, entry=UNKNOWN, number=None if token.is_mark else token, mark=token.is_mark)
            )
            i += 1
            continue
        for n in range(min(LONGEST, len(tokens) - i), 0, -1):
            words_here = tuple(t.text for t in tokens[i : i + n])
            if (entry := table.get(words_here)) is not None:
                break
        else:
            n, entry = 1, _by_ending(token.text)
        items.append(
            Item(text=" ".join(t.text for t in tokens[i : i + n]), entry=entry, possessive=tokens[i + n - 1].possessive)
        )
        i += n
    return items


def _begins_phrase(tokens: tuple[Token, ...], i: int) -> bool:
    """A number that belongs to a phrase: "360 shot"."""
    return any(tuple(t.text for t in tokens[i : i + n]) in lexicon() for n in range(2, LONGEST + 1))


def _by_ending(word: str) -> Entry:
    """A plural of a known noun, a size of a look (4k, 24fps), or nobody knows."""
    single = lexicon().get((singular(word),))
    if single is not None and single.label and singular(word) != word:
        return Entry(label=single.label)
    if single is not None and single.look and singular(word) != word:
        return Entry(look=True)
    return Entry(look=True) if word[:1].isdigit() or word.startswith("f/") else UNKNOWN


def described(item: Item) -> Item:
    """The item as description only."""
    return replace(item, entry=Entry(look=True))
