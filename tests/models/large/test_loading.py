"""Weights that do not fit, are damaged or lack a package end in one clear message; nothing goes to the network."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from stillmotion.errors import DoesNotFit, InputError, WeightsMissing
from stillmotion.models.large.checkpoint import Checkpoint, find_checkpoint
from stillmotion.models.large.depth import DepthModel
from stillmotion.models.large.loading import choose_device, explained, load

PICTURE = np.random.default_rng(0).integers(0, 255, (60, 90, 3)).astype(np.uint8)


@pytest.fixture
def depth(tiny: Callable[[str], Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny("depth_anything"), tmp_path / "model"))


def test_loading_and_looking_need_no_network(depth: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> NoReturn:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert DepthModel(find_checkpoint(str(depth))).look(PICTURE).values.shape == (60, 90)


def test_damaged_weights_are_told(depth: Path) -> None:
    weights = depth / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(InputError, match="model cannot be used"):
        DepthModel(find_checkpoint(str(depth)))


def test_weights_of_another_model_are_not_taken_for_its_own(depth: Path, tiny: Callable[[str], Path]) -> None:
    shutil.copy(tiny("segformer") / "model.safetensors", depth / "model.safetensors")
    with pytest.raises(InputError, match="do not belong to its config"):
        DepthModel(find_checkpoint(str(depth)))


def test_a_missing_preparation_is_told(depth: Path) -> None:
    (depth / "preprocessor_config.json").unlink()
    with pytest.raises(InputError, match="cannot be used"):
        DepthModel(find_checkpoint(str(depth)))


def test_a_config_with_nonsense_is_told(depth: Path) -> None:
    config = json.loads((depth / "config.json").read_text())
    (depth / "config.json").write_text(json.dumps(config | {"fusion_hidden_size": "many"}))
    with pytest.raises(InputError, match="cannot be used"):
        DepthModel(find_checkpoint(str(depth)))


def test_a_device_that_is_not_there_is_refused_with_what_is() -> None:
    torch = pytest.importorskip("torch")
    assert choose_device("cpu") == "cpu"
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match=r"cuda cannot be used: torch .* sees .*cpu here"):
            choose_device("cuda")


def test_a_missing_package_is_told_with_the_command_that_brings_it() -> None:
    pytest.importorskip("transformers")
    with pytest.raises(WeightsMissing, match="not installed") as told, explained("a model"):
        raise ModuleNotFoundError("No module named 'torchvision'")
    assert "pip install 'stillmotion[models]'" in str(told.value.hint)


def test_a_model_larger_than_memory_is_refused_before_it_is_read(depth: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/proc/meminfo").is_file():
        pytest.skip("free memory is known on Linux only")
    monkeypatch.setattr(Checkpoint, "weights_bytes", 1 << 50)
    with pytest.raises(DoesNotFit, match="MiB are free"):
        load(replace(find_checkpoint(str(depth))), None, device="cpu")
