"""The graphics library: a context without a window, programs made of shaders, meshes and pictures on the device.

Runs on any OpenGL 3.3; on machines without a card that is Mesa's software renderer (Debian: libegl1, libgl1-mesa-dri).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import moderngl
import numpy as np

from stillmotion.errors import StillmotionError
from stillmotion.training.worlds.records import Mesh

SHADERS = Path(__file__).parent / "shaders"
ROWS = tuple(f"{when}_{row}" for when in ("now", "next", "past") for row in range(3))


@cache
def context() -> moderngl.Context:
    """One for the process.

    Raises:
        StillmotionError: there is no OpenGL 3.3 here.
    """
    try:
        return moderngl.create_context(require=330, standalone=True, backend="egl")
    except Exception as error:
        raise StillmotionError(
            f"Worlds are drawn with OpenGL 3.3, and none opens here ({error}).",
            hint="Install Mesa's software renderer: apt-get install libegl1 libgl1-mesa-dri",
        ) from error


@cache
def source(name: str) -> str:
    """A shader with what it includes."""
    text = (SHADERS / name).read_text()
    lines = [
        (SHADERS / f"{line.split()[1]}.glsl").read_text() if line.startswith("#include") else line
        for line in text.split("\n")
    ]
    return "\n".join(lines)


@cache
def program(vertex: str, fragment: str) -> moderngl.Program:
    """A program of two shader files."""
    return context().program(vertex_shader=source(vertex), fragment_shader=source(fragment))


def give(to: moderngl.Program, **values: object) -> None:
    """Set uniforms; those that the compiler dropped are passed over. Matrices go in as numpy (4, 4)."""
    for name, value in values.items():
        uniform = to.get(name, None)
        if not isinstance(uniform, moderngl.Uniform):
            continue
        if isinstance(value, np.ndarray):
            columns = value.T if value.shape == (4, 4) else value
            uniform.write(np.ascontiguousarray(columns, np.float32).tobytes())
        else:
            uniform.value = value


def geometry(mesh: Mesh) -> tuple[moderngl.Buffer, moderngl.Buffer]:
    """Vertices and faces of a mesh on the device."""
    packed = np.concatenate([mesh.vertices, mesh.normals, mesh.uv], axis=1).astype(np.float32)
    return context().buffer(packed.tobytes()), context().buffer(np.ascontiguousarray(mesh.faces, np.int32).tobytes())


def picture(values: np.ndarray, *, repeat: bool, mipmaps: bool = False) -> moderngl.Texture:
    """A texture of (h, w, 3) uint8 or float32."""
    kind = "f1" if values.dtype == np.uint8 else "f4"
    found = context().texture(values.shape[1::-1], 3, np.ascontiguousarray(values).tobytes(), dtype=kind, alignment=1)
    found.repeat_x, found.repeat_y = repeat, repeat
    if mipmaps:
        found.build_mipmaps()
        found.filter = moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR
    return found


def target(size: tuple[int, int], kinds: str) -> moderngl.Framebuffer:
    """Four-channel attachments, one for each letter: h half, f full precision. The first target of a pass has depth."""
    textures = [context().texture(size, 4, dtype="f2" if kind == "h" else "f4") for kind in kinds]
    for each in textures:
        each.filter = moderngl.NEAREST, moderngl.NEAREST
        each.repeat_x = each.repeat_y = False
    return context().framebuffer(textures, context().depth_renderbuffer(size) if len(kinds) > 1 else None)


def read(attachment: moderngl.Texture, kind: str) -> np.ndarray:
    """(h, w, 4) of an attachment."""
    values = np.frombuffer(attachment.read(), np.float16 if kind == "h" else np.float32)
    return values.reshape(attachment.size[1], attachment.size[0], 4)
