"""How well the autoencoder gives back what it was not trained on."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from stillmotion.evaluation.fidelity import psnr, ssim
from stillmotion.models.vae import VideoVae
from stillmotion.training.loop import half_precision
from stillmotion.training.pictures import Pictures


@torch.no_grad()
def check(net: VideoVae, held: Pictures, *, every: int, side: int = 256, bf16: bool = False) -> dict[str, float]:
    """Mean PSNR and SSIM of pictures and of clips of 17 frames, centre crops of `side` pixels."""
    found: dict[str, list[float]] = {name: [] for name in ("still_psnr", "still_ssim", "clip_psnr", "clip_ssim")}
    with half_precision(bf16):
        for i in range(0, len(held.photos), every):
            picture = centre(held.photos.frames(i), side)
            back = net.decode_still(net.encode_still(tensor(picture))[0])
            found["still_psnr"].append(psnr(picture[0], pixels(back)[0]))
            found["still_ssim"].append(ssim(picture[0], pixels(back)[0]))
        for i in range(0, len(held.clips), every):
            clip = centre(held.clips.frames(i)[:17], side)
            back = pixels(net.decode(net.encode(tensor(clip)[None])[0])[0][0])
            found["clip_psnr"].append(float(np.mean([psnr(a, b) for a, b in zip(clip, back, strict=True)])))
            found["clip_ssim"].append(float(np.mean([ssim(a, b) for a, b in zip(clip[::4], back[::4], strict=True)])))
    return {name: round(float(np.mean(values)), 4) for name, values in found.items()}


def centre(frames: np.ndarray, side: int) -> np.ndarray:
    """(F, side, side, 3): the middle square, shrunk."""
    short = min(frames.shape[1:3])
    y, x = (frames.shape[1] - short) // 2, (frames.shape[2] - short) // 2
    square = frames[:, y : y + short, x : x + short]
    if short == side:
        return np.ascontiguousarray(square)
    return np.stack([cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA) for frame in square])


def pixels(values: Tensor) -> np.ndarray:
    """(..., 3, H, W) in [-1, 1] -> (..., H, W, 3) uint8."""
    return ((values.float().clamp(-1, 1) + 1) * 127.5).round().byte().movedim(-3, -1).contiguous().numpy()


def tensor(pictures: np.ndarray) -> Tensor:
    """(..., H, W, 3) uint8 -> (..., 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).movedim(-1, -3).float() / 127.5 - 1
