"""The table of prompts: what people write, and the plan that it means."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillmotion.plan import Canvas, Flow, LabelMask, MotionPlan, RegionMotion, Track
from stillmotion.stages.motion.compose import compose
from stillmotion.stages.motion.explain import explain
from stillmotion.stages.motion.grammar import Parsed, parse
from stillmotion.stages.motion.grammar.lexicon import lexicon

HERE = Path(__file__).parent


def rows(name: str) -> list[tuple[str, str, str]]:
    """(prompt, camera, regions) of a table."""
    lines = [line for line in (HERE / name).read_text().splitlines() if line and not line.startswith("#")]
    parts = [[part.strip() for part in line.split("|")] for line in lines]
    return [(part[0], part[1], part[2] if len(part) > 2 else "") for part in parts]


def camera_of(parsed: Parsed) -> str:
    """The moves in the table's notation."""
    words = [("" if i == 0 else " + " if move.together else " > ") + move.name for i, move in enumerate(parsed.moves)]
    return "".join(words)


def region_of(region: RegionMotion) -> str:
    """A region in the table's notation."""
    label = region.mask.label if isinstance(region.mask, LabelMask) else "subject"
    motion = region.motion
    word = f"{label}:{motion.kind}"
    if isinstance(motion, Flow):
        if motion.direction_deg is not None:
            return f"{word}@{motion.direction_deg:g}"
        return f"{word}:{'near' if motion.toward_camera > 0 else 'far'}"
    if isinstance(motion, Track):
        (x0, y0), (x1, y1) = motion.points[0].at, motion.points[-1].at
        return f"{word}@{round(math.degrees(math.atan2((y0 - y1) / ASPECT, x1 - x0))) % 360}"
    return word


ASPECT = 16 / 9


@pytest.mark.parametrize(("prompt", "camera", "regions"), rows("prompts.txt"))
def test_a_prompt_means_what_people_mean(prompt: str, camera: str, regions: str) -> None:
    parsed = parse(prompt, seconds=5, aspect=ASPECT)
    assert camera_of(parsed) == camera
    assert ", ".join(map(region_of, parsed.regions)) == regions


def test_the_table_is_as_long_as_it_should_be() -> None:
    assert len(rows("prompts.txt")) >= 150


BLIND, LATER = 34, 35
"""Right of the paraphrases: when they were first read, and since their failures have been looked at."""


def test_sentences_the_grammar_was_not_written_for_are_read_as_well_as_the_docs_say() -> None:
    table = rows("paraphrases.txt")
    right = 0
    for prompt, camera, regions in table:
        parsed = parse(prompt, seconds=5, aspect=ASPECT)
        right += camera_of(parsed) == camera and ", ".join(map(region_of, parsed.regions)) == regions
    assert right >= LATER
    told = (HERE.parents[3] / "docs" / "prompt-language.md").read_text()
    assert f"{BLIND} of {len(table)}" in told
    assert f"{LATER} of {len(table)}" in told


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_grammar(text: str) -> None:
    parse(text, seconds=5, aspect=ASPECT)


@given(st.lists(st.sampled_from(sorted({" ".join(key) for key in lexicon()})), max_size=9))
@settings(max_examples=300, deadline=None)
def test_any_known_words_make_a_plan_that_can_be_drawn(words: list[str]) -> None:
    parsed = parse(" ".join(words), seconds=5, aspect=ASPECT)
    canvas = Canvas(width=640, height=360, loop=parsed.loop or "none", seconds=min(max(parsed.seconds or 5, 0.5), 600))
    camera, time, _ = compose(parsed.moves, canvas, fov_deg=55)
    plan = MotionPlan(canvas=canvas, camera=camera, time=time, regions=parsed.regions, portrait=parsed.portrait)
    assert explain(plan)


@pytest.mark.parametrize(
    ("prompt", "amount", "seconds"),
    [
        ("pan 20 degrees left over 3 s", 20, 3), ("push in 30 %", 0.3, None), ("zoom lens", None, None),
        ("optical zoom in 2x", 2, None), ("orbit left thirty degrees", 30, None), ("truck right 20%", 0.2, None),
    ],
)  # fmt: skip
def test_numbers_with_their_units_are_taken_as_they_are(
    prompt: str, amount: float | None, seconds: float | None
) -> None:
    (move,) = parse(prompt, seconds=5, aspect=ASPECT).moves
    assert move.amount == (pytest.approx(amount) if amount is not None else None)
    assert move.seconds == seconds


@pytest.mark.parametrize(
    ("prompt", "seconds", "loop"),
    [
        ("push in for 8 seconds", 8, None), ("a 5 second video, orbit right", 5, None), ("push in, 6 s", 6, None),
        ("clouds move left, looping seamlessly", None, "seamless"), ("boomerang push in", None, "pingpong"),
        ("push in 2 s then pan left 3 s", 5, None), ("push in", None, None),
    ],
)  # fmt: skip
def test_length_and_loop_are_heard(prompt: str, seconds: float | None, loop: str | None) -> None:
    parsed = parse(prompt, seconds=4, aspect=ASPECT)
    assert (parsed.seconds, parsed.loop) == (seconds, loop)


def test_adverbs_scale_the_amount_and_very_pushes_them() -> None:
    words = ("", "slow", "very slow", "dramatic")
    scale = {word: parse(f"{word} push in", seconds=5, aspect=ASPECT).moves[0].scale for word in words}
    assert scale["very slow"] < scale["slow"] < scale[""] < scale["dramatic"]


def test_what_nobody_understood_is_named() -> None:
    parsed = parse("flurbinate the zorkel, push in", seconds=5, aspect=ASPECT)
    assert parsed.unknown == ("flurbinate", "zorkel")
    assert [move.name for move in parsed.moves] == ["push_in"]


def test_a_side_that_was_left_open_is_told() -> None:
    assert any("right is taken" in note for note in parse("orbit", seconds=5, aspect=ASPECT).notes)
