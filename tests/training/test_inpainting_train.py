"""Training of the in-painter where torch is installed: holes, losses that fall, a file that says the same."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.training.inpainting.holes import hole

torch = pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")


def test_holes_are_of_many_shapes_and_never_all() -> None:
    shares = [hole(64, np.random.default_rng(seed)).mean() for seed in range(60)]
    assert min(shares) > 0
    assert max(shares) < 0.5
    assert np.std(shares) > 0.05


@pytest.mark.parametrize(("height", "width"), [(8, 8), (6, 10), (5, 7)])
def test_the_transform_is_the_fourier_transform(height: int, width: int) -> None:
    from stillmotion.training.inpainting.net import Waves

    torch.manual_seed(0)
    waves, x = Waves(3), torch.randn(2, 3, height, width)
    spectrum = torch.fft.rfft2(x, norm="ortho")
    both = torch.cat([spectrum.real, spectrum.imag], dim=1)
    both = both + waves.mix_again(torch.nn.functional.gelu(waves.mix(both)))
    wanted = torch.fft.irfft2(torch.complex(*both.chunk(2, dim=1)), s=(height, width), norm="ortho")
    assert torch.allclose(waves(x), wanted, atol=1e-5)


@pytest.fixture
def photos(tmp_path: Path):
    from stillmotion.training.pictures import pack, unpack

    noise = np.random.default_rng(2).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "photo.png"), cv2.GaussianBlur(noise, (0, 0), 4))
    pack([("general/photo.png", tmp_path / "photo.png")] * 2, tmp_path / "photos")
    return unpack(tmp_path / "photos")


def _run(photos, out: Path, steps: int) -> list[float]:
    from stillmotion.training.inpainting.run import CONFIGS, train
    from stillmotion.training.loop import Length

    out.mkdir(exist_ok=True)
    length = Length(steps=steps, minutes=60, tell=100, keep=5, look=10)
    return train(CONFIGS["test"], photos, photos, out, length)


def test_ten_steps_are_the_same_each_time_and_learn(photos, tmp_path: Path) -> None:
    one, other = _run(photos, tmp_path / "one", 10), _run(photos, tmp_path / "other", 10)
    assert one == pytest.approx(other, rel=1e-3)
    assert np.mean(one[-3:]) < np.mean(one[:3])
    assert (tmp_path / "one" / "sheet-000010.png").is_file()


@pytest.mark.filterwarnings("ignore:You are using the legacy")
@pytest.mark.filterwarnings("ignore:The feature will be removed")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_the_exported_network_says_the_same_in_the_package(tmp_path: Path) -> None:
    from stillmotion.training.inpainting.export import export
    from stillmotion.training.inpainting.net import SIZES, PaintNet

    torch.manual_seed(0)
    net = PaintNet(SIZES["test"])
    torch.nn.init.normal_(net.leave.weight, std=0.02)  # it would add nothing yet
    assert export(net, tmp_path / "inpainter.onnx") < 0.3
