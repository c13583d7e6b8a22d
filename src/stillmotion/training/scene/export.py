"""A checkpoint becomes the ONNX file that is shipped, checked against torch in the runtime that will run it.

python -m stillmotion.training.scene.export --run DIR --out FILE.onnx
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from stillmotion.training.scene.classes import NAMES
from stillmotion.training.scene.net import SceneNet

SIZE = (288, 384)  # height, width the file is checked at; it takes any multiple of 32


class Shipped(nn.Module):
    """The network as it is run: classes as shares."""

    def __init__(self, net: SceneNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, rgb: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        disparity, logits = self.net(rgb)
        return disparity, logits.softmax(dim=1)


def folded(module: nn.Module) -> nn.Module:
    """Batch norms folded into the convolutions before them."""
    for name, child in module.named_children():
        if isinstance(child, nn.Sequential):
            parts = list(child)
            merged: list[nn.Module] = []
            for part in parts:
                if isinstance(part, nn.BatchNorm2d) and isinstance(merged[-1], nn.Conv2d):
                    merged[-1] = fuse_conv_bn_eval(merged[-1], part)
                else:
                    merged.append(folded(part))
            setattr(module, name, nn.Sequential(*merged))
        else:
            setattr(module, name, folded(child))
    return module


def export(run: Path, out: Path) -> dict[str, float]:
    """Write `out`; returns the greatest differences between torch and OpenCV."""
    net = SceneNet(len(NAMES))
    net.load_state_dict(torch.load(run / "checkpoint.pt", weights_only=True)["mean"])
    shipped = Shipped(folded(net.eval())).eval()
    picture = torch.rand(1, 3, *SIZE)
    torch.onnx.export(
        shipped, (picture,), str(out), input_names=["rgb"], output_names=["disparity", "classes"], opset_version=17,
        dynamic_axes={"rgb": {2: "h", 3: "w"}}, dynamo=False,
    )  # fmt: skip
    with torch.no_grad():
        wanted = [part.numpy() for part in shipped(picture)]
    reader = cv2.dnn.readNetFromONNX(str(out))
    reader.setInput(picture.numpy())
    found = reader.forward(["disparity", "classes"])
    return {
        name: float(np.abs(a - b).max()) for name, a, b in zip(("disparity", "classes"), wanted, found, strict=True)
    }


def main() -> None:
    """Export and say how exact it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    print(json.dumps({"differences": export(args.run, args.out), "bytes": args.out.stat().st_size}))  # noqa: T201


if __name__ == "__main__":
    main()
