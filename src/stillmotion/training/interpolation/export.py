"""A checkpoint becomes the ONNX file that is shipped, checked against torch in the runtime that will run it.

python -m stillmotion.training.interpolation.export --run DIR --out FILE.onnx
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch

from stillmotion.training.interpolation.net import INPUTS, InterpolationNet

SIZE = (144, 208)  # height, width the file is checked at; it takes any multiple of 16


def export(run: Path, out: Path) -> float:
    """Write `out`; returns the greatest difference between torch and OpenCV."""
    net = InterpolationNet().eval()
    net.load_state_dict(torch.load(run / "checkpoint.pt", weights_only=True)["mean"])
    seen = torch.rand(1, INPUTS, *SIZE)
    torch.onnx.export(
        net, (seen,), str(out), input_names=["seen"], output_names=["correction"], opset_version=17,
        dynamic_axes={"seen": {2: "h", 3: "w"}}, dynamo=False,
    )  # fmt: skip
    with torch.no_grad():
        wanted = net(seen).numpy()
    reader = cv2.dnn.readNetFromONNX(str(out))
    reader.setInput(seen.numpy())
    return float(np.abs(reader.forward() - wanted).max())


def main() -> None:
    """Export and say how exact it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    print(json.dumps({"difference": export(args.run, args.out), "bytes": args.out.stat().st_size}))  # noqa: T201


if __name__ == "__main__":
    main()
