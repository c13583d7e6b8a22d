"""A TensorFlow.js graph model run by torch: what the teachers of faces and bodies need, and no more.

    NAME.json (nodes, shapes of weights) + NAME.bin ─▶ Graph ─▶ (B, H, W, 3) ─▶ its outputs, channels last

Inside, pictures are (B, C, H, W). Nodes are in the order they can be computed in, as the converter writes them. An
operation that is not known is an error when the graph is read, not when it is run.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

Node = dict[str, Any]  # Any: JSON


class Graph:
    """A loaded graph model."""

    def __init__(self, path: Path) -> None:
        """
        Args:
            path: NAME.json, with NAME.bin beside it.

        Raises:
            ValueError: it has an operation that is not known here.
        """
        held = json.loads(path.read_text())
        self._nodes: list[Node] = [n for n in held["modelTopology"]["node"] if n["op"] != "Const"]
        unknown = {node["op"] for node in self._nodes} - set(_OPERATIONS) - {"Placeholder"}
        if unknown:
            raise ValueError(f"{path.name} has operations that are not known: {', '.join(sorted(unknown))}")
        self._weights = dict(_weights(held["weightsManifest"], path.with_suffix(".bin").read_bytes()))

    @torch.no_grad()
    def __call__(self, pictures: Tensor, outputs: tuple[str, ...]) -> list[Tensor]:
        """Run on float32 (B, H, W, 3), in the range this network wants; the values of the nodes of these names."""
        values: dict[str, Tensor] = dict(self._weights)
        for node in self._nodes:
            if node["op"] == "Placeholder":
                values[node["name"]] = pictures.permute(0, 3, 1, 2)
            else:
                inputs = [values[name.split(":")[0]] for name in node["input"] if not name.startswith("^")]
                values[node["name"]] = _OPERATIONS[node["op"]](node, inputs)
        return [values[name] for name in outputs]


def _weights(manifest: list[Node], data: bytes) -> Any:  # Any: pairs of a name and a tensor
    at = 0
    for group in manifest:
        for entry in group["weights"]:
            stored = np.dtype(entry.get("quantization", {}).get("dtype", entry["dtype"]))
            count = int(np.prod(entry["shape"], dtype=np.int64))
            flat = np.frombuffer(data, stored, count, at)
            at += count * stored.itemsize
            yield entry["name"], torch.from_numpy(flat.astype(entry["dtype"]).reshape(entry["shape"]))


def _attribute(node: Node, name: str) -> Any:  # Any: JSON
    held = node["attr"][name]
    return [int(i) for i in held["list"].get("i", [])] if "list" in held else base64.b64decode(held["s"]).decode()


def _padded(node: Node, x: Tensor, kernel: tuple[int, int], fill: float) -> tuple[Tensor, int]:
    """The picture with what SAME adds (more below and right), and the stride."""
    stride = _attribute(node, "strides")[1]
    if _attribute(node, "padding") != "SAME":
        return x, stride
    margins = []
    for length, size in ((x.shape[3], kernel[1]), (x.shape[2], kernel[0])):
        lacking = max((-(-length // stride) - 1) * stride + size - length, 0)
        margins += [lacking // 2, lacking - lacking // 2]
    return functional.pad(x, margins, value=fill), stride


def _along_channels(x: Tensor) -> Tensor:
    """One value a channel, however many ones stand before it, beside (B, C, H, W)."""
    return x.reshape(1, -1, 1, 1)


def _conv(node: Node, inputs: list[Tensor]) -> Tensor:
    x, kernel, *rest = inputs
    x, stride = _padded(node, x, (kernel.shape[0], kernel.shape[1]), 0.0)
    y = functional.conv2d(x, kernel.permute(3, 2, 0, 1), rest[0].reshape(-1) if rest else None, stride)
    fused = node["attr"].get("fused_ops", {"list": {}})["list"].get("s", [])
    for name in (base64.b64decode(s).decode() for s in fused):
        if name == "Relu":
            y = y.relu()
        elif name == "Prelu":
            y = functional.prelu(y, rest[1].reshape(-1))
        elif name != "BiasAdd":
            raise ValueError(f"A convolution with {name} is not known.")
    return y


def _depthwise(node: Node, inputs: list[Tensor]) -> Tensor:
    x, kernel = inputs
    x, stride = _padded(node, x, (kernel.shape[0], kernel.shape[1]), 0.0)
    return functional.conv2d(x, kernel.permute(2, 3, 0, 1), None, stride, groups=x.shape[1])


def _pool(node: Node, inputs: list[Tensor]) -> Tensor:
    size = _attribute(node, "ksize")[1]
    x, stride = _padded(node, inputs[0], (size, size), -torch.inf)
    return functional.max_pool2d(x, size, stride)


def _pad(_node: Node, inputs: list[Tensor]) -> Tensor:
    x, amounts = inputs
    _, rows, columns, channels = amounts.tolist()
    return functional.pad(x, (*columns, *rows, *channels))


def _sum(_node: Node, inputs: list[Tensor]) -> Tensor:
    first, *others = inputs
    for other in others:
        if first.ndim != other.ndim:
            first, other = (v if v.ndim == 4 else _along_channels(v) for v in (first, other))
        first = first + other
    return first


def _resize(_node: Node, inputs: list[Tensor]) -> Tensor:
    size = inputs[1].tolist()
    return functional.interpolate(inputs[0], size=size, mode="bilinear", align_corners=False)


def _reshape(_node: Node, inputs: list[Tensor]) -> Tensor:
    x, shape = inputs
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], *shape.tolist()[1:])


_OPERATIONS: dict[str, Callable[[Node, list[Tensor]], Tensor]] = {
    "_FusedConv2D": _conv,
    "Conv2D": _conv,
    "DepthwiseConv2dNative": _depthwise,
    "MaxPool": _pool,
    "Pad": _pad,
    "Add": _sum,
    "AddV2": _sum,
    "AddN": _sum,
    "Prelu": lambda _node, inputs: functional.prelu(inputs[0], inputs[1].reshape(-1)),
    "Relu": lambda _node, inputs: inputs[0].relu(),
    "Sigmoid": lambda _node, inputs: inputs[0].sigmoid(),
    "Identity": lambda _node, inputs: inputs[0],
    "Reshape": _reshape,
    "ResizeBilinear": _resize,
    "ConcatV2": lambda _node, inputs: torch.cat(inputs[:-1], dim=1),
}
