"""A network for the engine 'nano' that needs no training, whose clips are its noise, tinted by what it is told."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import pytest

from stillmotion.media.image import write_png


@pytest.fixture(scope="session")
def restless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights: velocity = noisy / 2 + mean of the words / 20."""
    onnx = pytest.importorskip("onnx")
    from stillmotion.models.vae_codec import FOLDER

    folder, kind, clip = tmp_path_factory.mktemp("restless"), onnx.TensorProto, [1, "t", 24, "h", "w"]
    shapes = {
        "noisy": clip, "time": [1], "text": [1, 48], "reference": [1, 24, "y", "x"], "first": [1, 24, "h", "w"],
        "guide": clip, "valid": [1, "t", 4, "h", "w"], "has": [1, 4],
    }  # fmt: skip
    inputs = [
        onnx.helper.make_tensor_value_info(name, kind.INT64 if name == "text" else kind.FLOAT, shape)
        for name, shape in shapes.items()
    ]
    output = onnx.helper.make_tensor_value_info("velocity", kind.FLOAT, clip)
    numbers = [onnx.helper.make_tensor(name, kind.FLOAT, [1], [x]) for name, x in (("half", 0.5), ("little", 0.05))]
    node = onnx.helper.make_node
    nodes = [
        node("Mul", ["noisy", "half"], ["rest"]), node("Cast", ["text"], ["real"], to=kind.FLOAT),
        node("ReduceMean", ["real"], ["mean"], keepdims=0), node("Mul", ["mean", "little"], ["tint"]),
        node("Add", ["rest", "tint"], ["velocity"]),
    ]  # fmt: skip
    graph = onnx.helper.make_graph(nodes, "restless", inputs, [output], initializer=numbers)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "dit.onnx")
    digest = sha256((folder / "dit.onnx").read_bytes()).hexdigest()
    words = ["the", "camera", "pans", "left", "right", "by", "pushes", "in"]
    about = {"sha256": digest, "channels": 24, "sentence": 48, "base_tokens": 256, "words": words}
    (folder / "dit.json").write_text(json.dumps(about))
    for name in ("vae-encoder.onnx", "vae-decoder.onnx"):
        shutil.copy(FOLDER / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def small_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sky, ground, and something dark that stands before them."""
    random = np.random.default_rng(4)
    picture = np.empty((64, 96, 3), np.uint8)
    picture[:32] = np.linspace((90, 140, 220), (180, 200, 230), 32)[:, None]
    ground = random.integers(60, 150, (32, 96, 1)) * np.array([0.8, 1.0, 0.5])
    picture[32:] = cv2.GaussianBlur(ground, (0, 0), 1.5).astype(np.uint8)
    cv2.rectangle(picture, (40, 17), (55, 46), (70, 40, 30), -1)
    path = tmp_path_factory.mktemp("photo") / "field.png"
    write_png(path, picture)
    return path
