"""The record of an exploration: all that it takes to draw each of its cells again, bit by bit, and to go on from them.

    photo, weights ── by their hashes        plans, options ── the same for all cells        cells ── where each one is

JSON beside the sheet or the walk. Knows no pixels; the same version, runtime and kind of processor draw the same bits.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from stillmotion.errors import InputError
from stillmotion.options import AnimateOptions
from stillmotion.plan import MotionPlan, parse_plan
from stillmotion.stages.generation.nano.navigate import BOUNDS, Spot

FORMAT: Final = "stillmotion/exploration@1"

Json = dict[str, Any]  # heterogeneous by nature


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One result."""

    number: int  # from 1
    spot: Spot
    tell: tuple[str, ...]  # what the network is told, as in `AnimateOptions.tell`
    sentence: str  # the plan that is drawn
    sha256: str  # of the frames, uint8 RGB, one after another; of a walk's cells: of the one frame that is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What all cells are made of."""

    version: str  # of stillmotion
    photo_name: str
    photo_sha256: str
    depth_sha256: str | None  # of the user's depth map
    weights: dict[str, str]  # file name -> SHA-256
    runtime: str  # that ran the networks
    options: AnimateOptions  # the wish; its size is that of a rendered cell
    draft: tuple[int, int]  # width and height at which cells are drawn
    plans: tuple[MotionPlan, ...]  # as requested, at the length and rate of the cells; two where there are two prompts


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """A grid of cells, or the cells along a walk."""

    kind: Literal["grid", "walk"]
    source: Source
    at: float | None  # second of the clip that is shown; None: its end
    columns: int
    moving: tuple[str, ...]  # numbers of a spot that were changed, and may be in the next round
    step: float  # how far the cells are from what was liked; 1 where nothing was yet
    generation: int  # 0: the first grid
    seed: int  # that the cells were chosen with
    cells: tuple[Cell, ...]

    def cell(self, number: int) -> Cell:
        """The cell of a number.

        Raises:
            InputError: there is none.
        """
        for cell in self.cells:
            if cell.number == number:
                return cell
        raise InputError(f"There is no cell {number}; this exploration has cells 1 to {len(self.cells)}.")

    def to_json(self) -> str:
        """Indented JSON."""
        told = {
            "format": FORMAT, "kind": self.kind, **_source_json(self.source), "at": self.at,
            "columns": self.columns, "moving": self.moving, "step": self.step, "generation": self.generation,
            "seed": self.seed, "cells": [_cell_json(cell) for cell in self.cells],
        }  # fmt: skip
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def read_exploration(path: Path) -> Exploration:
    """Read the record of a sheet or a walk; `path` is the record, or the picture or video beside it.

    Raises:
        InputError: there is none, or it is not one of this version.
    """
    path = path if path.suffix == ".json" else path.with_name(f"{path.name}.json")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"The record {path} cannot be read: {error}.", hint="`explore -o FILE` writes it.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        kind = found.get("format") if isinstance(found, dict) else type(found).__name__
        raise InputError(f"{path} is no record of an exploration: its format is {kind!r}, not {FORMAT!r}.")
    try:
        return Exploration(
            kind=found["kind"], source=_source(found, path), at=found["at"], columns=int(found["columns"]),
            moving=tuple(found["moving"]), step=float(found["step"]),
            generation=int(found["generation"]), seed=int(found["seed"]), cells=tuple(map(_cell, found["cells"])),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"The record {path} is damaged: {type(error).__name__} {error}.") from error


def _source_json(source: Source) -> Json:
    left_out = {"plan", "weights", "fetch_models", "device"}
    return {
        "version": source.version, "photo": {"name": source.photo_name, "sha256": source.photo_sha256},
        "depth_sha256": source.depth_sha256, "weights": source.weights, "runtime": source.runtime,
        "options": source.options.model_dump(mode="json", exclude_defaults=True, exclude=left_out),
        "draft": source.draft, "plans": [json.loads(plan.to_json()) for plan in source.plans],
    }  # fmt: skip


def _source(told: Json, path: Path) -> Source:
    width, height = told["draft"]
    plans = tuple(parse_plan(json.dumps(plan), source=f"a plan in {path.name}") for plan in told["plans"])
    if not 1 <= len(plans) <= 2:
        raise ValueError(f"{len(plans)} plans")
    return Source(
        version=told["version"], photo_name=told["photo"]["name"], photo_sha256=told["photo"]["sha256"],
        depth_sha256=told["depth_sha256"], weights=dict(told["weights"]), runtime=told["runtime"],
        options=AnimateOptions.model_validate(told["options"]), draft=(int(width), int(height)), plans=plans,
    )  # fmt: skip


def _cell_json(cell: Cell) -> Json:
    spot = asdict(cell.spot)
    return {"number": cell.number, **spot, "tell": cell.tell, "sentence": cell.sentence, "sha256": cell.sha256}


def _cell(told: Json) -> Cell:
    noise = tuple((int(seed), float(weight)) for seed, weight in told["noise"])
    if not noise:
        raise ValueError("a cell without noise")
    spot = Spot(noise=noise, **{name: float(told[name]) for name in BOUNDS})
    return Cell(
        number=int(told["number"]), spot=spot, tell=tuple(told["tell"]), sentence=told["sentence"],
        sha256=told["sha256"],
    )  # fmt: skip
