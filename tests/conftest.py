"""Tiny checkpoints of real model classes with random weights, saved as their authors save them. Nothing is fetched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from stillmotion.media.image import write_png

Tiny = Callable[..., Path]
"""kind -> the folder of a checkpoint."""

_WORDS = ("the", "sky", "water", "red", "cup", "of", "coffee", "a")


@pytest.fixture(scope="session")
def landscape(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """(width, height, corners of a dark thing) -> a photo of sky, ground with texture, and that thing before them."""

    def make(width: int, height: int, thing: tuple[tuple[int, int], tuple[int, int]]) -> Path:
        random, half = np.random.default_rng(4), height // 2
        picture = np.empty((height, width, 3), np.uint8)
        picture[:half] = np.linspace((90, 140, 220), (180, 200, 230), half)[:, None]
        ground = random.integers(60, 150, (half, width, 1)) * np.array([0.8, 1.0, 0.5])
        picture[half:] = cv2.GaussianBlur(ground, (0, 0), 1.5).astype(np.uint8)
        cv2.rectangle(picture, *thing, (70, 40, 30), -1)
        path = tmp_path_factory.mktemp("photo") / "field.png"
        write_png(path, picture)
        return path

    return make


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Make a checkpoint of a kind, once each."""
    pytest.importorskip("transformers", reason="larger models need transformers: pip install stillmotion[models]")
    import torch

    torch.set_num_threads(1)  # tiny models only wait for one another
    root, made = tmp_path_factory.mktemp("checkpoints"), {}

    def make(kind: str) -> Path:
        if kind not in made:
            folder = root / f"tiny-{kind}"
            torch.manual_seed(0)
            for part in _MAKERS[kind]():
                part.save_pretrained(folder)
            (folder / "README.md").write_text(f"---\nlicense: apache-2.0\ntags:\n- x\n---\n# {kind}\n", "utf-8")
            made[kind] = folder
        return made[kind]

    return make


def _dinov2(**more: Any) -> Any:
    from transformers import Dinov2Config

    return Dinov2Config(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=2, mlp_ratio=2, image_size=56, patch_size=14,
        out_features=["stage1", "stage2", "stage3", "stage4"], reshape_hidden_states=False, **more,
    )  # fmt: skip


def _dpt_pictures() -> Any:
    from transformers import DPTImageProcessor

    return DPTImageProcessor(
        size={"height": 56, "width": 56}, keep_aspect_ratio=True, ensure_multiple_of=14, do_resize=True
    )


def _depth_anything(**more: Any) -> list[Any]:
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation

    config = DepthAnythingConfig(
        backbone_config=_dinov2(), patch_size=14, reassemble_hidden_size=32, neck_hidden_sizes=[8, 8, 8, 8],
        fusion_hidden_size=8, head_hidden_size=8, **more,
    )  # fmt: skip
    return [DepthAnythingForDepthEstimation(config), _dpt_pictures()]


def _dpt() -> list[Any]:
    from transformers import DPTConfig, DPTForDepthEstimation

    config = DPTConfig(
        backbone_config=_dinov2(), neck_hidden_sizes=[8, 8, 8, 8], fusion_hidden_size=8, use_pretrained_backbone=False
    )
    return [DPTForDepthEstimation(config), _dpt_pictures()]


def _zoedepth() -> list[Any]:
    from transformers import BeitConfig, ZoeDepthConfig, ZoeDepthForDepthEstimation, ZoeDepthImageProcessor

    backbone = BeitConfig(
        image_size=64, patch_size=16, num_hidden_layers=4, hidden_size=32, intermediate_size=32, num_attention_heads=2,
        use_relative_position_bias=True, reshape_hidden_states=False,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = ZoeDepthConfig(
        backbone_config=backbone, neck_hidden_sizes=[8, 8, 8, 8], fusion_hidden_size=8, bottleneck_features=8,
        num_attractors=[2, 2, 2, 2], bin_embedding_dim=8, num_relative_features=8,
        bin_configurations=[{"name": "nyu", "n_bins": 8, "min_depth": 0.001, "max_depth": 10.0}],
    )  # fmt: skip
    return [ZoeDepthForDepthEstimation(config), ZoeDepthImageProcessor(size={"height": 64, "width": 64})]


def _segformer() -> list[Any]:
    from transformers import SegformerConfig, SegformerForSemanticSegmentation, SegformerImageProcessor

    config = SegformerConfig(
        hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1], num_attention_heads=[1, 1, 1, 1], decoder_hidden_size=8,
        id2label={0: "sky-other-merged", 1: "sea", 2: "potted plant"}, label2id={},
    )  # fmt: skip
    return [SegformerForSemanticSegmentation(config), SegformerImageProcessor(size={"height": 64, "width": 64})]


def _mask2former() -> list[Any]:
    from transformers import (
        Mask2FormerConfig,
        Mask2FormerForUniversalSegmentation,
        Mask2FormerImageProcessor,
        SwinConfig,
    )

    swin = SwinConfig(
        image_size=64, patch_size=4, embed_dim=16, depths=[1, 1, 1, 1], num_heads=[1, 1, 1, 1], window_size=4,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = Mask2FormerConfig(
        backbone_config=swin, feature_size=32, mask_feature_size=32, hidden_dim=32, encoder_feedforward_dim=16,
        dim_feedforward=16, encoder_layers=1, decoder_layers=2, num_attention_heads=2, num_queries=5,
        id2label={0: "sky", 1: "water", 2: "wall-brick"}, label2id={},
    )  # fmt: skip
    return [Mask2FormerForUniversalSegmentation(config), Mask2FormerImageProcessor(size={"height": 64, "width": 96})]


def _clip_words() -> Any:
    from transformers import CLIPTokenizer

    letters = [chr(c) for c in range(97, 123)]
    entries = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={entry: i for i, entry in enumerate(entries)}, merges=[], model_max_length=16, pad_token="<|endoftext|>"
    )


