"""What a user may ask for. CLI flags, the HTTP schema and the studio's forms are derived from these fields.

Each field is one option: its bounds are the validation, its description is the help text. Nothing here knows how an
option is carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from stillmotion.errors import InputError
from stillmotion.spellings import read_aspect, read_axis, read_length, read_noise, read_shares, read_sides, read_speed

Loop = Literal["none", "seamless", "pingpong"]
Quality = Literal["draft", "standard", "best"]
Aspect = Literal["16:9", "9:16", "1:1", "4:5"]
Between = Literal["learned", "flow", "blend", "repeat"]
Border = Literal["crop", "fill"]
Fit = Literal["crop", "paint"]
Fill = Literal["auto", "learned", "classical"]
Device = Literal["auto", "cpu", "cuda", "mps"]
Place = Literal[
    "top-left", "top", "top-right", "left", "middle", "right", "bottom-left", "bottom", "bottom-right"
]  # of a text or a logo

LONGEST_SIDE = 4096
SHORTEST_SIDE = 64
MOST_CELLS = 64


class FinishingOptions(BaseModel):
    """The steps of the finishing chain, in the order in which they are applied; by default none is.

    Own renders (`animate`) and clips (`finish`) take the same ones.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    deblock: Annotated[bool, Field(description="Remove the blocks and the ringing that a codec left.")] = False
    deflicker: Annotated[bool, Field(description="Even out light that flickers, and mend single flashes.")] = False
    lock_colour: Annotated[
        float | None,
        Field(gt=0, le=1, description="Hold the colours to those of the first frame against slow drift: 1 wholly."),
    ] = None
    denoise: Annotated[
        float | None, Field(gt=0, le=1, description="Remove noise along the motion: 0.3 a little, 1 all of it.")
    ] = None
    stabilize: Annotated[bool, Field(description="Take the shake out of the camera's path.")] = False
    tripod: Annotated[bool, Field(description="Hold the picture as if the camera stood on a tripod.")] = False
    stabilize_room: Annotated[
        float, Field(gt=0, le=0.3, description="Share of the frame that steadying may shift it by.")
    ] = 0.1
    border: Annotated[
        Border, Field(description="What steadying does at the rim: crop it, or fill it from other frames.")
    ] = "crop"
    upscale: Annotated[Literal[2, 4] | None, Field(description="Enlarge by a network that knows photographs.")] = None
    sharpen: Annotated[float | None, Field(gt=0, le=1, description="Sharpen without halos: 0.3 a little.")] = None
    lens_blur: Annotated[
        float | None, Field(gt=0, le=1, description="Blur like a lens towards the rim, from the middle on.")
    ] = None
    exposure: Annotated[float | None, Field(ge=-3, le=3, description="Brighter or darker, in stops.")] = None
    contrast: Annotated[float | None, Field(ge=-1, le=1, description="More or less contrast about mid grey.")] = None
    temperature: Annotated[float | None, Field(ge=-1, le=1, description="Cooler (-1) or warmer (1).")] = None
    tint: Annotated[float | None, Field(ge=-1, le=1, description="Greener (-1) or more magenta (1).")] = None
    saturation: Annotated[float | None, Field(ge=0, le=2, description="Colour: 0 grey, 1 as it is, 2 double.")] = None
    lut: Annotated[Path | None, Field(description="A colour table, .cube (1D or 3D).")] = None
    lut_strength: Annotated[float, Field(gt=0, le=1, description="How much of the colour table is used.")] = 1.0
    vignette: Annotated[float | None, Field(ge=0, le=1, description="Darken the corners.")] = None
    grain: Annotated[float | None, Field(ge=0, le=1, description="Film grain.")] = None
    letterbox: Annotated[
        float | None, Field(gt=0.2, le=5, description="Bars that leave a picture of this shape, e.g. 2.39.")
    ] = None
    text: Annotated[str | None, Field(min_length=1, max_length=500, description="Write this on the picture.")] = None
    text_place: Annotated[Place, Field(description="Where the text stands.")] = "bottom"
    text_size: Annotated[float, Field(gt=0, le=0.5, description="Height of a line, share of the picture's.")] = 0.06
    text_from: Annotated[float | None, Field(ge=0, description="Second at which the text appears (0).")] = None
    text_to: Annotated[float | None, Field(gt=0, description="Second at which the text goes (the end).")] = None
    font: Annotated[Path | None, Field(description="A font file for the text (.ttf, .otf).")] = None
    logo: Annotated[Path | None, Field(description="A picture to lay over the video; transparency is kept.")] = None
    logo_place: Annotated[Place, Field(description="Where the logo stands.")] = "top-right"
    logo_size: Annotated[float, Field(gt=0, le=1, description="Width of the logo, share of the picture's.")] = 0.15
    logo_opacity: Annotated[float, Field(gt=0, le=1, description="How opaque the logo is.")] = 1.0
    watermark: Annotated[
        str | None, Field(min_length=1, max_length=80, description="Write this faintly all over the picture.")
    ] = None
    fade_in: Annotated[float | None, Field(gt=0, le=60, description="Seconds to come up from black.")] = None
    fade_out: Annotated[float | None, Field(gt=0, le=60, description="Seconds to go down to black.")] = None
    deband: Annotated[
        bool, Field(description="Smooth the steps in skies and walls and write them with a fine dither.")
    ] = False


