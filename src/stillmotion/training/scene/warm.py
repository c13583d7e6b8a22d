"""A shipped file becomes a network that can learn on: its batch norms, folded away at export, are put back.

    scene.onnx ─convolutions in order▶ SceneNet, norms idle ─a few pictures▶ mean m, deviation s of every convolution
        ─▶ norms of mean m and deviation s, scaled by s, shifted by m: the same function, and one that trains

Reversal of the usual folding (Jacob et al., arXiv 1712.05877, section 3.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from stillmotion.training.scene.classes import NAMES
from stillmotion.training.scene.net import SceneNet


def restored(file: Path, pictures: Iterable[Tensor]) -> SceneNet:
    """The network of a shipped file; `pictures` (N, 3, H, W) in [0, 1] are what the norms are measured on.

    Raises:
        ValueError: the file is of another network.
    """
    net = SceneNet(len(NAMES)).eval()
    pairs = _pairs(net)
    kept = _convolutions(file)
    if [tuple(conv.weight.shape) for conv, _ in pairs] != [weight.shape for weight, _ in kept]:
        raise ValueError(f"{file} is not a file of this network: its convolutions have other shapes.")
    for (conv, norm), (weight, bias) in zip(pairs, kept, strict=True):
        conv.weight.data.copy_(weight)
        if norm is None:
            assert conv.bias is not None
            conv.bias.data.copy_(bias)
        else:
            norm.bias.data.copy_(bias)
            norm.running_var.fill_(1 - norm.eps)  # idle: mean 0, scale 1
    _measured([norm for _, norm in pairs if norm is not None], net, pictures)
    return net


@torch.no_grad()
def _measured(norms: list[nn.BatchNorm2d], net: SceneNet, pictures: Iterable[Tensor]) -> None:
    """Give idle norms the mean and deviation of what they see, without a change of what they say."""
    sums = {norm: [torch.zeros(norm.num_features), torch.zeros(norm.num_features), torch.zeros(1)] for norm in norms}

    def add(norm: nn.Module, seen: tuple[Tensor, ...]) -> None:
        total = sums[norm]
        total[0] += seen[0].sum(dim=(0, 2, 3))
        total[1] += seen[0].square().sum(dim=(0, 2, 3))
        total[2] += seen[0].shape[0] * seen[0].shape[2] * seen[0].shape[3]

    hooks = [norm.register_forward_pre_hook(add) for norm in norms]
    for batch in pictures:
        net(batch)
    for hook in hooks:
        hook.remove()
    for norm, (first, second, count) in sums.items():
        mean = first / count
        variance = (second / count - mean.square()).clamp(min=1e-6)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias += mean


def _pairs(net: SceneNet) -> list[tuple[nn.Conv2d, nn.BatchNorm2d | None]]:
    """Every convolution with its norm, in the order in which they run."""
    ran: list[nn.Module] = []
    parts = [part for part in net.modules() if isinstance(part, nn.Conv2d | nn.BatchNorm2d)]
    hooks = [part.register_forward_hook(lambda part, *_: ran.append(part)) for part in parts]
    with torch.no_grad():
        net(torch.zeros(1, 3, 64, 64))
    for hook in hooks:
        hook.remove()
    follows = [*ran[1:], None]
    return [
        (part, after if isinstance(after, nn.BatchNorm2d) else None)
        for part, after in zip(ran, follows, strict=True)
        if isinstance(part, nn.Conv2d)
    ]


def _convolutions(file: Path) -> list[tuple[Tensor, Tensor]]:
    """Weight and bias of every convolution of a file, in order."""
    graph = onnx.load(str(file)).graph
    values = {each.name: torch.from_numpy(numpy_helper.to_array(each).copy()) for each in graph.initializer}
    return [(values[n.input[1]], values[n.input[2]]) for n in graph.node if n.op_type == "Conv"]
