"""HDR and wide gamut: known light becomes known code values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from stillmotion.errors import InputError
from stillmotion.media.clip import read_clip
from stillmotion.media.hdr import BT2020, HLG, P3, PQ, FromOtherLight, to_709


def _pq(nits: float) -> float:
    y = (nits / 10_000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375)


def _srgb(light: float) -> float:
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def _picture(signal: tuple[float, float, float]) -> Any:
    """A 10-bit BT.2020 picture of one colour."""
    deep = np.broadcast_to(np.rint(np.array(signal) * 65535).astype(np.uint16), (16, 16, 3))
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(deep), format="rgb48le").reformat(
        format="yuv444p10le", dst_colorspace=Colorspace.BT2020, src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
    )  # fmt: skip
    picture.colorspace, picture.color_range = 9, 1
    return picture


def _shown(transfer: int, *signal: float, primaries: int = BT2020) -> list[int]:
    colour = signal if len(signal) == 3 else signal * 3
    return [int(value) for value in FromOtherLight(transfer, primaries)(_picture(colour))[8, 8]]


@pytest.mark.parametrize("nits", [0.0, 5.0, 20.0, 60.0, 120.0])
def test_light_below_the_knee_is_shown_as_it_is(nits: float) -> None:
    assert _shown(PQ, _pq(nits)) == pytest.approx([_srgb(nits / 203)] * 3, abs=2)


def test_highlights_are_rolled_off_and_stay_apart_up_to_a_thousand_nits() -> None:
    levels = [_shown(PQ, _pq(nits))[0] for nits in (100, 203, 300, 500, 1000, 4000)]
    assert levels == sorted(levels)
    assert len(set(levels[:5])) == 5
    assert 230 <= levels[1] <= 245
    assert levels[4] >= 254
    assert levels[5] == 255


def test_hlg_and_pq_agree_on_the_same_light() -> None:
    """Reference white is 75 % of HLG and 203 nits; half the signal is 1/12 of scene light, 50.7 nits."""
    assert _shown(HLG, 0.75) == pytest.approx(_shown(PQ, _pq(203)), abs=3)
    assert _shown(HLG, 0.5) == pytest.approx([_srgb(50.7 / 203)] * 3, abs=2)


def test_white_stays_white_and_the_primaries_of_bt709_come_back() -> None:
    assert to_709(1) == pytest.approx(np.eye(3), abs=1e-6)
    for wide in (BT2020, P3):
        assert to_709(wide).sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    red = np.linalg.inv(to_709(BT2020)) @ [100 / 203, 0, 0]
    shown = _shown(PQ, *(_pq(203 * max(light, 0)) for light in red))
    assert shown[0] == pytest.approx(_srgb(100 / 203), abs=3)
    assert max(shown[1:]) < 25


def test_colours_outside_bt709_are_clipped_and_not_turned_round() -> None:
    green = _shown(PQ, 0.0, _pq(150), 0.0)
    assert green[1] > 200
    assert green[0] == green[2] == 0


@pytest.mark.parametrize(
    ("transfer", "primaries", "said"), [(PQ, 9, "HDR (PQ)"), (HLG, 9, "HDR (HLG)"), (14, 9, "BT.2020"), (1, 12, "P3")]
)
def test_a_file_of_another_light_is_mapped_and_it_is_told(
    clips: Any, tmp_path: Path, transfer: int, primaries: int, said: str
) -> None:
    path = clips.write(
        tmp_path / "a.mp4", clips.barcodes(4), codec="libx265", pixels="yuv420p10le", color_trc=transfer,
        color_primaries=primaries, colorspace=9 if primaries == 9 else 1,
    )  # fmt: skip
    clip = read_clip(path)
    assert any(said in note for note in clip.notes)
    assert clips.numbers_of(clip.frames) == [0, 1, 2, 3]


def test_dolby_vision_without_a_base_picture_is_refused(clips: Any, tmp_path: Path) -> None:
    path = clips.write(tmp_path / "a.mp4", clips.barcodes(2), codec="libx265", codec_tag="hvc1")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"hvc1", b"dvh1"))
    with pytest.raises(InputError, match="Dolby Vision"):
        read_clip(path)
