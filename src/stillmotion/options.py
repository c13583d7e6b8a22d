"""What a user may ask for. CLI flags, the HTTP schema and the studio's forms are derived from these fields.

Each field is one option: its bounds are the validation, its description is the help text. Nothing here knows how an
option is carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from stillmotion.errors import InputError

Loop = Literal["none", "seamless", "pingpong"]
Quality = Literal["draft", "standard", "best"]
Aspect = Literal["16:9", "9:16", "1:1", "4:5"]

LONGEST_SIDE = 4096
SHORTEST_SIDE = 64


class AnimateOptions(BaseModel):
    """The wish: what `animate`, `plan`, `preview` and the API take beside the photo."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: Annotated[
        str | None,
        Field(
            description="What should move and how, e.g. 'slow push in, then orbit left'. Without it a move is chosen."
        ),
    ] = None
    plan: Annotated[Path | None, Field(description="A motion plan (JSON) to carry out instead of a prompt.")] = None
    seconds: Annotated[float | None, Field(gt=0, le=600, description="Length of the video in seconds (5).")] = None
    fps: Annotated[float | None, Field(ge=1, le=120, description="Frames per second (24).")] = None
    size: Annotated[
        tuple[int, int] | None,
        Field(
            description="Width x height in pixels, e.g. 1280x720; even numbers from 64 to 4096. "
            "The photo is cropped to it."
        ),
    ] = None
    aspect: Annotated[
        Aspect | None, Field(description="Shape of the picture; the crop keeps the subject. Default: the photo's own.")
    ] = None
    loop: Annotated[Loop | None, Field(description="How the end meets the beginning (none).")] = None
    strength: Annotated[
        float | None, Field(ge=0, le=3, description="Scales every amount of motion: 0.5 subtle, 1 default, 2 strong.")
    ] = None
    seed: Annotated[int, Field(ge=0, lt=2**32, description="Seed of everything random.")] = 0
    engine: Annotated[str, Field(description="What draws the frames; `stillmotion env` lists the engines.")] = (
        "geometry"
    )
    depth: Annotated[
        Path | None, Field(description="Your own depth map for the photo (16- or 8-bit grey, nearer is brighter).")
    ] = None
    planner: Annotated[
        str | None,
        Field(
            description="Base address of an OpenAI-compatible endpoint whose language model reads the prompt instead "
            "of the grammar, e.g. http://localhost:8080/v1. Off by default."
        ),
    ] = None
    planner_model: Annotated[str, Field(description="The model's name there.")] = "default"
    quality: Annotated[
        Quality,
        Field(description="Sampling and encoding: draft (bilinear), standard (bicubic), best (Lanczos, slow)."),
    ] = "standard"

    @field_validator("size", mode="before")
    @classmethod
    def _parse_size(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        width, cross, height = value.lower().replace("×", "x").partition("x")
        if not (cross and width.strip().isdigit() and height.strip().isdigit()):
            raise ValueError(f"'{value}' is not a size; write WIDTHxHEIGHT, e.g. 1280x720")
        return int(width), int(height)

    @field_validator("size")
    @classmethod
    def _check_size(cls, value: tuple[int, int] | None) -> tuple[int, int] | None:
        if value is None:
            return value
        for name, side in zip(("width", "height"), value, strict=True):
            if side % 2 or not SHORTEST_SIDE <= side <= LONGEST_SIDE:
                raise ValueError(f"{name} {side} is not an even number from {SHORTEST_SIDE} to {LONGEST_SIDE}")
        return value


def read_options(values: Mapping[str, object]) -> AnimateOptions:
    """The options of these values; those not given have their defaults.

    Raises:
        InputError: an unknown option or a value out of bounds; names each.
    """
    try:
        return AnimateOptions.model_validate(dict(values))
    except ValidationError as error:
        raise InputError("\n".join(_complaint(found["loc"], found["msg"]) for found in error.errors())) from error


def _complaint(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, place)) or 'options'}: {message.removeprefix('Value error, ')}"
