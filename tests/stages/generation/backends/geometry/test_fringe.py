"""Hair along a silhouette goes with its surface as one, and what is seen between hairs stays behind."""

from __future__ import annotations

from threading import Event

import cv2
import numpy as np
import pytest

from stillmotion.camera import frame_times
from stillmotion.plan import Camera, CameraKey, Canvas, MotionPlan
from stillmotion.stages.generation.backends.geometry import GeometryBackend, layers
from stillmotion.stages.generation.backends.geometry.fringe import find_fringe
from stillmotion.stages.generation.backends.geometry.renderer import Renderer
from stillmotion.stages.generation.backends.geometry.things import plane_homography
from stillmotion.types import Crop, Float32, Scene, UInt8, silent

WIDTH, HEIGHT = 480, 320
NEAR, FAR = 1.0, 0.25  # disparity
FRONT, BEHIND = (200, 150, 90), (40, 70, 160)


def _soft(seed: int, colour: tuple[int, int, int], strength: float = 6.0) -> Float32:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH, 3)), (0, 0), 3.0)
    return np.asarray(colour + noise * (strength / noise.std()), np.float32)


@pytest.fixture(scope="module")
def hair() -> Float32:
    """(H, W) the opacity of a disc with hair of 3 to 5 pixels' reach, drawn four times as large."""
    rng, scale = np.random.default_rng(0), 4
    large = np.zeros((HEIGHT * scale, WIDTH * scale), np.uint8)
    middle, radius = np.array([WIDTH, HEIGHT]) * scale / 2, 85 * scale
    cv2.circle(large, (int(middle[0]), int(middle[1])), radius, 255, -1)
    for turn in rng.uniform(0, 2 * np.pi, 260):
        out = np.array([np.cos(turn), np.sin(turn)])
        start, end = middle + out * (radius - 8), middle + out * radius + (out + rng.normal(0, 0.4, 2)) * 5 * scale
        cv2.line(large, np.rint(start).astype(int).tolist(), np.rint(end).astype(int).tolist(), 255, 4, cv2.LINE_AA)
    return cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _over(alpha: Float32, fore: Float32, back: Float32) -> UInt8:
    return np.clip(np.rint(back + (fore - back) * alpha[..., None]), 0, 255).astype(np.uint8)


def _hull(alpha: Float32, grown: int = 7) -> Float32:
    """(H, W) the disparity a coarse map has there: hair and what is between it are near."""
    solid = cv2.dilate((alpha > 0.9).astype(np.uint8), np.ones((grown, grown), np.uint8)) > 0
    return np.where(solid, NEAR, FAR).astype(np.float32)


def test_between_hairs_it_is_clear_hairs_and_what_is_solid_are_not(hair: Float32) -> None:
    photo = _over(hair, _soft(1, FRONT), _soft(2, BEHIND))
    disparity = _hull(hair)
    _, fringe = find_fringe(photo, disparity)
    assert fringe is not None
    truth = hair.ravel()[fringe.index]
    assert (disparity.ravel()[fringe.index] == NEAR).all()
    assert np.abs(fringe.alpha - truth).mean() < 0.15
    clear = np.flatnonzero((hair.ravel() < 0.05) & (disparity.ravel() == NEAR))
    assert np.isin(clear, fringe.index).mean() > 0.7
    assert not np.isin(np.flatnonzero(cv2.erode(hair, np.ones((9, 9))).ravel() > 0.99), fringe.index).any()


def test_where_both_sides_look_alike_nothing_is_guessed(hair: Float32) -> None:
    alike = _over(hair, _soft(1, FRONT, 30), _soft(2, FRONT, 30))
    _, fringe = find_fringe(alike, _hull(hair))
    assert fringe is None or len(fringe.index) < 50


def test_a_rim_that_falls_off_is_levelled_and_slopes_and_flat_plates_are_left(hair: Float32) -> None:
    photo = _over(hair, _soft(1, FRONT), _soft(2, BEHIND))
    sharp = _hull(hair)
    inside = cv2.distanceTransform((sharp > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    falling = np.where(sharp > 0.5, sharp - 0.18 * np.clip(1 - inside / 6, 0, 1), sharp).astype(np.float32)
    levelled, _ = find_fringe(photo, falling)
    rim = (sharp > 0.5) & (inside < 3)
    assert falling[rim].mean() < 0.9
    assert levelled[rim].mean() > 0.94
    np.testing.assert_array_equal(levelled[sharp < 0.5], falling[sharp < 0.5])
    slope = np.linspace(1, 0.25, WIDTH, dtype=np.float32)[None].repeat(HEIGHT, axis=0)
    same, none = find_fringe(photo, slope)
    np.testing.assert_array_equal(same, slope)
    assert none is None


def _scene(photo: UInt8, disparity: Float32) -> Scene:
    nothing = np.zeros(disparity.shape, np.float32)
    return Scene(
        photo=photo, depth=1 / disparity, sky=nothing, subject=nothing, regions=(), faces=(),
        bodies=(), fov_deg=50.0, masks=(),
        pivot=(WIDTH / 2, HEIGHT / 2), crop=Crop(x=0, y=0, width=WIDTH, height=HEIGHT, whole=(WIDTH, HEIGHT)),
        depth_source="test", confidence=1.0, notes=(),
    )  # fmt: skip


PLAN = MotionPlan(
    canvas=Canvas(width=WIDTH, height=HEIGHT, fps=8, seconds=1),
    camera=Camera(keyframes=(CameraKey(t=0), CameraKey(t=1, position=(0.06, 0, 0)))),
)


def test_a_view_from_aside_shows_less_of_a_halo(hair: Float32, monkeypatch: pytest.MonkeyPatch) -> None:
    fore, back = _soft(1, FRONT), _soft(2, BEHIND)
    scene = _scene(_over(hair, fore, back), _hull(hair))
    t = float(frame_times(PLAN.canvas)[-1])

    def error() -> float:
        renderer = Renderer(scene, PLAN, seed=0, quality="standard")
        view = renderer.path.at(t)

        def seen(picture: Float32, depth: float) -> Float32:
            matrix = plane_homography(view, depth, fov_deg=50.0, width=WIDTH, height=HEIGHT)
            moved = cv2.warpPerspective(picture, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT_101)
            return np.asarray(moved, np.float32)

        alpha = seen(hair, 1 / NEAR)
        truth = _over(alpha, seen(fore, 1 / NEAR), seen(back, 1 / FAR)).astype(np.float32)
        rim = cv2.dilate(((alpha > 0.02) & (alpha < 0.98)).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        return float(np.abs(renderer.frame(t, frame_s=1 / 8) - truth)[rim].mean())

    with_fringe = error()
    monkeypatch.setattr(layers, "find_fringe", lambda colour, disparity: (disparity, None))
    assert with_fringe < 0.88 * error()


def test_the_photo_comes_back_exactly_at_its_own_view(hair: Float32) -> None:
    scene = _scene(_over(hair, _soft(1, FRONT), _soft(2, BEHIND)), _hull(hair))
    frames = GeometryBackend().draw(
        scene, PLAN, seed=0, quality="standard", progress=silent, cancel=Event()
    )  # fmt: skip
    np.testing.assert_array_equal(next(iter(frames)), scene.photo)
    near_start = Renderer(scene, PLAN, seed=0, quality="standard").frame(1e-4, frame_s=1 / 8)
    assert np.abs(near_start.astype(int) - scene.photo).max() <= 2  # and does not jump when it begins to move