class FinishOptions(FinishingOptions):
    """What `finish` may be asked for: the chain above, and what changes time."""

    fps: Annotated[float | None, Field(ge=1, le=240, description="Frames per second (as the clip's).")] = None
    speed: Annotated[
        tuple[tuple[float, float], ...] | None,
        Field(
            description="Speed of play: 0.5 is slow motion, '0:1,2:0.25,3:1' a ramp of SECOND:SPEED of the clip's own "
            "time. Speeds from 0.05 to 20."
        ),
    ] = None
    between: Annotated[
        Between,
        Field(description="New frames: by a network, along the optical flow, averaged, or repeated."),
    ] = "flow"
    reverse: Annotated[bool, Field(description="From the last frame to the first.")] = False
    join: Annotated[tuple[Path, ...], Field(description="Another clip to go on with; may be given several times.")] = ()
    crossfade: Annotated[
        float | None, Field(gt=0, le=60, description="Seconds by which joined clips melt into one another.")
    ] = None
    mute: Annotated[bool, Field(description="Leave the sound out.")] = False
    seed: Annotated[int, Field(ge=0, lt=2**32, description="Seed of everything random (grain, dither).")] = 0
    quality: Annotated[Quality, Field(description="Encoding: draft, standard or best.")] = "standard"

    @field_validator("speed", mode="before")
    @classmethod
    def _parse_speed(cls, value: object) -> object:
        if isinstance(value, int | float):
            return ((0.0, float(value)),)
        return read_speed(value) if isinstance(value, str) else value

    @field_validator("speed")
    @classmethod
    def _check_speed(cls, value: tuple[tuple[float, float], ...] | None) -> tuple[tuple[float, float], ...] | None:
        for second, speed in value or ():
            if not (0.05 <= speed <= 20 and 0 <= second < float("inf")):
                raise ValueError(f"speed {speed:g} at {second:g} s; speeds go from 0.05 to 20, seconds from 0")
        seconds = [second for second, _ in value or ()]
        if sorted(set(seconds)) != seconds:
            raise ValueError("the seconds of a speed ramp must rise")
        return value


RegionModels = Annotated[
    tuple[str, ...],
    Field(
        description="A larger model of yours for regions, in the same way: Mask2Former and the like name parts, "
        "CLIPSeg, Grounding DINO and OWLv2 find free words, SAM outlines things; may be given several times."
    ),
]
RunsOn = Annotated[Device, Field(description="What larger models run on.")]
MayFetch = Annotated[
    bool, Field(description="Let larger models that are not on this machine be fetched from Hugging Face.")
]


