"""A checkpoint becomes the ONNX file that is shipped, checked against torch in the runtime that will run it.

python -m stillmotion.training.upscaling.export --run DIR --out FILE.onnx
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from stillmotion.training.upscaling.net import Shape, UpscaleNet

SIZE = (96, 128)  # height, width of the piece the file is checked with; it takes any of even sides
OUTPUTS = ("twice", "four")


class Shipped(nn.Module):
    """The network as it is run: without padding, so that it gives only the pixels it was shown all of."""

    def __init__(self, net: UpscaleNet) -> None:
        super().__init__()
        for part in net.modules():
            if isinstance(part, nn.Conv2d):
                part.padding = (0, 0)
        self.net = net

    def forward(self, luma: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.net.trunk(luma)
        return self.net.heads["2"](seen), self.net.heads["4"](seen)


def loaded(run: Path) -> UpscaleNet:
    """The averaged network of a run."""
    shape = Shape(**json.loads((run / "run.json").read_text())["config"]["shape"])
    net = UpscaleNet(shape)
    net.load_state_dict(torch.load(run / "checkpoint.pt", weights_only=True)["mean"])
    return net.eval()


def export(net: UpscaleNet, out: Path) -> dict[str, float]:
    """Write `out`; returns the greatest differences between torch and OpenCV, of values about 1."""
    shipped = Shipped(net).eval()
    piece = torch.rand(1, 1, SIZE[0] + 2 * net.reach, SIZE[1] + 2 * net.reach) - 0.5
    torch.onnx.export(
        shipped, (piece,), str(out), input_names=["luma"], output_names=list(OUTPUTS), opset_version=17,
        dynamic_axes={"luma": {2: "h", 3: "w"}}, dynamo=False,
    )  # fmt: skip
    with torch.no_grad():
        wanted = [part.numpy() for part in shipped(piece)]
    reader = cv2.dnn.readNetFromONNX(str(out), cv2.dnn.ENGINE_CLASSIC)
    found = []
    for name in OUTPUTS:
        reader.setInput(piece.numpy())
        found.append(np.array(reader.forward(name)))
    return {name: float(np.abs(a - b).max()) for name, a, b in zip(OUTPUTS, wanted, found, strict=True)}


def main() -> None:
    """Export and say how exact it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    net = loaded(args.run)
    told = {"differences": export(net, args.out), "reach": net.reach, "bytes": args.out.stat().st_size}
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    main()
