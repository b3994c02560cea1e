"""Faults that `verify_image_checks.py` seeds into a copy of a folder of photos, one function each.

Each returns the names of the files that it touched, where the checks should name them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

CLASS = "tulip"  # the one that faults of a class are seeded into
N_TRUNCATED = 10
FLIPPED, SHARED = 0.03, 0.05


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def some(paths: list[Path], share: float, random: np.random.Generator) -> list[Path]:
    return [paths[i] for i in sorted(random.permutation(len(paths))[: round(share * len(paths))])]


def nothing(root: Path, random: np.random.Generator) -> set[str]:
    return set()


def png_class(root: Path, random: np.random.Generator) -> set[str]:
    for path in files(root / CLASS):
        Image.open(path).save(path.with_suffix(".png"))
        path.unlink()
    return set()


def grey_class(root: Path, random: np.random.Generator) -> set[str]:
    for path in files(root / CLASS):
        Image.open(path).convert("L").save(path, quality=90)
    return set()


def bright_class(root: Path, random: np.random.Generator) -> set[str]:
    for path in files(root / CLASS):
        ImageEnhance.Brightness(Image.open(path).convert("RGB")).enhance(2.0).save(path, quality=90)
    return set()


def split_folders(root: Path, random: np.random.Generator) -> tuple[list[Path], list[Path]]:
    """Move the classes below `train/`, a fifth of each below `test/`."""
    for folder in sorted(root.iterdir()):
        for part, paths in zip(("test", "train"), _cut(files(folder), 0.2, random), strict=True):
            (root / part / folder.name).mkdir(parents=True)
            for path in paths:
                path.rename(root / part / folder.name / path.name)
        folder.rmdir()
    return files(root / "train"), files(root / "test")


def _cut(paths: list[Path], share: float, random: np.random.Generator) -> tuple[list[Path], list[Path]]:
    first = some(paths, share, random)
    return first, [path for path in paths if path not in set(first)]


def shared_files(root: Path, random: np.random.Generator) -> set[str]:
    train, test = split_folders(root, random)
    touched = set()
    for path in some(train, SHARED * len(test) / len(train), random):
        copy = root / "test" / path.parent.name / f"copy_{path.name}"
        shutil.copy(path, copy)
        touched.add(str(copy.relative_to(root)))
    return touched


def saved_again(root: Path, random: np.random.Generator) -> set[str]:
    train, test = split_folders(root, random)
    touched = set()
    for path in some(train, SHARED * len(test) / len(train), random):
        copy = root / "test" / path.parent.name / f"again_{path.name}"
        Image.open(path).convert("RGB").save(copy, quality=80)
        touched.add(str(copy.relative_to(root)))
    return touched


def other_test(root: Path, random: np.random.Generator) -> set[str]:
    for path in split_folders(root, random)[1]:
        ImageEnhance.Contrast(Image.open(path).convert("RGB")).enhance(0.5).save(path, quality=90)
    return set()


def flipped_labels(root: Path, random: np.random.Generator) -> set[str]:
    labels = sorted(folder.name for folder in root.iterdir())
    touched = set()
    for path in some(files(root), FLIPPED, random):
        wrong = random.choice([label for label in labels if label != path.parent.name])
        moved = path.rename(root / wrong / f"{path.stem}_{path.parent.name[0]}{path.suffix}")
        touched.add(str(moved.relative_to(root)))
    return touched


def two_labels(root: Path, random: np.random.Generator) -> set[str]:
    labels = sorted(folder.name for folder in root.iterdir())
    touched = set()
    for path in some(files(root), 0.01, random):
        other = root / random.choice([label for label in labels if label != path.parent.name]) / f"x{path.name}"
        shutil.copy(path, other)
        touched |= {str(path.relative_to(root)), str(other.relative_to(root))}
    return touched


def truncated(root: Path, random: np.random.Generator) -> set[str]:
    paths = [files(root)[i] for i in random.permutation(len(files(root)))[:N_TRUNCATED]]
    for path in paths:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return {str(path.relative_to(root)) for path in paths}


def many_truncated(root: Path, random: np.random.Generator) -> set[str]:
    for path in some(files(root), 0.08, random):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return set()


def blank_images(root: Path, random: np.random.Generator) -> set[str]:
    paths = some(files(root), 0.01, random)
    for path in paths:
        Image.new("RGB", Image.open(path).size, (90, 90, 90)).save(path)
    return {str(path.relative_to(root)) for path in paths}


def wrong_endings(root: Path, random: np.random.Generator) -> set[str]:
    paths = [path.rename(path.with_suffix(".png")) for path in some(files(root), 0.02, random)]
    return {str(path.relative_to(root)) for path in paths}


def scenes(root: Path, random: np.random.Generator) -> set[str]:
    """Replace all images by six views of each of a sixth of them, named SCENE_VIEW."""
    for folder in sorted(root.iterdir()):
        paths = files(folder)
        kept = set(paths[::6])
        for scene, path in enumerate(sorted(kept)):
            image = Image.open(path).convert("RGB")
            for view in range(6):
                left, top = random.integers(0, 30, 2).tolist()
                box = (left, top, left + image.width - 30, top + image.height - 30)
                turned = image.crop(box).rotate(float(random.uniform(-15, 15)), expand=False)
                turned.resize(image.size).save(folder / f"{folder.name}{scene}_{view}.jpg", quality=90)
        for path in paths:
            path.unlink()
    return set()