class AnimateOptions(FinishingOptions):
    """The wish: what `animate`, `plan`, `preview` and the API take beside the photo."""

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
    fit: Annotated[
        Fit,
        Field(description="How a photo becomes --aspect or --size: cropped, or painted beyond its edges."),
    ] = "crop"
    loop: Annotated[Loop | None, Field(description="How the end meets the beginning (none).")] = None
    strength: Annotated[
        float | None, Field(ge=0, le=3, description="Scales every amount of motion: 0.5 subtle, 1 default, 2 strong.")
    ] = None
    seed: Annotated[int, Field(ge=0, lt=2**32, description="Seed of everything random.")] = 0
    engine: Annotated[str, Field(description="What draws the frames; `stillmotion env` lists the engines.")] = (
        "geometry"
    )
    steps: Annotated[int, Field(ge=1, le=100, description="Steps of the engine 'nano' from noise to picture.")] = 4
    guidance: Annotated[
        float, Field(ge=0, le=10, description="How much more the sentence counts for 'nano' than it has learned.")
    ] = 0.0
    hold: Annotated[
        float,
        Field(ge=0, le=1, description="How far 'nano' keeps to what the geometry painted beyond the photo."),
    ] = 0.9
    free: Annotated[
        bool, Field(description="Let 'nano' draw every frame from the photo and the sentence, without the geometry.")
    ] = False
    noise: Annotated[
        str | None,
        Field(
            description="Seeds that 'nano' mixes its noise from, with their weights, such as 7:0.8,11:0.6; one is "
            "'7'. Default: --seed."
        ),
    ] = None
    tell: Annotated[
        tuple[str, ...],
        Field(
            description="A sentence to tell 'nano' instead of the plan's own; several with their shares in front, such "
            "as '0.3:The camera pans right.'"
        ),
    ] = ()
    checkpoint: Annotated[
        Path | None, Field(description="A file that 'nano' keeps its state in after every step, and goes on from.")
    ] = None
    weights: Annotated[
        Path | None, Field(description="A folder with other weights for 'nano' (dit.onnx, dit.json, vae-*.onnx).")
    ] = None
    depth: Annotated[
        Path | None, Field(description="Your own depth map for the photo (16- or 8-bit grey, nearer is brighter).")
    ] = None
    depth_model: Annotated[
        str | None,
        Field(
            min_length=1,
            description="A larger model of yours for depth: a folder, or OWNER/NAME in the Hugging Face cache (Depth "
            "Anything, DPT, ZoeDepth, Depth Pro).",
        ),
    ] = None
    region_model: RegionModels = ()
    device: RunsOn = "auto"
    fetch_models: MayFetch = False
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
        return read_sides(value, "not a size; write WIDTHxHEIGHT, e.g. 1280x720") if isinstance(value, str) else value

    @field_validator("size")
    @classmethod
    def _check_size(cls, value: tuple[int, int] | None) -> tuple[int, int] | None:
        if value is None:
            return value
        for name, side in zip(("width", "height"), value, strict=True):
            if side % 2 or not SHORTEST_SIDE <= side <= LONGEST_SIDE:
                raise ValueError(f"{name} {side} is not an even number from {SHORTEST_SIDE} to {LONGEST_SIDE}")
        return value

    @field_validator("noise")
    @classmethod
    def _check_noise(cls, value: str | None) -> str | None:
        if value is not None:
            read_noise(value)
        return value

    @field_validator("tell")
    @classmethod
    def _check_tell(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        read_shares(value)
        return value


class InpaintOptions(BaseModel):
    """What `inpaint` may be asked for, beside the mask."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fill: Annotated[
        Fill,
        Field(description="What holes are filled by: the network, classically, or whichever fits each hole better."),
    ] = "auto"
    grow: Annotated[
        float, Field(ge=0, le=0.1, description="Widen what is painted by this share of the longer side.")
    ] = 0.0


class OutpaintOptions(BaseModel):
    """What `outpaint` may be asked for: a shape, or how much at which side."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    aspect: Annotated[
        str | None,
        Field(description="Shape that the picture is widened to, WIDTH:HEIGHT or one number: 16:9, 1:1, 2.39."),
    ] = None
    left: Annotated[str | None, Field(description="How much to paint at the left, 20% of the width or 200 pixels.")] = (
        None
    )
    right: Annotated[str | None, Field(description="How much to paint at the right.")] = None
    top: Annotated[str | None, Field(description="How much to paint above, 20% of the height or 200 pixels.")] = None
    bottom: Annotated[str | None, Field(description="How much to paint below.")] = None
    fill: Annotated[
        Fill,
        Field(description="What is painted by: the network, classically, or whichever fits better."),
    ] = "auto"

    @field_validator("aspect")
    @classmethod
    def _check_aspect(cls, value: str | None) -> str | None:
        if value is not None:
            read_aspect(value)
        return value

    @field_validator("left", "right", "top", "bottom")
    @classmethod
    def _check_side(cls, value: str | None) -> str | None:
        if value is not None:
            read_length(value, 1000)
        return value


