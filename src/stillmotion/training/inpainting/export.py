"""A checkpoint becomes the ONNX file that is shipped, checked against torch in the runtime that will run it.

python -m stillmotion.training.inpainting.export --run DIR --out FILE.onnx
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from stillmotion.models.inpainter import SIDE, Inpainter
from stillmotion.training.half import halved
from stillmotion.training.inpainting.net import SIZES, PaintNet
from stillmotion.training.inpainting.run import Pieces, painted


def export(net: torch.nn.Module, out: Path) -> float:
    """Write `out`; returns the greatest difference between torch and what the package runs, in levels of 255."""
    net = net.eval().to(memory_format=torch.contiguous_format)
    torch.onnx.export(
        net, (torch.zeros(1, 4, SIDE, SIDE),), str(out), input_names=["piece"], output_names=["whole"],
        opset_version=17, dynamo=False,
    )  # fmt: skip
    halved(out)
    rng = np.random.default_rng(0)
    piece = rng.integers(0, 256, (SIDE // 16, SIDE // 16, 3), dtype=np.uint8).repeat(16, axis=0).repeat(16, axis=1)
    hole = rng.random((SIDE // 16, SIDE // 16)).repeat(16, axis=0).repeat(16, axis=1) < 0.2
    with torch.no_grad():
        wanted = painted(net, Pieces.of([piece], [hole]))[0].permute(1, 2, 0).numpy()
    return float(np.abs(Inpainter(out).fill(piece, hole) - np.clip((wanted + 1) * 127.5, 0, 255)).max())


def main() -> None:
    """Export the average of a run and say how exact it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", choices=SIZES, default="medium")
    args = parser.parse_args()
    net = PaintNet(SIZES[args.size])
    net.load_state_dict(torch.load(args.run / "inpainter.pt", weights_only=True)["mean"])
    print(json.dumps({"difference": export(net, args.out), "bytes": args.out.stat().st_size}))  # noqa: T201


if __name__ == "__main__":
    main()
