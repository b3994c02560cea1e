"""The images of the benchmark as arrays of one size, and one split that every system gets alike."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from sklearn.model_selection import train_test_split

Task = Literal["binary", "multiclass"]
TEST_SHARE = 0.25
SIDE = 128  # pixels of the archives' images: what most of them have; others are stretched, for every system
SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSet:
    """An archive of a folder per class, or arrays with a split of their own."""

    file: str
    task: Task


SETS: dict[str, ImageSet] = {
    "fashion_mnist_12k": ImageSet(file="fashion_mnist_12k.npz", task="multiclass"),
    "flowers5": ImageSet(file="flowers5.tar", task="multiclass"),
    "brain_tumor_mri": ImageSet(file="brain_tumor_mri.tar", task="binary"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Images:
    """Split images.

    Attributes
    ----------
    x, test_x : ndarray of uint8, shape (n, height, width) or (n, height, width, 3)
    y, test_y : ndarray of int64, shape (n,)
        Codes 0 to K - 1.
    """

    task: Task
    n_classes: int
    x: np.ndarray
    y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray


def load(name: str, folder: Path, *, seed: int) -> Images:
    """Read a set and split it by class, unless it brings its own split along.

    Equal images go to one side: two systems that remember must not gain by it.
    """
    spec = SETS[name]
    if spec.file.endswith(".npz"):
        with np.load(folder / spec.file) as arrays:
            parts = [arrays[key] for key in ("x_train", "y_train", "x_test", "y_test")]
        x, y, test_x, test_y = parts
    else:
        pixels, codes = _unpacked(folder / spec.file)
        _, first = np.unique(pixels.reshape(len(pixels), -1), axis=0, return_index=True)
        pixels, codes = pixels[np.sort(first)], codes[np.sort(first)]
        train, test = train_test_split(np.arange(len(codes)), test_size=TEST_SHARE, random_state=seed, stratify=codes)
        x, y, test_x, test_y = pixels[train], codes[train], pixels[test], codes[test]
    y, test_y = y.astype("int64"), test_y.astype("int64")
    return Images(task=spec.task, n_classes=len(np.unique(y)), x=x, y=y, test_x=test_x, test_y=test_y)


def _unpacked(archive: Path) -> tuple[np.ndarray, np.ndarray]:
    images, labels = [], []
    with tarfile.open(archive) as tar:
        for member in sorted(tar.getmembers(), key=lambda m: m.name):
            file = tar.extractfile(member) if member.isfile() else None
            if file is None or Path(member.name).suffix.lower() not in SUFFIXES:
                continue
            with Image.open(io.BytesIO(file.read())) as image:
                images.append(np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)))
            labels.append(Path(member.name).parent.name)
    return np.stack(images), np.unique(labels, return_inverse=True)[1]
