"""Small scenes with known depth, and ways to draw them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from stillmotion.plan import Camera, CameraKey, Canvas, MotionPlan
from stillmotion.types import Crop, Float32, Scene, UInt8

WIDTH, HEIGHT = 192, 128


def textured(seed: int, *, scale: float = 3.0) -> UInt8:
    """A picture full of soft detail, so that motion can be measured anywhere."""
    noise = np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH, 3))
    soft = cv2.GaussianBlur(noise, (0, 0), scale)
    return np.clip(127 + soft * (45 / soft.std()), 0, 255).astype(np.uint8)


def scene_of(photo: UInt8, depth: Float32, *, fov_deg: float = 50.0) -> Scene:
    """A scene as the analysis stage would hand it on."""
    height, width = depth.shape
    nothing = np.zeros((height, width), np.float32)
    return Scene(
        photo=photo, depth=depth.astype(np.float32), sky=nothing, subject=nothing, regions=(),
        faces=(), bodies=(), fov_deg=fov_deg,
        pivot=((width - 1) / 2, (height - 1) / 2), masks=(),
        crop=Crop(x=0, y=0, width=width, height=height, whole=(width, height)),
        depth_source="test", confidence=1.0, notes=(),
    )  # fmt: skip


@pytest.fixture
def two_planes() -> Scene:
    """A disc at depth 1 in front of a wall at depth 4."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    disc = np.hypot(x - WIDTH / 2, y - HEIGHT / 2) < 30
    photo = np.where(disc[..., None], textured(1), textured(2))
    return scene_of(photo.astype(np.uint8), np.where(disc, 1.0, 4.0))


@pytest.fixture
def wall() -> Scene:
    """A flat wall at depth 1."""
    return scene_of(textured(3), np.ones((HEIGHT, WIDTH)))


PlanOf = Callable[..., MotionPlan]


@pytest.fixture
def plan_of() -> PlanOf:
    """A camera path on the small canvas."""

    def make(*keys: CameraKey, seconds: float = 1.0, fps: float = 8.0, **canvas: object) -> MotionPlan:
        frame = Canvas.model_validate({"width": WIDTH, "height": HEIGHT, "fps": fps, "seconds": seconds, **canvas})
        return MotionPlan(canvas=frame, camera=Camera(keyframes=keys or (CameraKey(t=0.0),), motion_blur=0.0))

    return make


Draw = Callable[..., list[UInt8]]


@pytest.fixture
def draw() -> Draw:
    """All frames of a plan by the geometry engine."""
    from stillmotion.stages.generation.backend import backend

    def all_frames(scene: Scene, plan: MotionPlan, *, seed: int = 0, quality: str = "standard") -> list[UInt8]:
        stream = backend("geometry").draw(
            scene,
            plan,
            seed=seed,
            quality=quality,
            progress=lambda *_: None,
            cancel=Event(),  # type: ignore[arg-type]
        )
        return list(stream)

    return all_frames


@pytest.fixture(scope="session")
def nano_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network in the file format of the engine 'nano' that needs no training, beside the autoencoder.

    It believes the guide: velocity = (noisy - guide) / time.
    """
    onnx = pytest.importorskip("onnx")
    from stillmotion.models.vae_codec import FOLDER

    folder, real, clip = tmp_path_factory.mktemp("nano"), onnx.TensorProto.FLOAT, [1, "t", 24, "h", "w"]
    shapes = {
        "noisy": clip, "time": [1], "text": [1, 16], "reference": [1, 24, "y", "x"], "first": [1, 24, "h", "w"],
        "guide": clip, "valid": [1, "t", 4, "h", "w"], "has": [1, 4],
    }  # fmt: skip
    kinds = {"text": onnx.TensorProto.INT64}
    inputs = [onnx.helper.make_tensor_value_info(name, kinds.get(name, real), shapes[name]) for name in shapes]
    output = onnx.helper.make_tensor_value_info("velocity", real, clip)
    nodes = [
        onnx.helper.make_node("Sub", ["noisy", "guide"], ["off"]),
        onnx.helper.make_node("Div", ["off", "time"], ["velocity"]),
    ]
    graph = onnx.helper.make_graph(nodes, "believes", inputs, [output])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "dit.onnx")
    digest = sha256((folder / "dit.onnx").read_bytes()).hexdigest()
    about = {"sha256": digest, "channels": 24, "sentence": 16, "base_tokens": 256, "words": ["the", "camera"]}
    (folder / "dit.json").write_text(json.dumps(about))
    for name in ("vae-encoder.onnx", "vae-decoder.onnx"):
        shutil.copy(FOLDER / name, folder / name)
    return folder
