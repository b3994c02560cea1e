"""Fit 60,000 small images, and 1,000 of 3,000 x 4,000 pixels: each within its time limit and under 4 GB.

usage: python scripts/verify_image_sizes.py [--only small|large] [--time-limit 5m] [--folder DIR]

Makes both folders of JPEG files (80 MB and 1.5 GB), unless --folder holds them already, and fits each by the command
line. Prints one row of a Markdown table per folder: the seconds asked for and used, the largest memory of the process
and all that it started, added up, and the score on the untouched images. Exit 1 when a limit is broken, or a run fails.
Linux alone: memory is read from /proc.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops

from autorecipe.budget import format_duration, parse_duration
from autorecipe.store.codec import read_run
from autorecipe.store.contents import RUN_NAME

MOST_GB = 4.0
SHARE_OVER, SECONDS_OVER = 0.05, 5.0  # by which a time limit may be exceeded
LOOK_S = 0.5  # between looks at the memory
BASE_SIDE = 8  # cells a side of the colours that are drawn at random and blown up
MOST_SIDE, DEPTH = 512, 20  # pixels a side of the stripes before they are blown up, and their height in levels of 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Images to be made: stripes, whose direction is the class, over random colours."""

    n_images: int
    width: int
    height: int
    n_classes: int
    quality: int


FOLDERS = {
    "small": Folder(n_images=60_000, width=32, height=32, n_classes=10, quality=90),
    "large": Folder(n_images=1_000, width=4_000, height=3_000, n_classes=2, quality=85),
}
HEAD = "| folder | images | asked | used | memory | score | proof |\n|---|---|---|---|---|---|---|"


def make(folder: Folder, root: pathlib.Path) -> None:
    """Write the files, one folder for each class."""
    random = np.random.default_rng(0)
    size = folder.width, folder.height
    y, x = np.mgrid[: min(folder.height, MOST_SIDE), : min(folder.width, MOST_SIDE)] / min(max(size), MOST_SIDE)
    for i in range(folder.n_images):
        code = i % folder.n_classes
        angle = np.pi * (code + random.uniform(-0.2, 0.2)) / folder.n_classes
        stripes = DEPTH * (1 + np.sin(40 * (np.cos(angle) * x + np.sin(angle) * y) + random.uniform(0, 6)))
        colours = random.integers(40, 215, (BASE_SIDE, BASE_SIDE, 3), dtype="uint8")
        ground, waves = (
            Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)
            for pixels in (colours, np.repeat(stripes.astype("uint8")[..., None], 3, axis=-1))
        )
        path = root / f"class_{code}" / f"{i:06}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        ImageChops.add(ground, waves, offset=-DEPTH).save(path, quality=folder.quality)


def memory_gb(pid: int) -> float:
    """Return the memory of a process and all that it started."""
    total, waiting = 0.0, [pid]
    parents = _parents()
    while waiting:
        own = waiting.pop()
        waiting += [child for child, parent in parents.items() if parent == own]
        try:
            lines = pathlib.Path(f"/proc/{own}/status").read_text().splitlines()
        except OSError:  # it has ended meanwhile
            continue
        total += sum(int(line.split()[1]) / 2**20 for line in lines if line.startswith("VmRSS"))
    return total


def _parents() -> dict[int, int]:
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                found[int(name)] = int(pathlib.Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    return found


def fitted(data: pathlib.Path, out: pathlib.Path, time_limit: str) -> tuple[int, float, float]:
    """Return the exit status of the fit, its seconds, and its largest memory in GB."""
    command = [sys.executable, "-m", "autorecipe", "fit", str(data), "--time-limit", time_limit, "--out", str(out)]
    began, most = time.monotonic(), 0.0
    with open(out.with_suffix(".txt"), "w", encoding="utf-8") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        while process.poll() is None:
            most = max(most, memory_gb(process.pid))
            time.sleep(LOOK_S)
    return process.returncode, time.monotonic() - began, most


def verified(name: str, data: pathlib.Path, out: pathlib.Path, time_limit: str) -> bool:
    """Fit one folder, and print its row."""
    status, used_s, most_gb = fitted(data, out, time_limit)
    if status != 0:
        print(out.with_suffix(".txt").read_text(encoding="utf-8"), file=sys.stderr)
        return False
    run = read_run(out / RUN_NAME)
    score = next(s for s in run.evaluation.scores if s.metric == "accuracy")
    asked_s, is_alike = parse_duration(time_limit), run.export is not None and run.export.parity.passed
    folder = FOLDERS[name]
    print(
        f"| {name} | {folder.n_images:,} of {folder.width} x {folder.height} | {format_duration(asked_s)}"
        f" | {format_duration(used_s)} | {most_gb:.1f} GB | accuracy {score.value:.3f}"
        f" | {'passed' if is_alike else 'FAILED'} |",
        flush=True,
    )
    return is_alike and used_s <= asked_s * (1 + SHARE_OVER) + SECONDS_OVER and most_gb < MOST_GB


def main() -> int:
    """Make what is missing, fit it, and say what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(FOLDERS))
    parser.add_argument("--time-limit", default="5m")
    parser.add_argument("--folder", type=pathlib.Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = asked.folder or pathlib.Path(temporary)
        names = [asked.only] if asked.only else list(FOLDERS)
        for name in names:
            if not (root / name).exists():
                make(FOLDERS[name], root / name)
        print(HEAD)
        runs = pathlib.Path(temporary) / "runs"
        runs.mkdir()
        passed = [verified(name, root / name, runs / name, asked.time_limit) for name in names]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
