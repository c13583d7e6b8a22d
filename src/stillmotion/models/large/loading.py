"""Weights into memory, on the device the user wants; what goes wrong is said in words that help.

Knows torch and transformers; not what a model is for. Numbers are float32 on every device: disparity in half precision
has steps that can be seen.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from stillmotion.errors import DoesNotFit, InputError, WeightsMissing
from stillmotion.models.large.checkpoint import INSTALL, Checkpoint
from stillmotion.options import Device
from stillmotion.types import Float32, UInt8

_THEIRS = ("safetensors", "safetensors_rust", "torch", "tokenizers", "transformers", "huggingface_hub")
"""Packages whose errors are about the files they were given."""

_LEAST_KNOWN = 0.9  # share of a model's tensors that its files must hold; a few are unused and often left out
_ROOM = 1.6  # memory a model takes, of the size of its weights: they are read, then made float32
_RUNNING = 600 << 20  # and what running it takes


def choose_device(wanted: Device) -> str:
    """The name torch has for a device.

    Raises:
        InputError: it is not on this machine.
        WeightsMissing: torch is not installed.
    """
    with explained("torch"):
        import torch
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, can in there.items() if can)
    if not there[wanted]:
        able = ", ".join(name for name, can in there.items() if can)
        raise InputError(f"The device {wanted} cannot be used: torch {torch.__version__} sees {able} here.")
    return wanted


def load(checkpoint: Checkpoint, loader: Any, *, device: str) -> Any:  # Any: classes and models of transformers
    """The model of a checkpoint, ready to be asked; `loader` is a class with `from_pretrained`.

    Raises:
        InputError: the files are damaged, or do not belong together.
        DoesNotFit: not enough memory.
        WeightsMissing: a package is not installed.
    """
    _check_memory(checkpoint, device)
    with explained(checkpoint.name):
        model, found = loader.from_pretrained(checkpoint.folder, local_files_only=True, output_loading_info=True)
        wanted = len(model.state_dict())
        missing = len(found["missing_keys"]) + len(found.get("mismatched_keys", ()))
        if missing > (1 - _LEAST_KNOWN) * wanted:
            raise InputError(
                f"The weights of {checkpoint.name} do not belong to its config.json: {missing} of {wanted} tensors of "
                f"{type(model).__name__} are missing."
            )
        return model.float().to(device).eval()


def load_processor(checkpoint: Checkpoint, loader: Any) -> Any:  # Any: as above
    """What prepares pictures and words for a model; errors as in `load`."""
    with explained(checkpoint.name):
        return loader.from_pretrained(checkpoint.folder, local_files_only=True)


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Errors of torch and transformers in our words, and none of their own chatter."""
    try:
        with _quiet():
            yield
    except ImportError as error:
        raise WeightsMissing(
            f"{what} needs a package that is not installed: {_first_line(error)}",
            hint=f"{INSTALL}; a few models also need torchvision.",
        ) from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        if "memory" in str(error) and "alloc" in str(error).lower():
            raise DoesNotFit(f"There is not enough memory for {what}.", hint="Use a smaller model.") from error
        raise InputError(f"{what} cannot be used: {_first_line(error)}") from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in _THEIRS:
            raise
        raise InputError(f"{what} cannot be used: {_first_line(error)}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """No network, no progress bars, log lines and deprecations of transformers meanwhile."""
    from huggingface_hub import constants
    from transformers.utils import logging as chatter

    logging: Any = chatter  # Any: its functions have no types
    level, bars, offline = logging.get_verbosity(), logging.is_progress_bar_enabled(), constants.HF_HUB_OFFLINE
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    constants.HF_HUB_OFFLINE = True  # some processors look for lists of classes on their own
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        constants.HF_HUB_OFFLINE = offline
        if bars:
            logging.enable_progress_bar()


def array(tensor: Any) -> Float32:  # Any: a tensor of torch
    """A tensor of any device as float32."""
    return np.asarray(tensor.detach().float().cpu().numpy(), np.float32)


def picture(rgb: UInt8) -> Any:  # Any: an image of Pillow, whose types need no import here
    """A picture (H, W, 3) as processors take it: they guess wrong about thin arrays."""
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(rgb))


def _check_memory(checkpoint: Checkpoint, device: str) -> None:
    meminfo = Path("/proc/meminfo")
    if device != "cpu" or not meminfo.is_file():
        return
    free = next(
        (int(line.split()[1]) << 10 for line in meminfo.read_text().splitlines() if line.startswith("MemAvailable")),
        None,
    )
    needed = round(_ROOM * checkpoint.weights_bytes) + _RUNNING
    if free is not None and needed > free:
        raise DoesNotFit(
            f"{checkpoint.name} needs about {needed >> 20} MiB of memory; {free >> 20} MiB are free.",
            hint="Use a smaller model, or free memory.",
        )


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
