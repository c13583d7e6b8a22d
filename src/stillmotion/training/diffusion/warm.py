"""Shipped files become networks that can learn on.

    python -m stillmotion.training.diffusion.warm --dit dit.onnx --config mini --out RUN     writes RUN/dit.pt, step 0

Everything that `export` and `dit_export` write is read back; what they leave out, the spread of the autoencoder's
latents, begins as in a new network.
"""

from __future__ import annotations

import argparse
import copy
import tempfile
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from stillmotion.models.dit import Dit
from stillmotion.models.vae import VideoVae
from stillmotion.training.diffusion.dit_export import export as export_dit
from stillmotion.training.diffusion.dit_run import CONFIGS, begin
from stillmotion.training.loop import Team

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


@torch.no_grad()
def restore_dit(net: Dit, file: Path) -> None:
    """Give `net` the weights of a shipped dit.onnx.

    Tracing turns and renames most of them, so a network of random weights is written, too: what stands where one of
    its weights is found again is that weight.

    Raises:
        ValueError: the file is of another network.
    """
    probe = copy.deepcopy(net).eval()
    for parameter in probe.parameters():
        parameter.normal_()
    with tempfile.TemporaryDirectory() as folder:
        export_dit(probe, (), Path(folder), run={}, base_tokens=1)
        marks = list(_values(Path(folder) / "dit.onnx").values())
    shipped = list(_values(file).values())
    if [each.shape for each in marks] != [each.shape for each in shipped]:
        raise ValueError(f"{file} is not a file of this network: its arrays have other shapes.")
    for (name, target), wanted in zip(net.named_parameters(), probe.parameters(), strict=True):
        target.copy_(_found(wanted, marks, shipped, name))


def _found(wanted: Tensor, marks: list[Tensor], shipped: list[Tensor], name: str) -> Tensor:
    """The shipped array at the place where `wanted` is found, turned as it is there; any factor taken out."""
    for mark, array in zip(marks, shipped, strict=True):
        if mark.numel() != wanted.numel() or mark.numel() < 2:
            continue
        straight = mark.reshape(wanted.shape)
        turned = mark.T.reshape(wanted.shape) if mark.ndim == 2 else straight
        for seen, value in ((straight, array), (turned, array.T if mark.ndim == 2 else array)):
            factor = float((seen * wanted).sum() / wanted.square().sum())
            if abs(factor) > 1e-3 and torch.allclose(seen, factor * wanted, rtol=0, atol=4e-3 * abs(factor)):
                return value.reshape(wanted.shape) / factor
    raise ValueError(f"{name} is nowhere in a file of this network.")


def _values(path: Path) -> dict[str, Tensor]:
    """Arrays of a file by their names in the network, in order."""
    arrays = onnx.load(str(path)).graph.initializer
    names = [array.name.removesuffix(".half").removeprefix("vae.") for array in arrays]
    return {
        name: torch.from_numpy(numpy_helper.to_array(array).copy()).float()
        for name, array in zip(names, arrays, strict=True)
    }


def main() -> None:
    """Write the checkpoint that `dit_run` goes on from."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dit", type=Path, required=True, help="a shipped dit.onnx")
    parser.add_argument("--config", choices=CONFIGS, default="mini")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    team = Team(0, 1, args.out)
    state = begin(CONFIGS[args.config], team)
    restore_dit(state.net, args.dit)
    state.mean.load_state_dict(state.net.state_dict())
    state.save(args.out / "dit.pt", team)


if __name__ == "__main__":
    main()
