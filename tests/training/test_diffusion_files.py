"""Files of the latent diffusion where torch is installed: they say what torch says, and can be learned on from."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install stillmotion[train]")


@pytest.mark.filterwarnings("ignore")  # torch advertises its other exporter and tells what tracing fixes
def test_the_files_that_are_shipped_say_what_torch_says(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    pytest.importorskip("openvino")
    from stillmotion.models.vae import SIZES, VideoVae
    from stillmotion.training.diffusion.export import export

    torch.manual_seed(0)
    vae = VideoVae(SIZES["test"]).eval()
    with torch.no_grad():
        for p in vae.parameters():
            p.add_(0.05 * torch.randn_like(p))
        vae.middle.add_(0.2)
        vae.spread.mul_(1.5)
    found = export(vae, tmp_path)
    assert found["onnxruntime frames"] < 2e-3  # weights in half precision
    assert found["opencv frames"] < 2e-3
    assert found["openvino frames"] < 3e-2  # and in bfloat16 where the processor has it
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 400_000


@pytest.mark.filterwarnings("ignore")  # as above
def test_the_transformers_file_says_what_torch_says_at_any_length_and_shape(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    from stillmotion.models.dit import SIZES, Dit
    from stillmotion.training.diffusion.dit_export import compared, export

    torch.manual_seed(0)
    net = Dit(SIZES["test"]).eval()
    with torch.no_grad():
        for p in net.parameters():
            p.add_(0.1 * torch.randn_like(p))
    export(net, ("the", "camera"), tmp_path, run={}, base_tokens=256)
    assert compared(net, tmp_path, runtime="opencv") < 1e-2  # weights in half precision
