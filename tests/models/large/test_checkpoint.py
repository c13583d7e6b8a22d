"""A model of the user's is found where it lies, and it is said what it is, or what is missing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from stillmotion.errors import InputError, WeightsMissing
from stillmotion.models.large.checkpoint import find_checkpoint

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    constants = pytest.importorskip("huggingface_hub").constants
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def _keep(cache: Path, model: Path, name: str) -> None:
    """Put a model into the cache as Hugging Face lays it out."""
    home = cache / f"models--{name.replace('/', '--')}"
    shutil.copytree(model, home / "snapshots" / COMMIT)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(COMMIT)


def test_a_folder_is_a_model_and_its_licence_is_told(tiny: Callable[[str], Path]) -> None:
    found = find_checkpoint(str(tiny("dpt")))
    assert (found.name, found.kind, found.licence, found.revision) == ("tiny-dpt", "dpt", "apache-2.0", None)
    assert found.sentence("Depth") == "Depth by tiny-dpt (licence apache-2.0)."
    assert found.weights_bytes > 10_000


def test_a_name_is_looked_up_in_the_cache(tiny: Callable[[str], Path], cache: Path) -> None:
    _keep(cache, tiny("dpt"), "somebody/depth-small")
    for name in ("somebody/depth-small", "somebody/depth-small@main", f"somebody/depth-small@{COMMIT}"):
        found = find_checkpoint(name)
        assert (found.name, found.revision) == ("somebody/depth-small", COMMIT[:12])
    assert f"revision {COMMIT[:12]}" in found.sentence("Depth")


def test_what_is_not_on_this_machine_is_not_fetched_and_the_message_names_the_cache(cache: Path) -> None:
    with pytest.raises(WeightsMissing, match="not on this machine") as told:
        find_checkpoint("somebody/depth-huge")
    assert str(cache) in told.value.message
    assert "hf download somebody/depth-huge" in str(told.value.hint)


def test_a_revision_that_is_not_there_is_named(tiny: Callable[[str], Path], cache: Path) -> None:
    _keep(cache, tiny("dpt"), "somebody/depth-small")
    with pytest.raises(WeightsMissing, match="somebody/depth-small@other"):
        find_checkpoint("somebody/depth-small@other")


@pytest.mark.parametrize("name", ["./nowhere", "depth", "a/b/c", "../x", ""])
def test_what_is_neither_folder_nor_name_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if name == "":
        return  # the current folder is a folder; options refuse empty text
    with pytest.raises(InputError, match="neither a folder nor a name"):
        find_checkpoint(name)


def test_a_folder_without_a_model_and_a_model_without_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no config\.json"):
        find_checkpoint(str(tmp_path))
    (tmp_path / "config.json").write_text("[1, 2]")
    with pytest.raises(InputError, match="not the config"):
        find_checkpoint(str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "dpt"}))
    (tmp_path / "model.safetensors").symlink_to(tmp_path / "gone")  # as a cache that was cleared by half
    with pytest.raises(WeightsMissing, match="weights"):
        find_checkpoint(str(tmp_path))


def test_a_licence_that_forbids_commercial_use_is_said_and_a_missing_one_too(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "dpt"}))
    (tmp_path / "model.safetensors").write_bytes(b"x")
    assert "licence not told" in find_checkpoint(str(tmp_path)).sentence("Depth")
    card = tmp_path / "README.md"
    card.write_text("---\ntags: [a]\nlicense: cc-by-nc-4.0\n---\nlicense: mit\n")
    assert "licence cc-by-nc-4.0; that licence excludes commercial use" in find_checkpoint(str(tmp_path)).sentence("D")
    card.write_text("---\nlicense: other\nlicense_name: sam-licence\n---\n")
    assert find_checkpoint(str(tmp_path)).licence == "sam-licence"
