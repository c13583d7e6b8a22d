"""A clip that is there already, through the chain: its pictures, its sound, and a manifest of what was changed.

    file ─▶ read_clip ─┐                                   ┌─▶ pictures ─┐
    more ─▶ read_clip ─┴─▶ joined ─▶ chain of steps ─▶ encode            ├─▶ .part ─rename▶ Video
                                          sound of all clips, retimed ───┘

Knows how the sound follows the pictures; what a step does is the step's business.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from threading import Event
from typing import Any

from stillmotion import __version__
from stillmotion.errors import InputError
from stillmotion.media.clip import Clip, read_clip
from stillmotion.media.encoding import FORMATS, Codec, check_output, choose_encoding
from stillmotion.media.probe import VideoInfo, probe
from stillmotion.media.sound_track import Track, add_sound, has_sound
from stillmotion.media.staging import staged, writing_failed
from stillmotion.media.video import close, write_frames
from stillmotion.options import FinishOptions
from stillmotion.plan import Grade
from stillmotion.stages.finishing.chain import chained, steps, told_by
from stillmotion.stages.finishing.finish import Clock, timed
from stillmotion.stages.finishing.join import Joined, joined
from stillmotion.stages.finishing.manifest import file_sha256, manifest_path, peak_memory_mb, versions
from stillmotion.stages.finishing.retime import SpeedMap
from stillmotion.stages.finishing.step import Step
from stillmotion.types import FrameStream, Progress, Video, silent

FINISH_FORMAT = "stillmotion/finish@1"
FINISH_KEY = "stillmotion-finish"

Json = dict[str, Any]  # heterogeneous by nature


def finish_clip(
    clip: Path,
    out: Path,
    options: FinishOptions,
    *,
    codec: Codec | None = None,
    progress: Progress = silent,
    cancel: Event | None = None,
) -> Video:
    """Read a clip, take the steps that the options ask for, and write it with its sound; see `FinishOptions`.

    Raises:
        InputError: a clip, an option or the output cannot be used as it is.
        DoesNotFit: the disk is full.
        Cancelled: `cancel` was set; nothing is left behind.
    """
    began, clock = time.perf_counter(), Clock()
    encoding = choose_encoding(out, options.quality, codec)
    check_output(out, encoding)
    _check_names(clip, out, options)
    through = steps(options, Grade().changed_by(options), seed=options.seed)
    clips: list[Clip] = []
    try:
        clips += (read_clip(path, backwards=options.reverse, cancel=cancel) for path in _in_order(clip, options))
        whole = _joined(clips, options)
        stream = chained(timed(whole.frames, clock), through)
        check_output(out, encoding, size=(stream.width, stream.height), fps=stream.fps)
        tracks, sound = _tracks(clips, whole, options, stream, out)
        beside = manifest_path(out)
        made = _record(clip, options, encoding.codec)
        inside = {FINISH_KEY: json.dumps(made, separators=(",", ":")), "software": f"stillmotion {__version__}"}
        with staged(out, beside) as (video_part, manifest_part), staged(_silent_name(out), place=False) as (mute_part,):
            target = mute_part if tracks else video_part
            write_frames(stream, target, out, encoding=encoding, metadata=inside, progress=progress, cancel=cancel)
            if tracks:
                sound = add_sound(
                    mute_part, tracks, video_part, suffix=out.suffix.lower(), overlap=_overlap(whole, options),
                    fade_in=options.fade_in or 0.0, fade_out=options.fade_out or 0.0, cancel=cancel,
                )  # fmt: skip
            info = replace(probe(video_part), path=out)
            spent = {"reading": clock.seconds, "finishing": time.perf_counter() - began - clock.seconds}
            told = _manifest(made, clips, info, through, notes=whole.notes, sound=sound, spent_s=spent)
            manifest_part.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise writing_failed(out, error) from error
    finally:
        for each in clips:
            close(each.frames)
    return Video(path=out, manifest=told)


def _in_order(clip: Path, options: FinishOptions) -> list[Path]:
    paths = [clip, *options.join]
    return paths[::-1] if options.reverse else paths


def _check_names(clip: Path, out: Path, options: FinishOptions) -> None:
    for path in (clip, *options.join):
        if path.exists() and out.exists() and path.resolve() == out.resolve():
            raise InputError(f"{out} would be written over the clip it is made of; choose another name.")
    if options.crossfade is not None and not options.join:
        raise InputError("A cross-fade needs a second clip; give it with --join.")
    if options.join and options.speed is not None and len(options.speed) > 1:
        raise InputError(
            "A speed ramp tells seconds of one clip, and several are joined.",
            hint="Ramp each clip by itself and join the results.",
        )


def _joined(clips: Sequence[Clip], options: FinishOptions) -> Joined:
    """All clips as one, which a single clip is already; every note says which file it is about."""
    told = tuple(f"{clip.info.path.name}: {note}" for clip in clips for note in clip.notes)
    whole = joined([clip.frames for clip in clips], overlap=options.crossfade or 0.0)
    return replace(whole, notes=(*told, *whole.notes))


# ── sound ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _silent_name(out: Path) -> Path:
    return out.with_name(f"{out.stem}.silent{out.suffix}")


def _overlap(whole: Joined, options: FinishOptions) -> float:
    """Seconds of the video by which one sound melts into the next."""
    parts = whole.parts
    return (parts[0].seconds - parts[1].begin_s) / _tempo(options) if len(parts) > 1 else 0.0


def _tempo(options: FinishOptions) -> float:
    return options.speed[0][1] if options.speed is not None and len(options.speed) == 1 else 1.0


def _tracks(
    clips: Sequence[Clip], whole: Joined, options: FinishOptions, stream: FrameStream, out: Path
) -> tuple[list[Track], str]:
    """The sound of every clip as it will be heard, or none and the reason."""
    if options.mute:
        return [], "left out"
    if not any(has_sound(clip.info.path) for clip in clips):
        return [], "none in the clip"
    if out.suffix.lower() not in FORMATS:
        return [], f"left out: {out.suffix or 'a folder of pictures'} holds none"
    if options.speed is not None and len(options.speed) > 1:
        clip, seconds = clips[0], whole.parts[0].seconds
        ramp = SpeedMap(options.speed, seconds)
        backwards = options.reverse
        return [
            Track(
                path=clip.info.path, begin=clip.begin, seconds=stream.count / stream.fps,
                source_time=(lambda t: seconds - ramp(t)) if backwards else ramp,
            )
        ], ""  # fmt: skip
    tempo = _tempo(options)
    tracks = [
        Track(
            path=clip.info.path, begin=clip.begin, seconds=part.seconds / tempo, tempo=tempo, backwards=options.reverse
        )
        for clip, part in zip(clips, whole.parts, strict=True)
    ]  # fmt: skip
    return tracks, ""


# ── what is written down ─────────────────────────────────────────────────────────────────────────────────────────────


def _record(clip: Path, options: FinishOptions, codec: Codec) -> Json:
    """The record inside the file: which clip, and what was asked."""
    return {
        "format": FINISH_FORMAT,
        "version": __version__,
        "clip": {"name": clip.name, "sha256": file_sha256(clip) if clip.is_file() else None},
        "options": options.model_dump(mode="json", exclude_defaults=True),
        "codec": codec,
    }


def _manifest(
    made: Json, clips: Sequence[Clip], info: VideoInfo, through: Sequence[Step], *,
    notes: tuple[str, ...], sound: str, spent_s: dict[str, float],
) -> Json:  # fmt: skip
    return {
        **made,
        "clips": [_file_json(clip.info) for clip in clips],
        "effective": {
            "codec": made["codec"], "width": info.width, "height": info.height, "fps": info.fps,
            "seconds": info.seconds, "frames": info.frames, "sound": sound,
        },
        "finishing": told_by(through),
        "notes": list(notes),
        "timings_s": {stage: round(seconds, 4) for stage, seconds in spent_s.items()},
        "total_s": round(sum(spent_s.values()), 4),
        "peak_memory_mb": peak_memory_mb(),
        "versions": versions(),
        "file": _file_json(info),
    }  # fmt: skip


def _file_json(info: VideoInfo) -> Json:
    return asdict(info) | {"path": info.path.name, "rate": str(info.rate), "metadata": sorted(info.metadata)}
