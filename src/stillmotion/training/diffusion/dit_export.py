"""The transformer's checkpoint becomes the file that is shipped, checked against torch where it will run.

    python -m stillmotion.training.diffusion.dit_export --run DIR --out FOLDER

    noisy (1, T, C, h, w), time (1), text (1, L), reference (1, C, h, w), first (1, C, h, w), guide (1, T, C, h, w),
    valid (1, T, 4, h, w), has (1, 4) ─dit.onnx▶ velocity (1, T, C, h, w)

Any number of latent frames, any even h and w. Weights are stored in half precision and calculated with in full. Beside
it `dit.json` tells the words, the sizes, the run, and the file's hash.
"""

from __future__ import annotations

import argparse
import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from stillmotion.models.dit import SIZES, Conditions, Dit
from stillmotion.models.dit_net import INPUTS, DitNet, Known
from stillmotion.models.vae import TIME
from stillmotion.models.vae_codec import RUNTIMES
from stillmotion.training.diffusion.dit_run import CONFIGS
from stillmotion.training.half import halved


class Flat(nn.Module):
    """The network with its conditions as plain inputs."""

    def __init__(self, net: Dit) -> None:
        super().__init__()
        self.net = net

    def forward(
        self, noisy: Tensor, time: Tensor, text: Tensor, reference: Tensor, first: Tensor, guide: Tensor,
        valid: Tensor, has: Tensor,
    ) -> Tensor:  # fmt: skip
        known = Conditions(text=text, reference=reference, first=first, guide=guide, valid=valid, has=has > 0.5)
        return self.net(noisy, time, known)


def some(net: Dit, frames: int, height: int, width: int, *, seed: int = 0) -> tuple[Tensor, ...]:
    """Inputs of a size, in order."""
    g, c = torch.Generator().manual_seed(seed), net.size.channels
    text = torch.randint(3, net.size.words, (1, net.size.sentence), generator=g)
    text[:, net.size.sentence // 2 :] = 0
    noisy, guide = torch.randn(2, 1, frames, c, height, width, generator=g)
    reference, first = torch.randn(2, 1, c, height, width, generator=g)
    valid = torch.rand(1, frames, TIME, height, width, generator=g)
    return noisy, torch.tensor([0.6]), text, reference, first, guide, valid, torch.ones(1, 4)


@torch.no_grad()
def export(net: Dit, words: tuple[str, ...], out: Path, *, run: dict[str, object], base_tokens: int) -> Path:
    """Write `out`/dit.onnx and `out`/dit.json."""
    net, path = net.eval(), out / "dit.onnx"
    axes = {
        "noisy": {1: "t", 3: "h", 4: "w"}, "guide": {1: "t", 3: "h", 4: "w"}, "valid": {1: "t", 3: "h", 4: "w"},
        "reference": {2: "y", 3: "x"}, "first": {2: "h", 3: "w"}, "velocity": {1: "t", 3: "h", 4: "w"},
    }  # fmt: skip
    torch.onnx.export(
        Flat(net), some(net, 3, 8, 12), str(path), opset_version=17, dynamo=False,
        input_names=list(INPUTS), output_names=["velocity"], dynamic_axes=axes,
    )  # fmt: skip
    halved(path)
    about = {
        "sha256": sha256(path.read_bytes()).hexdigest(), "channels": net.size.channels, "sentence": net.size.sentence,
        "base_tokens": base_tokens, "run": run, "words": words,
    }  # fmt: skip
    (out / "dit.json").write_text(json.dumps(about, ensure_ascii=False) + "\n")
    return path


@torch.no_grad()
def compared(net: Dit, out: Path, *, runtime: str) -> float:
    """Greatest difference of a velocity, in deviations of the latents, at another size and length than the export's."""
    given = some(net, 5, 16, 20, seed=1)
    wanted = Flat(net.eval())(*given)[0].numpy()
    values = [each[0].numpy() for each in given]
    known = Known(*values[2:])
    found = DitNet.open(out, runtime=runtime).velocity(values[0], float(values[1]), known)
    return float(np.abs(found - wanted).max())


def main() -> None:
    """Export the average of a run and say how exact it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--config", choices=CONFIGS, default="mini")
    args = parser.parse_args()
    config = CONFIGS[args.config]
    net = Dit(SIZES[config.size])
    kept = torch.load(args.run / "dit.pt", weights_only=True)
    net.load_state_dict(kept["mean"])
    words = tuple(json.loads((args.run / "words.json").read_text()))
    run: dict[str, object] = {"size": config.size, "steps": kept["step"], "minutes": round(kept["seconds"] / 60, 1)}
    path = export(net, words, args.out, run=run, base_tokens=config.flow.base_tokens)
    told = {name: compared(net, args.out, runtime=name) for name in RUNTIMES}
    print(json.dumps({"differences": told, "bytes": path.stat().st_size}))  # noqa: T201


if __name__ == "__main__":
    main()
