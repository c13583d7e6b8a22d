"""Checkpoints become the ONNX files that are shipped, checked against torch in the runtime that will run them.

    python -m stillmotion.training.people.export finder|face|body --run DIR --out FILE.onnx

Weights are stored in half precision and calculated with in full. The heat of a body comes out in [0, 1]; what the
others say is read by `models/people`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from stillmotion.models.people import BODY_SIDE, FACE_SIDE
from stillmotion.training.half import halved
from stillmotion.training.people.train import NETS, Kind

SIZES: dict[Kind, tuple[int, int]] = {
    "finder": (224, 320), "face": (FACE_SIDE, FACE_SIDE), "body": (BODY_SIDE, BODY_SIDE)
}  # fmt: skip
"""Height and width a file is checked at; the finder takes any multiple of 32."""


def export(kind: Kind, run: Path, out: Path) -> float:
    """Write `out`; returns the greatest difference of its output from torch, half precision included."""
    net = NETS[kind]()
    net.load_state_dict(torch.load(run / "checkpoint.pt", weights_only=True)["mean"])
    shipped = (nn.Sequential(net, nn.Sigmoid()) if kind == "body" else net).eval()
    picture = torch.rand(1, 3, *SIZES[kind], generator=torch.Generator().manual_seed(0))
    torch.onnx.export(  # folds batch norms
        shipped, (picture,), str(out), input_names=["rgb"], output_names=["found"], opset_version=17, dynamo=False,
        dynamic_axes={"rgb": {2: "h", 3: "w"}} if kind == "finder" else None,
    )  # fmt: skip
    halved(out)
    reader = cv2.dnn.readNetFromONNX(str(out))
    reader.setInput(picture.numpy())
    with torch.no_grad():
        return float(np.abs(reader.forward() - shipped(picture).numpy()).max())


def main() -> None:
    """Export and say how exact it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=list(NETS))
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    told = {"difference": export(args.kind, args.run, args.out), "bytes": args.out.stat().st_size}
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    main()