class RemoveOptions(InpaintOptions):
    """What `remove` may be asked for, beside the words."""

    grow: Annotated[
        float, Field(ge=0, le=0.1, description="Widen what is taken away by this share of the longer side.")
    ] = 0.012
    region_model: RegionModels = ()
    device: RunsOn = "auto"
    fetch_models: MayFetch = False


class ExploreOptions(BaseModel):
    """What `explore` may be asked for, beside the wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[
        str | None,
        Field(min_length=1, description="A second prompt, or a plan file (.json): cells or a walk go on to it."),
    ] = None
    to_seed: Annotated[
        int | None, Field(ge=0, lt=2**32, description="A second seed: cells or a walk go on to its noise.")
    ] = None
    grid: Annotated[tuple[int, int], Field(description="Columns x rows of cells, up to 64 in all (3x3).")] = (3, 3)
    across: Annotated[
        str | None,
        Field(
            description="What the columns change: seed, prompt, noise, guidance, hold or strength, with values such as "
            "guidance=0:4. Default: what there is to go on to, else the seed."
        ),
    ] = None
    down: Annotated[str | None, Field(description="What the rows change, likewise. Default: the seed.")] = None
    step: Annotated[
        float | None,
        Field(
            gt=0, le=1,
            description="How far cells lie from those you liked: 1 is as far as another seed. Default: 0.5 at first, "
            "then half as far each time.",
        ),
    ] = None  # fmt: skip
    at: Annotated[
        float | None, Field(ge=0, description="Second of the clip that the sheet or the walk shows (its end).")
    ] = None
    walk_frames: Annotated[int, Field(ge=2, le=2000, description="Frames of a walk, a clip drawn for each.")] = 48
    walk_fps: Annotated[float, Field(ge=1, le=60, description="Frames per second of a walk.")] = 12.0

    @field_validator("grid", mode="before")
    @classmethod
    def _parse_grid(cls, value: object) -> object:
        return read_sides(value, "no grid; write COLUMNSxROWS, e.g. 3x3") if isinstance(value, str) else value

    @field_validator("grid")
    @classmethod
    def _check_grid(cls, value: tuple[int, int]) -> tuple[int, int]:
        if min(value) < 1 or value[0] * value[1] > MOST_CELLS:
            raise ValueError(f"a grid of {value[0]}x{value[1]} cells; there may be 1 to {MOST_CELLS} in all")
        return value

    @field_validator("across", "down")
    @classmethod
    def _check_axis(cls, value: str | None) -> str | None:
        if value is not None:
            read_axis(value)
        return value


Options = AnimateOptions | FinishOptions | InpaintOptions | OutpaintOptions | RemoveOptions | ExploreOptions
Asked = TypeVar("Asked", AnimateOptions, FinishOptions, InpaintOptions, OutpaintOptions, RemoveOptions, ExploreOptions)


def read_options(values: Mapping[str, object], model: type[Asked]) -> Asked:
    """The options of these values; those not given have their defaults.

    Raises:
        InputError: an unknown option or a value out of bounds; names each.
    """
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise InputError("\n".join(_complaint(found["loc"], found["msg"]) for found in error.errors())) from error


def _complaint(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, place)) or 'options'}: {message.removeprefix('Value error, ')}"
