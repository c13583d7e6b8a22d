"""The autoencoder's checkpoint becomes the two ONNX files that are shipped, checked against torch where they will run.

    python -m stillmotion.training.diffusion.export --run DIR --out FOLDER

One file takes four frames to a latent frame, the other back. Both take the kept frames of the chunk before and give
those for the next, so a clip of any length is coded in constant memory. A picture needs no file of its own: it is four
times the same frame after nothing (zeros), and comes back as the mean of four frames. Latents are normal: the middle
and the spread of each channel over the photos are folded in. Weights are stored in half precision and calculated with
in full.

    frames (1, 12, H, W) in [0, 1], fine_0_96.. ─vae-encoder▶ latent (1, C, H/8, W/8), next_fine_0_96..
    latent (1, C, h, w), coarse_0_192..         ─vae-decoder▶ frames (1, 12, 8 h, 8 w) in [0, 1], next_coarse_0_192..

The name of a kept frame says whether it has a quarter or an eighth of the size, and its channels.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from stillmotion.models.vae import SIZES, SPACE, VideoVae
from stillmotion.models.vae_codec import RUNTIMES, Codec, open_net
from stillmotion.training.diffusion.vae_check import centre, tensor
from stillmotion.training.half import halved
from stillmotion.training.pictures import Pictures


class Into(nn.Module):
    """Frames to latent, as it is run."""

    def __init__(self, vae: VideoVae) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, frames: Tensor, *before: Tensor) -> tuple[Tensor, ...]:
        bands = nn.functional.conv2d(frames * 2 - 1, self.vae.analysis, stride=4)
        mean, kept = self.vae.encoder.mean(bands, list(before))
        return (self.vae.normal(mean), *kept)


class Back(nn.Module):
    """Latent to frames, as it is run."""

    def __init__(self, vae: VideoVae) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latent: Tensor, *before: Tensor) -> tuple[Tensor, ...]:
        bands, kept = self.vae.decoder(self.vae.plain(latent), 1, list(before), still=False)
        groups = nn.functional.conv2d(bands, self.vae.synthesis)
        return (nn.functional.pixel_shuffle(groups, 4) / 2 + 0.5, *kept)


def kept_of(vae: VideoVae, height: int, width: int) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Some kept frames of encoder and decoder by name, for frames of a size."""

    def column(name: str, blocks: int, channels: int, cell: int) -> dict[str, Tensor]:
        return {
            f"{name}_{i}_{channels}": torch.randn(1, channels, height // cell, width // cell) for i in range(blocks)
        }

    size = vae.size
    into = column("fine", size.encoder_blocks[0], size.encoder[0], SPACE // 2)
    into |= column("coarse", size.encoder_blocks[1], size.encoder[1], SPACE)
    back = column("coarse", size.decoder_blocks[1], size.decoder[1], SPACE)
    back |= column("fine", size.decoder_blocks[0], size.decoder[0], SPACE // 2)
    return into, back


@torch.no_grad()
def set_normal(vae: VideoVae, data: Pictures, *, count: int = 256) -> None:
    """Measure middle and spread of each channel over photos (first frames) and clips, the same number of each."""
    vae.middle.zero_()
    vae.spread.fill_(1)
    rng = np.random.default_rng(0)
    photos = rng.choice(len(data.photos), min(count, len(data.photos)), replace=False)
    clips = rng.choice(len(data.clips), min(count // 4, len(data.clips)), replace=False)
    found = [vae.encode_still(tensor(centre(data.photos.frames(i), 128)))[0] for i in photos]
    found += [vae.encode(tensor(centre(data.clips.frames(i)[:17], 128))[None])[0][0, 1:] for i in clips]
    values = torch.cat([each.transpose(0, 1).flatten(1) for each in found], dim=1)
    vae.middle.copy_(values.mean(dim=1))
    vae.spread.copy_(values.std(dim=1))


def load_vae(run: Path, *, size: str = "nano") -> VideoVae:
    """The average of a run with its middle and spread measured."""
    vae = VideoVae(SIZES[size])
    vae.load_state_dict(torch.load(run / "vae.pt", weights_only=True)["mean"])
    vae.eval()
    set_normal(vae, Pictures.of(run / "packed", ""))
    return vae


def export(vae: VideoVae, out: Path, *, name: str = "vae") -> dict[str, float]:
    """Write `out`/NAME-encoder.onnx and `out`/NAME-decoder.onnx; returns what `compared` finds."""
    vae = vae.eval().to(memory_format=torch.contiguous_format)
    side = 64
    into, back = kept_of(vae, side, side)
    frames = torch.rand(1, 12, side, side)
    latent = torch.randn(1, vae.size.channels, side // SPACE, side // SPACE)
    for part, first, kept, says in (
        (Into(vae), frames, into, ("encoder", "frames", "latent")),
        (Back(vae), latent, back, ("decoder", "latent", "frames")),
    ):
        inputs = [says[1], *kept]
        outputs = [says[2], *(f"next_{name}" for name in kept)]
        torch.onnx.export(
            part, (first, *kept.values()), str(out / f"{name}-{says[0]}.onnx"), opset_version=17, dynamo=False,
            input_names=inputs, output_names=outputs,
            dynamic_axes={each: {2: f"h_{each}", 3: f"w_{each}"} for each in (*inputs, *outputs)},
        )  # fmt: skip
        halved(out / f"{name}-{says[0]}.onnx")
    return compared(vae, out, name=name)


@torch.no_grad()
def compared(vae: VideoVae, out: Path, *, name: str = "vae") -> dict[str, float]:
    """Greatest difference of a coded and decoded clip, per runtime, in units of 0 to 1 (latent: in deviations)."""
    clip = np.random.default_rng(0).random((9, 64, 96, 3), np.float32)
    clip = np.asarray(clip[:, :8, :12].repeat(8, axis=1).repeat(8, axis=2))
    video = torch.from_numpy(clip).permute(0, 3, 1, 2)[None] * 2 - 1
    mean = vae.encode(video)[0]
    latent, shown = vae.normal(mean)[0].numpy(), (vae.decode(mean)[0][0] / 2 + 0.5).permute(0, 2, 3, 1).numpy()
    found = {}
    for runtime in RUNTIMES:
        codec = Codec(*(open_net(out / f"{name}-{part}.onnx", runtime) for part in ("encoder", "decoder")))
        coded = np.stack(list(codec.encode(iter(clip))))
        back = np.stack(list(codec.decode(iter(latent))))
        found[f"{runtime} latent"] = float(np.abs(coded - latent).max())
        found[f"{runtime} frames"] = float(np.abs(back - np.clip(shown, 0, 1)).max())
    return found


def main() -> None:
    """Export the average of a run and say how exact it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--config", choices=SIZES, default="nano")
    args = parser.parse_args()
    vae = load_vae(args.run, size=args.config)
    told = {"differences": export(vae, args.out)}
    sizes = {path.name: path.stat().st_size for path in sorted(args.out.glob("vae-*.onnx"))}
    print(json.dumps(told | {"bytes": sizes}))  # noqa: T201


if __name__ == "__main__":
    main()
