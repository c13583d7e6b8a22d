"""Draw a world: frames with exact truth. The only module that draws.

    World ─meshes, materials─▶ shadow map ─▶ colours, normals, flow, depth, object ─▶ light ─▶ mirrors ─▶ puffs ─▶ toned
          ─camera at t, t±1─▶                        └──────────▶ truth (4 samples a pixel)

Every vertex is placed at the time of the frame and of its neighbours by the same function, so flow is exact for
whatever moves. Depth and flow are those of the opaque world: smoke, fire and rain are drawn over it.

Legend: H, W pixels of a frame; everything is drawn at twice the size and brought down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import moderngl
import numpy as np

from stillmotion.training.scene.classes import NAMES
from stillmotion.training.worlds.graphics import ROWS, context, geometry, give, picture, program, read, target
from stillmotion.training.worlds.records import PATTERNS, Deform, Lamp, Material, Thing, World
from stillmotion.training.worlds.sky import Light, light_of
from stillmotion.training.worlds.truth import Frame, halved, resolved, sky_flow
from stillmotion.training.worlds.view import Lens, lens_of, path_of

_SHADOW = 1536
_KINDS = {"day": 0, "night": 1, "room": 2, "panorama": 3}
_DEFORMS = {"sway": 1, "wave": 2, "flag": 3}
_EXPOSED = 0.20  # where the mean brightness of the first frame comes to lie


@dataclass(frozen=True, slots=True)
class _Drawable:
    """A thing on the device."""

    thing: Thing
    copies: int
    numbers: tuple[int, ...]  # of the objects
    rows: moderngl.Buffer  # matrices now, next, before
    scene: moderngl.VertexArray
    shadow: moderngl.VertexArray
    depth: moderngl.VertexArray | None  # nothing where parts of it are not there
    picture: moderngl.Texture | None
    held: tuple[moderngl.Buffer, ...]

    def release(self) -> None:
        """Free what it has on the device."""
        parts = (self.scene, self.shadow, self.depth, self.rows, self.picture, *self.held)
        for each in parts:
            if each is not None:
                each.release()


class Renderer:
    """Draws worlds of one size; keeps its targets."""

    def __init__(self, width: int, height: int) -> None:
        """
        Raises:
            StillmotionError: there is no OpenGL here.
        """
        self.width, self.height = width, height
        double = (2 * width, 2 * height)
        self._first, self._lit, self._seen, self._toned = (target(double, kinds) for kinds in ("hhff", "h", "h", "f"))
        self._depth = context().framebuffer(depth_attachment=self._first.depth_attachment)
        self._shadow = context().depth_texture((_SHADOW, _SHADOW))
        self._shadow.compare_func = "<="
        self._shadow.filter = moderngl.LINEAR, moderngl.LINEAR
        self._shadow.repeat_x = self._shadow.repeat_y = False
        self._shadow_target = context().framebuffer(depth_attachment=self._shadow)
        corners = np.array([-1, -1, 1, -1, -1, 1, 1, 1], np.float32)
        self._corners = context().buffer(corners.tobytes())
        self._passes = {
            name: context().vertex_array(program("screen.vert", f"{name}.frag"), [(self._corners, "2f", "in_position")])
            for name in ("light", "mirror", "tone")
        }

    def draw(self, world: World, times: np.ndarray, *, step: float) -> Iterator[Frame]:
        """Frames at `times` (seconds); flow is to `step` seconds later and earlier."""
        light = light_of(world.sky)
        drawables = _loaded(world)
        maps = [picture(each, repeat=False) for each in (light.radiance, light.irradiance)]
        for image in maps:
            image.repeat_x = True
        lens, exposure = lens_of(world, self.width, self.height), None
        path = path_of(world)
        try:
            for time in times:
                views = [path(float(time) + k * step) for k in (0, 1, -1)]
                self._place(drawables, float(time), step)
                to_light, shadow_range = _toward(light, world, views[0].matrix)
                self._cast(drawables, to_light, float(time))
                lenses = [lens.at(view.fov_deg) for view in views]
                self._scene(drawables, views, lenses, float(time), step)
                far = {
                    "sun_to": light.direction, "sun_light": light.sun, "cloud_light": light.cloud,
                    "cloud_by": _clouds(world, float(time)), "sky_kind": _KINDS[world.sky.kind],
                }  # fmt: skip
                here = views[0].matrix
                back = np.linalg.inv(here)
                see = {
                    "to_world": back, "to_camera": here, "lens": lenses[0], "eye": back[:3, 3],
                    "fog": world.fog, "time": float(time), "size": (2.0 * self.width, 2.0 * self.height),
                }  # fmt: skip
                self._light(world, maps, far | see, to_light, shadow_range, float(time))
                if any(thing.material.water or thing.material.roughness < 0.2 for thing in world.things):
                    self._mirror(maps, far | see)
                else:
                    context().copy_framebuffer(self._seen, self._lit)
                self._puffs(world, maps, far | see, views[0].matrix, lenses[0], float(time))
                exposure = exposure or self._exposure() * (0.3 if world.sky.kind == "night" else 1.0)
                self._screen("tone", self._toned, {"lit_map": self._seen.color_attachments[0]}, exposure=exposure,
                             rain=world.rain, time=float(time), size=(2.0 * self.width, 2.0 * self.height))  # fmt: skip
                yield self._read(world, views, lenses, float(time), step)
        finally:
            for each in drawables:
                each.release()
            for image in maps:
                image.release()

    # -- passes ------------------------------------------------------------------------------------------------------

    def _place(self, drawables: list[_Drawable], time: float, step: float) -> None:
        for each in drawables:
            stacks = [each.thing.places(t)[:, :3].reshape(each.copies, 12) for t in (time, time + step, time - step)]
            each.rows.write(np.ascontiguousarray(np.concatenate(stacks, axis=1), np.float32).tobytes())

    def _cast(self, drawables: list[_Drawable], to_light: np.ndarray, time: float) -> None:
        self._shadow_target.use()
        self._shadow_target.clear(depth=1.0)
        context().enable_only(moderngl.DEPTH_TEST)
        shader = program("shadow.vert", "shadow.frag")
        give(shader, to_light=to_light, time=time)
        for each in drawables:
            if each.thing.casts:
                _bend(shader, each.thing)
                each.shadow.render(instances=each.copies)

    def _scene(self, drawables: list[_Drawable], views: list, lenses: list, time: float, step: float) -> None:
        self._first.use()
        self._first.clear(0, 0, 0, 0, depth=1.0)
        context().enable_only(moderngl.DEPTH_TEST)
        context().depth_func = "<="
        first = program("depth.vert", "shadow.frag")
        give(first, view_now=views[0].matrix, lens_now=lenses[0], time=time)
        self._depth.use()
        for each in drawables:
            if each.depth is not None:
                _bend(first, each.thing)
                each.depth.render(instances=each.copies)
        self._first.use()
        shader = program("scene.vert", "scene.frag")
        for name, view, lens in zip(("now", "next", "past"), views, lenses, strict=True):
            give(shader, **{f"view_{name}": view.matrix, f"lens_{name}": lens})
        give(shader, time=time, step_time=step, size=(float(self.width), float(self.height)))
        give(shader, eye=np.linalg.inv(views[0].matrix)[:3, 3])
        for each in drawables:
            _bend(shader, each.thing)
            _dress(shader, each)
            each.scene.render(instances=each.copies)

    def _light(
        self, world: World, maps: list, see: dict, to_light: np.ndarray, shadow_range: float, time: float
    ) -> None:
        lamps = [_burning(lamp, k, time) for k, lamp in enumerate(world.lamps[:8])]
        at, colours = np.zeros((8, 4), np.float32), np.zeros((8, 4), np.float32)
        for k, (place, colour) in enumerate(lamps):
            at[k, :3], colours[k, :3] = place, colour
        albedo, normal, _, truth = self._first.color_attachments
        textures = {
            "albedo_map": albedo, "normal_map": normal, "truth_map": truth, "shadow_map": self._shadow,
            "radiance": maps[0], "irradiance": maps[1],
        }  # fmt: skip
        self._screen("light", self._lit, textures, to_light=to_light, shadow_range=shadow_range,
                     shadow_texel=2 * shadow_range / _SHADOW, lamp_count=len(lamps), lamp_at=at, lamp_light=colours,
                     **see)  # fmt: skip

    def _mirror(self, maps: list, see: dict) -> None:
        albedo, normal, _, truth = self._first.color_attachments
        textures = {
            "lit_map": self._lit.color_attachments[0], "albedo_map": albedo, "normal_map": normal, "truth_map": truth,
            "radiance": maps[0], "irradiance": maps[1],
        }  # fmt: skip
        self._screen("mirror", self._seen, textures, **see)

    def _puffs(self, world: World, maps: list, see: dict, view: np.ndarray, lens: np.ndarray, time: float) -> None:
        if not world.puffs:
            return
        self._seen.use()
        context().enable_only(moderngl.BLEND)
        shader = program("puff.vert", "puff.frag")
        self._bind(shader, {"truth_map": self._first.color_attachments[3], "irradiance": maps[1], "radiance": maps[0]})
        give(shader, view_now=view, lens_now=lens, **{k: v for k, v in see.items() if k != "lens"})
        for puffs in world.puffs:
            values = np.asarray(puffs.at(time), np.float32)
            away = (view[:3, :3] @ values[:, :3].T).T[:, 2]
            values = np.ascontiguousarray(values[np.argsort(-away)])
            context().blend_func = (
                (moderngl.SRC_ALPHA, moderngl.ONE)
                if puffs.glows
                else (moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA)
            )
            give(shader, glows=int(puffs.glows))
            data = context().buffer(values.tobytes())
            array = context().vertex_array(
                shader, [(self._corners, "2f", "in_position"), (data, "4f 4f/i", "puff_at", "puff_is")]
            )
            array.render(moderngl.TRIANGLE_STRIP, instances=len(values))
            array.release()
            data.release()

    def _screen(self, name: str, into: moderngl.Framebuffer, textures: dict, **values: object) -> None:
        into.use()
        context().enable_only(moderngl.NOTHING)
        shader = program("screen.vert", f"{name}.frag")
        self._bind(shader, textures)
        give(shader, **values)
        self._passes[name].render(moderngl.TRIANGLE_STRIP)

    def _bind(self, shader: moderngl.Program, textures: dict) -> None:
        for k, (name, texture) in enumerate(textures.items()):
            if name in shader:
                texture.use(k)
                shader[name].value = k

    def _exposure(self) -> float:
        light = read(self._seen.color_attachments[0], "h")[::6, ::6, :3].astype(np.float64) @ [0.21, 0.72, 0.07]
        light = np.clip(np.nan_to_num(light, posinf=1e4), 1e-5, 1e4)
        mean = float(np.exp(np.log(light).mean()))
        return _EXPOSED / max(0.75 * mean + 0.25 * float(np.percentile(light, 90)) / 3, 1e-4)

    def _read(self, world: World, views: list, lenses: list, time: float, step: float) -> Frame:
        flow, truth = (read(self._first.color_attachments[k], "f") for k in (2, 3))
        depth, moved, ident, label, other, coverage = resolved(flow, truth)
        moved *= 2  # the pass counts in pixels of the frame already; `resolved` halves for the double size
        far = ident == 0
        label[far] = other_sky = NAMES.index("sky")
        other[far & (coverage == 1)] = other_sky
        for k, (then, sign) in enumerate(((1, 1.0), (2, -1.0))):
            if far.any():
                drift = (
                    sign * step * world.sky.cloud_speed * np.array([np.cos(world.sky.wind), 0, np.sin(world.sky.wind)])
                )
                found = sky_flow(
                    views[0].matrix, views[then].matrix, lenses[0][:2], lenses[then][:2], drift, depth.shape
                )
                moved[far, 2 * k : 2 * k + 2] = found[far]
        toned = read(self._toned.color_attachments[0], "f")
        return Frame(
            colour=halved(toned), depth=depth, forward=moved[..., :2].copy(), backward=moved[..., 2:].copy(),
            ident=ident, label=label, other=other, coverage=coverage, world_to_camera=views[0].matrix,
            fov_deg=views[0].fov_deg, time=time,
        )  # fmt: skip


def _loaded(world: World) -> list[_Drawable]:
    """Everything on the device; objects are numbered from 1 in the order of the things and their copies."""
    found, number = [], 1 + max((thing.ident for thing in world.things), default=0)
    for thing in world.things:
        copies = len(thing.places(0.0))
        numbers = (thing.ident,) * copies if thing.ident else tuple(range(number, number + copies))
        number += 0 if thing.ident else copies
        tints = np.ones((copies, 4), np.float32)
        if thing.tints is not None:
            tints[:, :3] = thing.tints
        tints[:, 3] = numbers
        vertices, faces = geometry(thing.mesh)
        rows, tint = context().buffer(reserve=copies * 144), context().buffer(tints.tobytes())
        shape = (vertices, "3f 3f 2f", "in_position", "in_normal", "in_uv")
        places = (rows, f"{'4f ' * 9}/i", *ROWS)
        scene = _array("scene.vert", "scene.frag", [shape, places, (tint, "4f/i", "in_tint")], faces)
        shadow = _array("shadow.vert", "shadow.frag", [shape, places], faces)
        depth = None if thing.material.cut_out else _array("depth.vert", "shadow.frag", [shape, places], faces)
        texture, held = thing.material.texture, (vertices, faces, tint)
        image = picture(texture, repeat=not thing.material.once, mipmaps=True) if texture is not None else None
        found.append(_Drawable(thing, copies, numbers, rows, scene, shadow, depth, image, held))
    return found


def _array(vertex: str, fragment: str, content: list, faces: moderngl.Buffer) -> moderngl.VertexArray:
    shader = program(vertex, fragment)
    used = []
    for buffer, formats, *names in content:  # attributes that the compiler dropped are skipped as padding
        kinds, rate = formats.removesuffix("/i").split(), "/i" if formats.endswith("/i") else ""
        parts = [kind if name in shader else f"{4 * int(kind[0])}x" for kind, name in zip(kinds, names, strict=True)]
        kept = [name for name in names if name in shader]
        if kept:
            used.append(
                (buffer, f"{' '.join(parts)} {rate}".strip() if rate == "" else f"{' '.join(parts)}{rate}", *kept)
            )
    return context().vertex_array(shader, used, faces)


def _bend(shader: moderngl.Program, thing: Thing) -> None:
    deform: Deform | None = thing.deform
    if deform is None:
        give(shader, deform_kind=0)
        return
    span = float(thing.mesh.uv[:, 0].max()) if len(thing.mesh.uv) else 1.0
    rng = np.random.default_rng(deform.seed)
    give(shader, deform_kind=_DEFORMS[deform.kind], deform_more=(float(rng.uniform(0, 6.28)), span),
         deform_by=(deform.amount, deform.length, deform.hz, deform.direction))  # fmt: skip


def _dress(shader: moderngl.Program, drawable: _Drawable) -> None:
    thing, material = drawable.thing, drawable.thing.material
    colour = np.asarray(material.colour, np.float32)
    second = colour * 0.55 if material.second is None else np.asarray(material.second, np.float32)
    textured, mean = 0, np.ones(3, np.float32)
    if drawable.picture is not None:
        textured = 2 if material.once else 1
        drawable.picture.use(0)
        mean = np.ones(3, np.float32) if material.own_colours else _mean(material)
    give(
        shader, colour=colour, second=second, pattern=PATTERNS.index(material.pattern), scale=material.scale,
        bump=material.bump, tile=material.tile, roughness=material.roughness, metallic=material.metallic,
        through=material.through, emission=material.emission, snow=material.snow, textured=textured,
        water=int(material.water), cut_out=int(material.cut_out), label=float(NAMES.index(thing.label)),
        texture_mean=mean, picture=0,
    )  # fmt: skip


def _mean(material: Material) -> np.ndarray:
    assert material.texture is not None
    values = material.texture[::4, ::4].reshape(-1, 3).astype(np.float32) / 255
    return np.maximum((values**2).mean(axis=0), 0.02)


def _burning(lamp: Lamp, k: int, time: float) -> tuple[np.ndarray, np.ndarray]:
    waves = np.sin(2 * np.pi * lamp.hz * np.array([1.0, 1.73, 0.41]) * time + k * np.array([1.0, 2.0, 3.0]))
    return np.asarray(lamp.position), np.asarray(lamp.colour) * (1 + lamp.flicker * 0.35 * float(waves.sum()) / 1.5)


def _clouds(world: World, time: float) -> tuple[float, float, float, float]:
    drift = -world.sky.cloud_speed * time
    cover = float(np.clip(world.sky.clouds, 0, 1)) * 0.9
    return (
        cover,
        drift * float(np.cos(world.sky.wind)),
        drift * float(np.sin(world.sky.wind)),
        world.sky.seed % 97 * 1.37,
    )


def _toward(light: Light, world: World, view: np.ndarray) -> tuple[np.ndarray, float]:
    """World to the light's clip space (4, 4), around what the camera is about, and half its width in metres."""
    reach = float(np.clip(4.5 * world.pivot, 3.0, 160.0))
    back = np.linalg.inv(view)
    ahead = back[:3, :3] @ np.array([0, 0, 1.0])
    ahead[1] = 0
    middle = back[:3, 3] + ahead / max(float(np.linalg.norm(ahead)), 1e-6) * 0.8 * reach
    z = -np.asarray(light.direction, np.float64)
    x = np.cross([0.0, 1.0, 0.02], z)
    x /= np.linalg.norm(x)
    axes = np.stack([x, np.cross(z, x), z])
    texel = 2 * reach / _SHADOW
    offset = np.round(axes @ middle / texel) * texel  # whole texels: shadows do not swim
    found = np.eye(4)
    found[:3, :3] = axes / np.array([[reach], [reach], [5 * reach]])
    found[:3, 3] = -offset / np.array([reach, reach, 5 * reach])
    return found, reach


__all__ = ["Frame", "Lens", "Renderer"]
