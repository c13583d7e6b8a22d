"""When each move happens and how far it goes: moves in the order they were said -> slots in time.

Knows lengths and amounts, no poses. The rules, in order:

    static beside another move loses; of two opposite (or two equal) moves at the same time the later one wins
    "then" moves follow one another and overlap by a third, so that the camera never stops dead between them
    a length that is given is kept, brief moves take their own, the others share what is left evenly
    a move's own amount grows with the root of its length: 10 s of pushing go further than 5 s, but not twice as far
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from stillmotion.errors import InputError
from stillmotion.stages.motion.moves import MOVES, Move, MoveSpec

BLEND = 0.35  # share of the shorter of two neighbours during which both move
_SHORTEST_S = 0.5  # what a move without a length of its own must at least get
_BEAT_S = 0.6  # stillness before a clip that has only brief moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A move with its place in time and its amount."""

    move: Move
    spec: MoveSpec
    start: float
    end: float
    amount: float


def resolve(moves: Sequence[Move]) -> tuple[list[list[Move]], list[Move], list[str]]:
    """Split into steps that follow one another (each a list of moves that run together) and moves that lie over all
    of them (texture, time, framing); drop what contradicts, with a note each.

    Raises:
        InputError: no move has such a name.
    """
    for move in moves:
        if move.name not in MOVES:
            raise InputError(f"There is no camera move {move.name!r}.", hint=f"There is {', '.join(MOVES)}.")
    notes: list[str] = []
    over = [move for move in moves if MOVES[move.name].family in ("texture", "time", "framing")]
    steps: list[list[Move]] = []
    for move in moves:
        if move in over:
            continue
        if move.together and steps:
            steps[-1].append(move)
        else:
            steps.append([move])
    steps = [_without_contradictions(step, notes) for step in steps]
    return steps, _latest_of_each(over, notes), notes


def schedule(steps: Sequence[Sequence[Move]], length: float) -> tuple[list[Slot], list[str]]:
    """Slots of the steps of a path that is `length` seconds long, in order."""
    lengths, notes = _step_lengths(steps, length)
    only_brief = all(_is_brief(step) for step in steps)
    cursor = min(_BEAT_S, (length - sum(lengths)) / 4) if only_brief else 0.0
    slots: list[Slot] = []
    for i, (step, seconds) in enumerate(zip(steps, lengths, strict=True)):
        begin = step[0].start if step[0].start is not None else cursor
        lead, trail = _blends(steps, lengths, i)
        for move in step:
            start = move.start if move.start is not None else begin - lead
            wished = seconds if move.seconds is None else min(move.seconds, seconds)
            end = min(length, begin + wished + (trail if wished == seconds else 0.0))
            start = max(0.0, min(start, length - 0.04))
            slots.append(_slot(move, start, max(end, start + 0.04), notes))
        cursor = begin + seconds
    return slots, notes


def amount_of(move: Move, seconds: float, notes: list[str]) -> float:
    """How far the move goes in its unit: the number that was given, else its own, scaled by its adverb and length."""
    spec = MOVES[move.name]
    amount = move.amount
    if amount is None:
        pace = 1.0 if spec.brief or not spec.stops(spec.amount) else _pace(seconds / spec.seconds)
        amount = spec.amount ** (move.scale * pace) if spec.unit == "factor" else spec.amount * move.scale * pace
        return min(amount, spec.most)
    if amount > spec.most:
        notes.append(
            f"{spoken(spec)} {amount:g}{_sign(spec)} is more than one shot carries; "
            f"it was cut to {spec.most:g}{_sign(spec)}."
        )
    return min(amount, spec.most)


def spoken(spec: MoveSpec) -> str:
    """The move's name as one would say it."""
    return spec.name.replace("_", " ")


def _pace(ratio: float) -> float:
    return min(1.5, max(0.55, math.sqrt(ratio)))


def _sign(spec: MoveSpec) -> str:
    return {"deg": "°", "factor": "x"}.get(spec.unit, "")


def _slot(move: Move, start: float, end: float, notes: list[str]) -> Slot:
    return Slot(move=move, spec=MOVES[move.name], start=start, end=end, amount=amount_of(move, end - start, notes))


def _without_contradictions(step: list[Move], notes: list[str]) -> list[Move]:
    """Of static and another move the other stays; of opposite or equal moves the last stays."""
    moving = [move for move in step if move.name != "static"]
    if moving and len(moving) < len(step):
        notes.append(f"'static' contradicts '{spoken(MOVES[moving[-1].name])}' at the same time; the camera moves.")
    kept: list[Move] = []
    for i, move in enumerate(moving):
        spec = MOVES[move.name]
        later = [m for m in moving[i + 1 :] if m.name in (spec.name, spec.opposite)]
        if not later:
            kept.append(move)
        elif later[-1].name == spec.opposite:
            winner = spoken(MOVES[spec.opposite])
            notes.append(f"'{spoken(spec)}' contradicts '{winner}' at the same time; the later one was taken.")
    if not kept:
        return step[-1:]
    return [replace(kept[0], together=False), *kept[1:]]


def _latest_of_each(over: Sequence[Move], notes: list[str]) -> list[Move]:
    """At most one texture, one bend of time and one opening view: the last of each."""
    kept: dict[str, Move] = {}
    for move in over:
        family = MOVES[move.name].family
        if family in kept and kept[family].name != move.name:
            notes.append(f"'{spoken(MOVES[kept[family].name])}' gives way to '{spoken(MOVES[move.name])}'.")
        kept[family] = move
    return list(kept.values())


def _is_brief(step: Sequence[Move]) -> bool:
    return all(MOVES[move.name].brief for move in step)


def _given(step: Sequence[Move]) -> float | None:
    """The length that the words or the nature of a step fix, if any."""
    said = [move.seconds for move in step if move.seconds is not None]
    if said:
        return max(said)
    return max(MOVES[move.name].seconds for move in step) if _is_brief(step) else None


def _step_lengths(steps: Sequence[Sequence[Move]], length: float) -> tuple[list[float], list[str]]:
    given = [_given(step) for step in steps]
    free = sum(g is None for g in given)
    fixed = sum(g for g in given if g is not None)
    gaps = [step[0].start for step in steps if step[0].start is not None]
    room = length - (gaps[0] if gaps and len(steps) == 1 else 0.0)
    most = max(room - free * _SHORTEST_S, 0.25 * room) if free else room
    squeeze = min(1.0, most / fixed) if fixed else 1.0
    notes = []
    if squeeze < 1.0 - 1e-9:
        wanted = fixed + free * _SHORTEST_S
        notes.append(f"The moves together want {wanted:g} s and the video has {length:g} s; they were shortened.")
    share = max(room - fixed * squeeze, 0.0) / free if free else 0.0
    return [share if g is None else g * squeeze for g in given], notes


def _blends(steps: Sequence[Sequence[Move]], lengths: Sequence[float], i: int) -> tuple[float, float]:
    """How much earlier and later than its own share a step moves, seconds."""

    def overlap(a: int, b: int) -> float:
        stiff = (
            any(_is_brief(steps[k]) or steps[k][0].name == "static" for k in (a, b)) or steps[b][0].start is not None
        )
        return 0.0 if stiff else BLEND / 2 * min(lengths[a], lengths[b])

    return (overlap(i - 1, i) if i else 0.0), (overlap(i, i + 1) if i + 1 < len(steps) else 0.0)
