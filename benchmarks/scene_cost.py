"""What looking at a photo costs: one look in several runtimes, and the whole analysis of a large photo.

    python -m benchmarks.scene_cost PHOTO ... [--against SRC] [--machine WORDS] [--write]

Every runtime is a process of its own with two threads: seconds of processor and of the clock for one look of 192 x 288
(median of 15), and what its memory grew by since the packages were imported. Each photo is enlarged to 12 megapixels,
kept as JPEG, read and analysed for a canvas of 1280 x 720, which takes a crop: median of seven after a first.
`--against` does the same with the package in another folder, in turns. Prints markdown; `--write` puts it into
docs/benchmarks/scene-cost.md. Seconds of processor hold on a shared machine; those of the clock do only on a quiet one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2

from stillmotion.media.image import read_photo

ROOT = Path(__file__).parent.parent

_HEAD = """
import json, resource, sys, time
import numpy as np
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def tell(work, count, before):
    start = time.perf_counter()
    work()
    first = time.perf_counter() - start
    wall, cpu = [], []
    for _ in range(count):
        a, b = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - a); cpu.append(time.process_time() - b)
    print(json.dumps({"wall": float(np.median(wall)), "cpu": float(np.median(cpu)), "grew": peak() - before,
                      "peak": peak(), "first": first}))
"""

_LOOKS = {
    "OpenCV": """
import cv2
cv2.setNumThreads(2)
before = peak()
net = cv2.dnn.readNetFromONNX(FILE)
def work():
    net.setInput(x)
    net.forward(["disparity", "classes"])
""",
    "OpenVINO": """
import openvino
before = peak()
core = openvino.Core()
net = core.compile_model(FILE, "CPU", {"INFERENCE_NUM_THREADS": 2, "INFERENCE_PRECISION_HINT": "f32"})
def work(): net(x)
""",
    "ONNX Runtime": """
import onnxruntime
before = peak()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
net = onnxruntime.InferenceSession(FILE, options, providers=["CPUExecutionProvider"])
def work(): net.run(None, {"rgb": x})
""",
    "PyTorch": """
import torch
from pathlib import Path
from stillmotion.training.scene.export import folded
from stillmotion.training.scene.warm import restored
torch.set_num_threads(2)
before = peak()
picture = torch.from_numpy(x).contiguous(memory_format=torch.channels_last)
net = folded(restored(Path(FILE), [torch.rand(1, 3, 64, 64)]).eval()).to(memory_format=torch.channels_last)
def work():
    with torch.inference_mode(): net(picture)
""",
}

_ANALYSIS = """
from pathlib import Path
before = peak()
from stillmotion.media.image import read_photo
from stillmotion.stages.analysis.scene import analyze
def work(): analyze(read_photo(Path(FILE)), width=1280, height=720)
"""


def measured(script: str, file: Path, count: int, package: Path | None = None) -> dict[str, float]:
    """What a process says of itself; `package` is the folder that stillmotion is taken from, if not the usual.

    Raises:
        RuntimeError: it failed; holds the end of what it printed.
    """
    text = (
        f"{_HEAD}\nFILE = {str(file)!r}\nx = np.random.default_rng(0).random((1, 3, 192, 288), np.float32)\n{script}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{text}\ntell(work, {count}, before)"], capture_output=True, text=True, check=False,
        env=os.environ | ({"PYTHONPATH": str(package)} if package else {}),
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def large(photo: Path, folder: Path) -> Path:
    """The photo at 4000 x 3000 as JPEG."""
    picture = read_photo(photo).pixels[..., ::-1]
    file = folder / "large.jpg"
    cv2.imwrite(str(file), cv2.resize(picture, (4000, 3000), interpolation=cv2.INTER_CUBIC))
    return file


def analyses(photos: list[Path], against: Path | None) -> list[str]:
    """Lines of a table: each photo read and analysed by each version."""
    versions = {"before": against, "now": None} if against else {"now": None}
    lines = [
        "| photo | version | processor, s | clock, s | the first in a process, s | peak, MB |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for photo in photos:
        with tempfile.TemporaryDirectory() as folder:
            file = large(photo, Path(folder))
            for name, package in versions.items():
                found = measured(_ANALYSIS, file, 7, package)
                lines.append(
                    f"| {photo.stem} | {name} | {found['cpu']:.2f} | {found['wall']:.2f} | {found['first']:.2f} | "
                    f"{found['peak']:.0f} |"
                )
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scene_cost", description=__doc__)
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--weights", type=Path, default=ROOT / "src/stillmotion/models/weights/scene.onnx")
    parser.add_argument("--against", type=Path, help="the folder src of another version, measured in the same run")
    parser.add_argument("--machine", default=f"{os.cpu_count()} cores", help="what it is measured on, in words")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    lines = [
        "# What looking at a photo costs", "", f"Machine: {args.machine}; OpenCV {cv2.__version__}.", "",
        "One look of 192 x 288, two threads; the analysis looks twice, and twice more where it chooses a crop.", "",
        "| runtime | processor, ms | clock, ms | memory it takes, MB |", "|---|---|---|---|",
    ]  # fmt: skip
    for name, script in _LOOKS.items():
        found = measured(script, args.weights, 15)
        lines.append(f"| {name} | {1000 * found['cpu']:.0f} | {1000 * found['wall']:.0f} | {found['grew']:.0f} |")
    lines += [
        "", "Photos of 12 megapixels, read, cropped and analysed for a canvas of 1280 x 720, seven in a row after a "
        "first. The peak is the process', Python and packages included; the first loads networks and compiled loops.",
        "",
    ]  # fmt: skip
    text = "\n".join(lines + analyses(args.photos, args.against)) + "\n"
    print(text)
    if args.write:
        (ROOT / "docs" / "benchmarks" / "scene-cost.md").write_text(text)


if __name__ == "__main__":
    main()
