"""Which steps are taken, and in which order. Knows the options and every step; does not know files.

    mend        deblock ─▶ deflicker ─▶ lock colour ─▶ denoise     at the clip's own size and rate
    steady      stabilize
    time        retime                                             new frames from clean, steady ones
    size        upscale ─▶ sharpen
    look        lens blur ─▶ colour ─▶ grain ─▶ letterbox ─▶ text, logo, watermark ─▶ fades
    last        deband                                             its dither must not be smoothed away

Noise is averaged along the motion, so the light is even by then; grain is on the picture, not on bars and letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stillmotion.options import FinishingOptions, FinishOptions
from stillmotion.plan import Grade
from stillmotion.stages.finishing.step import Step
from stillmotion.types import FrameStream


def steps(options: FinishingOptions, grade: Grade, *, seed: int) -> tuple[Step, ...]:
    """The steps that these options ask for; the colour is that of `grade`, in which the options' own are folded.

    Raises:
        InputError: a file an option names (LUT, logo, font) cannot be used.
    """
    return (
        *_mending(options), *_timing(options), *_enlarging(options), *_looking(options, grade, seed=seed),
        *_last(options, seed=seed),
    )  # fmt: skip


def chained(frames: FrameStream, through: Sequence[Step]) -> FrameStream:
    """The frames after all steps."""
    for step in through:
        frames = step(frames)
    return frames


def told_by(through: Sequence[Step]) -> list[dict[str, Any]]:
    """What every step did, in order, ready for JSON; whole once the frames have ended."""
    return [{"step": step.name, **step.told()} for step in through]


def _mending(options: FinishingOptions) -> list[Step]:
    found: list[Step] = []
    if options.deblock:
        from stillmotion.stages.finishing.deblock import Deblock

        found.append(Deblock())
    if options.deflicker:
        from stillmotion.stages.finishing.deflicker import Deflicker

        found.append(Deflicker())
    if options.lock_colour is not None:
        from stillmotion.stages.finishing.lock_colour import LockColour

        found.append(LockColour(strength=options.lock_colour))
    if options.denoise is not None:
        from stillmotion.stages.finishing.denoise import Denoise

        found.append(Denoise(strength=options.denoise))
    if options.stabilize or options.tripod:
        from stillmotion.stages.finishing.stabilize import Stabilize

        found.append(Stabilize(tripod=options.tripod, room=options.stabilize_room, border=options.border))
    return found


def _timing(options: FinishingOptions) -> list[Step]:
    if not isinstance(options, FinishOptions) or (options.fps is None and options.speed is None):
        return []
    from stillmotion.stages.finishing.retime import Retime

    return [Retime(fps=options.fps, speed=options.speed, how=options.between)]


def _enlarging(options: FinishingOptions) -> list[Step]:
    found: list[Step] = []
    if options.upscale is not None:
        from stillmotion.stages.finishing.upscale import Upscale

        found.append(Upscale(factor=options.upscale))
    if options.sharpen is not None:
        from stillmotion.stages.finishing.sharpen import Sharpen

        found.append(Sharpen(amount=options.sharpen))
    return found


def _looking(options: FinishingOptions, grade: Grade, *, seed: int) -> list[Step]:
    found: list[Step] = []
    if options.lens_blur is not None:
        from stillmotion.stages.finishing.lens_blur import LensBlur

        found.append(LensBlur(amount=options.lens_blur))
    if options.lut is not None or grade != Grade(grain=grade.grain):
        from stillmotion.stages.finishing.colour import Colour

        found.append(Colour(grade=grade, lut=options.lut, lut_strength=options.lut_strength))
    if grade.grain:
        from stillmotion.stages.finishing.grain import Grain

        found.append(Grain(amount=grade.grain, seed=seed))
    if options.letterbox is not None:
        from stillmotion.stages.finishing.letterbox import Letterbox

        found.append(Letterbox(aspect=options.letterbox))
    found += _overlays(options)
    if options.fade_in is not None or options.fade_out is not None:
        from stillmotion.stages.finishing.fade import Fade

        found.append(Fade(fade_in=options.fade_in, fade_out=options.fade_out))
    return found


def _overlays(options: FinishingOptions) -> list[Step]:
    if options.text is None and options.logo is None and options.watermark is None:
        return []
    from stillmotion.stages.finishing.overlay import Logo, Text, Watermark

    found: list[Step] = []
    if options.text is not None:
        found.append(
            Text(
                options.text, place=options.text_place, size=options.text_size, begin=options.text_from,
                end=options.text_to, font=options.font,
            )
        )  # fmt: skip
    if options.logo is not None:
        found.append(Logo(options.logo, place=options.logo_place, size=options.logo_size, opacity=options.logo_opacity))
    if options.watermark is not None:
        found.append(Watermark(options.watermark, font=options.font))
    return found


def _last(options: FinishingOptions, *, seed: int) -> list[Step]:
    if not options.deband:
        return []
    from stillmotion.stages.finishing.deband import Deband

    return [Deband(seed=seed)]
