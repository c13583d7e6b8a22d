"""A model somebody else made, found on this machine: a folder, or a name in the Hugging Face cache.

Reads what stands beside the weights (kind, licence, revision); loads no weights and needs no torch. Nothing is fetched
unless that was asked for.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillmotion.errors import InputError, WeightsMissing

INSTALL = "pip install 'stillmotion[models]'"
"""What brings the packages that larger models need."""

_NAME = re.compile(r"(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@(?P<revision>[\w./-]+))?")
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_NOT_FETCHED = (
    "*.onnx",
    "*.msgpack",
    "*.h5",
    "*.ckpt",
    "*.pt",
    "*.pth",
    "*.gguf",
    "*.mlpackage*",
    "onnx/*",
    "*.tflite",
)
_FRONT = re.compile(r"\A---\s*\n(?P<front>.*?)\n---\s*$", re.DOTALL | re.MULTILINE)
_REVISION = 12  # characters of a revision that are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where a model lies and what is known of it."""

    name: str  # "owner/name" as on Hugging Face, or the name of its folder
    folder: Path
    kind: str  # `model_type` of its config.json: depth_anything, sam2, clipseg, ...
    architecture: str  # the class it was saved from; "" where that is not told
    config: dict[str, Any]  # Any: config.json as it is
    licence: str | None  # as its card says; None: it has no card, or the card does not say
    revision: str | None  # commit, where it comes from the cache

    @property
    def weights_bytes(self) -> int:
        """Size of its weights on disk; of one kind where there are two."""
        sizes = (sum(file.stat().st_size for file in _files(self.folder, pattern)) for pattern in _WEIGHTS)
        return next((size for size in sizes if size), 0)

    def told(self) -> dict[str, str | None]:
        """For the manifest."""
        return {"name": self.name, "kind": self.kind, "licence": self.licence, "revision": self.revision}

    def sentence(self, does: str) -> str:
        """What is said of it: "Depth by NAME (licence apache-2.0, revision 0123)." """
        parts = [f"licence {self.licence}" if self.licence else "licence not told by its card"]
        parts += [f"revision {self.revision}"] if self.revision else []
        close = "; that licence excludes commercial use" if self.licence and "-nc" in self.licence.lower() else ""
        return f"{does} by {self.name} ({', '.join(parts)}{close})."


def find_checkpoint(name: str, *, fetch: bool = False) -> Checkpoint:
    """Find a model by its folder, or by OWNER/NAME or OWNER/NAME@REVISION in the cache of Hugging Face.

    Args:
        fetch: a model that is not in the cache may be fetched from Hugging Face.

    Raises:
        InputError: neither a folder nor such a name, or a folder without a model.
        WeightsMissing: not on this machine, or not whole.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _read(folder, name=folder.resolve().name, revision=None)
    fit = _NAME.fullmatch(name)
    if fit is None:
        raise InputError(
            f"The model {name!r} is neither a folder nor a name on Hugging Face.",
            hint="Give a folder with config.json and weights, OWNER/NAME, or OWNER/NAME@REVISION.",
        )
    snapshot = _snapshot(fit["repo"], fit["revision"], fetch=fetch)
    return _read(snapshot, name=fit["repo"], revision=snapshot.name[:_REVISION])


def _snapshot(repo: str, revision: str | None, *, fetch: bool) -> Path:
    """The folder of a model in the cache."""
    try:
        from huggingface_hub import constants, snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as error:
        raise WeightsMissing(
            f"There is no folder {repo}, and without the package huggingface_hub its cache cannot be looked into.",
            hint=INSTALL,
        ) from error
    try:
        return Path(
            snapshot_download(repo, revision=revision, local_files_only=not fetch, ignore_patterns=list(_NOT_FETCHED))
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        if fetch:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise WeightsMissing(f"{repo} could not be fetched from Hugging Face: {reason}") from error
        wanted = repo if revision is None else f"{repo}@{revision}"
        raise WeightsMissing(
            f"{wanted} is not on this machine: there is no such folder, and it is not in {constants.HF_HUB_CACHE}.",
            hint=f"Fetch it with `hf download {repo}`, add --fetch-models, or give the folder it lies in. "
            "HF_HOME or HF_HUB_CACHE say where the cache is.",
        ) from error


def _read(folder: Path, *, name: str, revision: str | None) -> Checkpoint:
    path = folder / "config.json"
    if not path.is_file():
        raise InputError(f"{folder} holds no model: there is no config.json in it.")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        kind = str(config["model_type"])
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise InputError(f"{path} is not the config.json of a model of transformers.") from error
    if not any(_files(folder, pattern) for pattern in _WEIGHTS):
        raise WeightsMissing(
            f"The weights of {name} are missing: {folder} holds no {' and no '.join(_WEIGHTS)}.",
            hint="Fetch the model once more, whole.",
        )
    architectures = config.get("architectures") or [""]
    return Checkpoint(
        name=name, folder=folder, kind=kind, architecture=str(architectures[0]), config=config,
        licence=_licence(folder), revision=revision,
    )  # fmt: skip


def _files(folder: Path, pattern: str) -> list[Path]:
    return [file for file in folder.glob(pattern) if file.is_file()]  # a cache may hold links to nothing


def _licence(folder: Path) -> str | None:
    """What the front matter of the model's card says."""
    card = folder / "README.md"
    front = _FRONT.match(card.read_text(encoding="utf-8", errors="replace")) if card.is_file() else None
    if front is None:
        return None
    told = dict(re.findall(r"^(license|license_name):\s*[\"']?([^\s\"'#]+)", front["front"], re.MULTILINE))
    return told.get("license_name") if told.get("license") in (None, "other") else told["license"]
