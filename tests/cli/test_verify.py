"""`stillmotion verify` and `--require`, as the real program."""

from __future__ import annotations

import json
from pathlib import Path

from stillmotion.media.encoding import Encoding
from stillmotion.media.image import read_photo
from stillmotion.media.video import write_video
from stillmotion.types import FrameStream

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
SMALL = ("--size", "320x208", "--seconds", "1.5", "--fps", "12", "-q")


def test_a_video_is_held_against_its_own_plan_and_against_another(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    photo = EXAMPLES / "coffee.jpg"
    assert cli("animate", photo, "-p", "pan right 8 degrees", "-o", "right.mp4", *SMALL).returncode == 0
    good = cli("verify", "right.mp4", "--photo", photo, "--json", "-q", "--report", "page.html")
    assert good.returncode == 0, good.stderr
    told = json.loads(good.stdout)
    assert told["passed"]
    assert told["measures"]["camera_rule"] == 1.0
    page = (tmp_path / "page.html").read_text()
    assert "As planned" in page
    assert page.count("<img") == 12
    plan = json.loads((tmp_path / "right.mp4.json").read_text())["requested"]["plan"]
    plan["camera"]["keyframes"][-1]["rotation_deg"][1] *= -1
    (tmp_path / "other.json").write_text(json.dumps(plan))
    bad = cli("verify", "right.mp4", "--photo", photo, "--plan", "other.json", "-q")
    assert bad.returncode == 5
    assert "camera_rule" in bad.stderr


def test_a_foreign_video_needs_a_plan(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    photo = EXAMPLES / "coffee.jpg"
    frames = FrameStream(frames=iter([read_photo(photo).pixels] * 4), width=600, height=400, fps=12, count=4)
    write_video(frames, tmp_path / "foreign.mp4", encoding=Encoding(codec="h264", quality="draft"), metadata={})
    done = cli("verify", "foreign.mp4", "--photo", photo, "-q")
    assert done.returncode == 2
    assert "--plan" in done.stderr


def test_a_requirement_that_does_not_hold_leaves_no_video(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = cli("animate", EXAMPLES / "coffee.jpg", "-p", "pan left", "-o", "x.mp4", *SMALL, "--require", "drift<0")
    assert done.returncode == 5
    assert "drift" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_requirement_that_means_nothing_is_refused_before_anything_is_drawn(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = cli("animate", EXAMPLES / "coffee.jpg", "-o", "x.mp4", *SMALL, "--require", "beauty>9")
    assert done.returncode == 2
    assert "no measure 'beauty'" in done.stderr
    assert list(tmp_path.iterdir()) == []
