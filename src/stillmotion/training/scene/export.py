"""A checkpoint becomes the ONNX file that is shipped; what was written is checked, in the runtime that will run it.

    python -m stillmotion.training.scene.export --run DIR --out FILE.onnx [--before scene.onnx --share 0.5]

A run that went on from a shipped file may be mixed with it, weight by weight: it keeps more of what the file knew and
still learns most of what the run taught (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022).
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
from stillmotion.training.scene.warm import restored

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
    if not isinstance(module, nn.Sequential):
        for name, child in module.named_children():
            setattr(module, name, folded(child))
        return module
    merged: list[nn.Module] = []
    for part in module:
        if isinstance(part, nn.BatchNorm2d) and isinstance(merged[-1], nn.Conv2d):
            merged[-1] = fuse_conv_bn_eval(merged[-1], part)
        else:
            merged.append(folded(part))
    return nn.Sequential(*merged)


def mixed(own: nn.Module, before: nn.Module, share: float) -> None:
    """Let the weights of `own` be `share` of its own and the rest of `before`'s."""
    theirs = before.state_dict()
    own.load_state_dict({name: share * value + (1 - share) * theirs[name] for name, value in own.state_dict().items()})


def export(run: Path, out: Path, *, before: Path | None = None, share: float = 0.5) -> dict[str, float]:
    """Write the network of a run to `out`, mixed with that of the file `before` where one is given.

    Returns:
        The greatest differences between torch and OpenCV, of what was written.

    Raises:
        ValueError: `before` is of another network.
    """
    net = SceneNet(len(NAMES))
    net.load_state_dict(torch.load(run / "checkpoint.pt", weights_only=True)["mean"])
    shipped = Shipped(folded(net.eval())).eval()
    picture = torch.rand(1, 3, *SIZE)
    if before is not None:
        mixed(shipped.net, folded(restored(before, [picture])), share)
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
    parser.add_argument("--before", type=Path, help="the file the run went on from, to be mixed with")
    parser.add_argument("--share", type=float, default=0.5, help="of the run in the mixture")
    args = parser.parse_args()
    differences = export(args.run, args.out, before=args.before, share=args.share)
    print(json.dumps({"differences": differences, "bytes": args.out.stat().st_size}))  # noqa: T201


if __name__ == "__main__":
    main()
