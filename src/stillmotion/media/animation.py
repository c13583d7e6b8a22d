"""Animated GIF and WebP: palettes, dithering, and metadata chunks that FFmpeg's muxers do not write.

Knows the two formats; does not know what the frames show.
"""

from __future__ import annotations

import json
import struct
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape, unescape

import av
import av.filter

from stillmotion.media.encoding import RECIPES, Encoding, exact_rate
from stillmotion.types import FrameStream

_PALETTE_SAMPLES = 40  # frames the palette is learnt from, spread over the video
_XMP_HEAD = "<stillmotion:metadata>"
_XMP_TAIL = "</stillmotion:metadata>"
_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:stillmotion="urn:stillmotion:metadata">'
    f"{_XMP_HEAD}%s{_XMP_TAIL}</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def write_gif(frames: FrameStream, part: Path, *, encoding: Encoding, metadata: dict[str, str]) -> None:
    """Write a GIF with one palette for all frames, so that dithering does not flicker.

    The frames are kept losslessly in an unnamed file on the target's disk until the palette is known. The dither is
    error diffusion by Sierra: on slow zooms it is as near to the frames as no dither at all (36 dB), without bands.
    """
    dither = RECIPES["gif"].options[encoding.quality]["dither"]
    with tempfile.TemporaryFile(dir=part.absolute().parent) as spool:
        palette = _learn_palette(frames, spool)
        spool.seek(0)
        with av.open(str(part), "w", format="gif", options={"loop": "0"}) as container:
            stream = container.add_stream("gif", rate=exact_rate(frames.fps))
            stream.width, stream.height, stream.pix_fmt = frames.width, frames.height, "pal8"
            for picture in _with_palette(_spooled(spool), palette, frames, dither):
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
    with part.open("r+b") as file:
        file.seek(-1, 2)  # the trailer byte
        file.write(_gif_comment(json.dumps(metadata)) + b";")


def write_webp(frames: FrameStream, part: Path, *, encoding: Encoding, metadata: dict[str, str]) -> None:
    """Write an animated WebP that repeats for ever, with an XMP chunk for the metadata."""
    recipe = RECIPES["webp"]
    rate = exact_rate(frames.fps)
    with av.open(str(part), "w", format="webp", options={"loop": "0"}) as container:
        options = recipe.options[encoding.quality] | {"preset": "photo"}
        stream: Any = container.add_stream(recipe.encoder, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = frames.width, frames.height, recipe.pixel_format
        for index, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format=recipe.pixel_format)
            picture.pts, picture.time_base = index, Fraction(1) / rate
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    _add_xmp(part, (_XMP % escape(json.dumps(metadata))).encode())


# ── GIF ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _learn_palette(frames: FrameStream, spool: IO[bytes]) -> av.VideoFrame:
    graph = av.filter.Graph()
    source = graph.add("buffer", f"video_size={frames.width}x{frames.height}:pix_fmt=rgb24:time_base=1/100")
    graph.link_nodes(source, graph.add("palettegen", "reserve_transparent=0"), graph.add("buffersink")).configure()
    stride = max(1, len(frames) // _PALETTE_SAMPLES)
    with av.open(spool, "w", format="nut") as container:
        stream = container.add_stream("utvideo", rate=exact_rate(frames.fps))
        stream.width, stream.height, stream.pix_fmt = frames.width, frames.height, "gbrp"
        for index, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts = index
            if index % stride == 0:
                source.push(picture)
            container.mux(stream.encode(picture.reformat(format="gbrp")))
        container.mux(stream.encode(None))
    source.push(None)
    palette = graph.vpull()
    palette.pts = 0
    return palette


def _spooled(spool: IO[bytes]) -> Iterator[av.VideoFrame]:
    with av.open(spool, "r", format="nut") as container:
        for picture in container.decode(video=0):
            yield picture.reformat(format="rgb24")


def _with_palette(
    pictures: Iterator[av.VideoFrame], palette: av.VideoFrame, frames: FrameStream, dither: str
) -> Iterator[Any]:  # av types a filter's output as video or audio
    rate = exact_rate(frames.fps)
    graph = av.filter.Graph()
    clock = f"time_base={rate.denominator}/{rate.numerator}"
    video = graph.add("buffer", f"video_size={frames.width}x{frames.height}:pix_fmt=rgb24:{clock}")
    colours = graph.add("buffer", f"video_size={palette.width}x{palette.height}:pix_fmt={palette.format.name}:{clock}")
    use, sink = graph.add("paletteuse", f"dither={dither}"), graph.add("buffersink")
    video.link_to(use, 0, 0)
    colours.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    colours.push(palette)
    colours.push(None)
    for index, picture in enumerate(pictures):
        picture.pts, picture.time_base = index, Fraction(1) / rate
        video.push(picture)
        yield sink.pull()


def _gif_comment(text: str) -> bytes:
    """A comment extension: ASCII text in blocks of up to 255 bytes."""
    data = text.encode("ascii")
    blocks = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def read_gif(file: IO[bytes]) -> tuple[list[int], dict[str, str]]:
    """The delay of every frame in hundredths of a second, and the metadata that `write_gif` put there."""
    delays: list[int] = []
    metadata: dict[str, str] = {}
    delay = 0
    file.seek(10)
    flags = file.read(3)[0]
    file.seek(_colour_table_bytes(flags), 1)
    while (kind := file.read(1)) in (b"!", b","):
        if kind == b",":
            delays.append(delay)
            file.seek(_colour_table_bytes(file.read(9)[8]) + 1, 1)  # the table, and the LZW code size
            _gif_blocks(file)
            continue
        label, data = file.read(1), _gif_blocks(file)
        if label == b"\xf9":
            delay = int.from_bytes(data[1:3], "little")
        elif label == b"\xfe" and data.startswith(b"{"):
            metadata = {str(key): str(value) for key, value in json.loads(data).items()}
    return delays, metadata


def _colour_table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_blocks(file: IO[bytes]) -> bytes:
    pieces = []
    while size := file.read(1)[0]:
        pieces.append(file.read(size))
    return b"".join(pieces)


# ── WebP: RIFF chunks ────────────────────────────────────────────────────────────────────────────────────────────────


def webp_chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """The chunks of a WebP file as (name, offset of the payload, size of the payload), without reading payloads."""
    file.seek(0, 2)
    end = file.tell()
    at = 12
    while at + 8 <= end:
        file.seek(at)
        name, size = struct.unpack("<4sI", file.read(8))
        yield name, at + 8, size
        at += 8 + size + size % 2


def xmp_metadata(xmp: str) -> dict[str, str]:
    """The metadata inside an XMP packet written by `write_webp`; empty for others."""
    _, found, rest = xmp.partition(_XMP_HEAD)
    text, closed, _ = rest.partition(_XMP_TAIL)
    return dict(json.loads(unescape(text))) if found and closed else {}


def _add_xmp(path: Path, xmp: bytes) -> None:
    with path.open("r+b") as file:
        names = {name: at for name, at, _ in webp_chunks(file)}
        file.seek(names[b"VP8X"])
        flags = file.read(1)[0]
        file.seek(names[b"VP8X"])
        file.write(bytes([flags | 0x04]))
        file.seek(0, 2)
        file.write(struct.pack("<4sI", b"XMP ", len(xmp)) + xmp + b"\0" * (len(xmp) % 2))
        size = file.tell() - 8
        file.seek(4)
        file.write(struct.pack("<I", size))