def _clipseg() -> list[Any]:
    from transformers import CLIPSegConfig, CLIPSegForImageSegmentation, CLIPSegProcessor, ViTImageProcessor

    small = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2}
    config = CLIPSegConfig(
        text_config=small | {"vocab_size": 64, "max_position_embeddings": 16, "bos_token_id": 52, "eos_token_id": 53},
        vision_config=small | {"image_size": 64, "patch_size": 16}, projection_dim=16, reduce_dim=8,
        extract_layers=[0, 1, 2], decoder_num_attention_heads=2, decoder_intermediate_size=16,
    )  # fmt: skip
    pictures = ViTImageProcessor(size={"height": 64, "width": 64})
    return [CLIPSegForImageSegmentation(config), CLIPSegProcessor(pictures, _clip_words())]


def _grounding_dino() -> list[Any]:
    from transformers import (
        BertConfig,
        BertTokenizer,
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
        GroundingDinoProcessor,
        SwinConfig,
    )

    swin = SwinConfig(
        image_size=64, patch_size=4, embed_dim=16, depths=[1, 1, 1, 1], num_heads=[1, 1, 1, 1], window_size=4,
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip
    entries = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?", *_WORDS]
    bert = BertConfig(
        vocab_size=len(entries), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    config = GroundingDinoConfig(
        backbone_config=swin, text_config=bert, d_model=32, encoder_layers=1, decoder_layers=2, num_queries=6,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32,
    )  # fmt: skip
    words = BertTokenizer(vocab={entry: i for i, entry in enumerate(entries)})
    pictures = GroundingDinoImageProcessor(size={"height": 64, "width": 96})
    return [GroundingDinoForObjectDetection(config), GroundingDinoProcessor(pictures, words)]


def _owlv2() -> list[Any]:
    from transformers import Owlv2Config, Owlv2ForObjectDetection, Owlv2ImageProcessor, Owlv2Processor

    small = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = Owlv2Config(
        text_config=small | {"vocab_size": 64, "max_position_embeddings": 16, "bos_token_id": 52, "eos_token_id": 53},
        vision_config=small | {"image_size": 64, "patch_size": 16}, projection_dim=32,
    )  # fmt: skip
    model = Owlv2ForObjectDetection(config)
    model.box_head.dense2.weight.data *= 0.01  # boxes of some size
    pictures = Owlv2ImageProcessor(size={"height": 64, "width": 64})
    return [model, Owlv2Processor(pictures, _clip_words())]


def _sam() -> list[Any]:
    from transformers import SamConfig, SamModel

    config = SamConfig(
        vision_config={
            "hidden_size": 32, "output_channels": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
            "image_size": 64, "patch_size": 8, "mlp_dim": 32, "global_attn_indexes": [1], "window_size": 4,
            "num_pos_feats": 8,
        },
        prompt_encoder_config={"hidden_size": 16, "image_size": 64, "patch_size": 8, "mask_input_channels": 4},
        mask_decoder_config={
            "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "mlp_dim": 32,
            "iou_head_hidden_dim": 16, "iou_head_depth": 2,
        },
    )  # fmt: skip
    return [SamModel(config)]


def _sam2() -> list[Any]:
    from transformers import Sam2Config, Sam2Model

    backbone = {
        "model_type": "sam2_hiera_det_model", "hidden_size": 8, "num_attention_heads": 1, "image_size": [64, 64],
        "blocks_per_stage": [1, 1, 2, 1], "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 1, 2, 2], "window_size_per_stage": [4, 4, 4, 4],
        "window_positional_embedding_background_size": [4, 4], "global_attention_blocks": [3], "mlp_ratio": 2.0,
    }  # fmt: skip
    config = Sam2Config(
        vision_config={
            "backbone_config": backbone, "backbone_channel_list": [64, 32, 16, 8],
            "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]], "fpn_hidden_size": 16, "image_size": 64,
        },
        prompt_encoder_config={"hidden_size": 16, "image_size": 64, "patch_size": 16, "mask_input_channels": 4},
        mask_decoder_config={
            "hidden_size": 16, "mlp_dim": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
            "iou_head_hidden_dim": 16, "iou_head_depth": 2,
        },
    )  # fmt: skip
    return [Sam2Model(config)]


_MAKERS: dict[str, Callable[[], list[Any]]] = {
    "depth_anything": _depth_anything,
    "depth_anything_metres": lambda: _depth_anything(depth_estimation_type="metric", max_depth=20),
    "dpt": _dpt, "zoedepth": _zoedepth, "segformer": _segformer, "mask2former": _mask2former, "clipseg": _clipseg,
    "grounding_dino": _grounding_dino, "owlv2": _owlv2, "sam": _sam, "sam2": _sam2,
}  # fmt: skip


@pytest.fixture(scope="session")
def restless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of the engine 'nano' that need no training: velocity = noisy / 2 + mean of the words / 20.

    Its clips are its noise, tinted by what it is told.
    """
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
