"""The autoencoder's shipped files become a network that can learn on.

Everything that `export` writes is read back; what it leaves out, the spread of the latents, begins as in a new network.
"""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from stillmotion.models.vae import VideoVae

_LOST = {
    "encoder": ("down.weight", "shortcut.weight", "leave.weight", "leave.bias", "middle", "spread"),
    "decoder": ("spread", "middle", "leave.weight", "leave.bias", "shortcut.weight", "shortcut.bias"),
}
"""What is reshaped or cut before it is used, and so loses its name in a file; in the order it stands there."""


@torch.no_grad()
def restore(vae: VideoVae, folder: Path) -> None:
    """Give `vae` the weights of `folder`/vae-encoder.onnx and vae-decoder.onnx; their scale, too.

    Raises:
        ValueError: the files are of another network.
    """
    wanted = dict(vae.named_parameters()) | dict(vae.named_buffers())
    found: dict[str, Tensor] = {}
    for part, lost in _LOST.items():
        values = _values(folder / f"vae-{part}.onnx")
        nameless = [value for name, value in values.items() if name not in wanted]
        found |= {name: value for name, value in values.items() if name in wanted}
        own = {name: name if name in wanted else f"{part}.{name}" for name in lost}
        found |= {own[name]: value for name, value in zip(lost, nameless, strict=False)}
    for name in ("encoder.leave.weight", "encoder.leave.bias"):
        if name in found:
            found[name] = torch.cat([found[name], wanted[name][vae.size.channels :]])
    other = [name for name in wanted if name not in found or found[name].numel() != wanted[name].numel()]
    if other:
        raise ValueError(f"The files in {folder} are not of this network: {', '.join(other[:3])} differ.")
    for name, target in wanted.items():
        target.copy_(found[name].reshape(target.shape))


def _values(path: Path) -> dict[str, Tensor]:
    """Arrays of a file by their names in the network, in order."""
    arrays = onnx.load(str(path)).graph.initializer
    names = [array.name.removesuffix(".half").removeprefix("vae.") for array in arrays]
    return {
        name: torch.from_numpy(numpy_helper.to_array(array).copy()).float()
        for name, array in zip(names, arrays, strict=True)
    }
