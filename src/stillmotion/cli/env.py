"""`stillmotion env`: what this machine offers, for people and for bug reports."""

from __future__ import annotations

import os
import sys
from importlib import metadata, resources
from typing import Any

import click

_WEIGHT_SUFFIXES = (".onnx", ".safetensors")


@click.command("env")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def command(as_json: bool) -> None:
    """Show what this machine offers: versions, engines, codecs."""
    from stillmotion.cli.report import say_json

    found = environment()
    if as_json:
        say_json(found)
        return
    for name, value in found.items():
        if isinstance(value, dict):
            click.echo(click.style(name, bold=True))
            width = max(map(len, value))
            for key, each in value.items():
                click.echo(f"  {key:{width}}  {_told(each)}")
        else:
            click.echo(f"{click.style(name, bold=True)}  {_told(value)}")


def environment() -> dict[str, Any]:  # Any: heterogeneous by nature
    """Versions, cores, memory in MiB, engines, codecs that can be written, weights on this machine."""
    from stillmotion.stages.finishing.manifest import versions
    from stillmotion.stages.generation.backend import engines

    packages = {
        name: metadata.version(name) for name in ("numba", "pillow", "pillow-heif", "pydantic", "click", "rich")
    }
    return {
        "versions": versions() | packages,
        "cores": usable_cores(),
        "memory_mb": memory_mb(),
        "engines": list(engines()),
        "codecs": _codecs(),
        "weights": _weights(),
    }


def usable_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_mb() -> dict[str, float | None]:
    """Memory of this machine in MiB: all of it, and what can still be had; None where the system does not tell."""
    return {"total": _pages("SC_PHYS_PAGES"), "available": _pages("SC_AVPHYS_PAGES")}


def _pages(name: str) -> float | None:
    if sys.platform == "win32" or name not in os.sysconf_names:
        return None
    return round(os.sysconf(name) * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 1)


def _codecs() -> dict[str, str]:
    """Codec -> the file endings that hold it; of those that this build of PyAV can write."""
    import av

    from stillmotion.media.encoding import CODECS, CONTAINERS, RECIPES

    return {
        codec: " ".join(ending or "folder" for ending, held in CONTAINERS.items() if codec in held)
        for codec in CODECS
        if RECIPES[codec].encoder in av.codecs_available
    }


def _weights() -> list[str]:
    """Names of the model files that came with the package."""
    home = resources.files("stillmotion.models")
    folders = [home, *(entry for entry in home.iterdir() if entry.is_dir())]
    files = [entry.name for folder in folders for entry in folder.iterdir()]
    return sorted(name for name in files if name.endswith(_WEIGHT_SUFFIXES))


def _told(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none (nothing here needs any)"
    return "not known" if value is None else str(value)
