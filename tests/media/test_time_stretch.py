"""Sound at another speed: as long as it should be, its pitch kept, its beats where they belong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from stillmotion.media.time_stretch import Samples, stretched

RATE = 48_000


def _blocks(mono: np.ndarray) -> Iterator[Samples]:
    both = np.repeat((mono * 20_000).astype(np.int16)[:, None], 2, axis=1)
    return (both[start : start + 10_000] for start in range(0, len(both), 10_000))


def _at(speed: float, mono: np.ndarray) -> np.ndarray:
    return np.concatenate(list(stretched(_blocks(mono), speed)))[:, 0] / 20_000


@pytest.mark.parametrize("speed", [0.1, 0.5, 0.9, 1.3, 2.0, 8.0])
def test_onsets_are_where_they_belong_and_sharp(speed: float) -> None:
    t = np.arange(3 * RATE) / RATE
    since = (t - 0.7) % 0.9
    clicks = np.where(t >= 0.7, np.sin(2 * np.pi * 900 * since) * np.exp(-since / 0.04), 0)
    loud = np.flatnonzero(np.abs(_at(speed, clicks)) > 0.3)
    onsets = loud[np.diff(loud, prepend=-(1 << 20)) > 0.3 * RATE / speed] / RATE
    assert onsets == pytest.approx(np.array([0.7, 1.6, 2.5]) / speed, abs=0.002)


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 2.0])
@pytest.mark.parametrize("pitches", [(110,), (440,), (220, 277.2, 329.6)])
def test_tones_keep_their_pitch_and_stay_clean(speed: float, pitches: tuple[float, ...]) -> None:
    t = np.arange(2 * RATE) / RATE
    made = _at(speed, sum(np.sin(2 * np.pi * pitch * t) for pitch in pitches) / len(pitches))
    assert len(made) == pytest.approx(len(t) / speed, abs=4096)
    middle = made[len(made) // 4 : 3 * len(made) // 4]
    energy = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))) ** 2
    freq = np.fft.rfftfreq(len(middle), 1 / RATE)
    meant = np.any([np.abs(freq - pitch) < 6 for pitch in pitches], axis=0)
    assert 10 * np.log10(energy[meant].sum() / energy[~meant].sum()) > 20


def test_silence_and_nothing_stay_so() -> None:
    assert not _at(0.5, np.zeros(RATE // 4)).any()
    assert not np.concatenate(list(stretched(iter([]), 2.0))).any()
