from __future__ import annotations

import dataclasses

import numpy as np

from autorecipe.checks.image_rows import ImageRows, OtherImages
from autorecipe.config import Config
from autorecipe.data.image_source import ImageMeasurements
from autorecipe.data.near_duplicates import near_duplicates
from autorecipe.data.schema import Column, Schema
from autorecipe.data.units import find_units


def make_measured(n, seed=0, **columns):
    """Measurements of n ordinary images, all different; a column given as one value holds for all of them."""
    random = np.random.default_rng(seed)
    usual = {
        "width": np.full(n, 120, np.int32),
        "height": np.full(n, 100, np.int32),
        "n_bytes": random.integers(4_000, 6_000, n),
        "file_format": "JPEG",
        "suffix": ".jpg",
        "mode": "RGB",
        "orientation": np.ones(n, np.int8),
        "taken_at": np.full(n, np.nan),
        "camera": "",
        "pixel_hash": random.integers(0, 2**63, n).astype(np.uint64),
        "perceptual_hash": random.integers(0, 2**63, n).astype(np.uint64),
        "is_grey": np.zeros(n, bool),
        "dark": random.uniform(0.7, 1.0, n).astype(np.float32),
        "light": random.uniform(0.0, 0.2, n).astype(np.float32),
        "sharpness": random.uniform(200, 900, n).astype(np.float32),
        "entropy": random.uniform(6, 8, n).astype(np.float32),
        "brightness": random.uniform(0.3, 0.6, n).astype(np.float32),
        "contrast": random.uniform(0.1, 0.3, n).astype(np.float32),
        "channel_mean": random.uniform(0.3, 0.6, (n, 3)).astype(np.float32),
        "channel_square": random.uniform(0.4, 0.5, (n, 3)).astype(np.float32),
        "thumbnails": random.integers(0, 256, (n, 32, 32, 3)).astype(np.uint8),
    }
    for name, value in columns.items():
        given = np.asarray(value, dtype=object if isinstance(usual[name], str) else usual[name].dtype)
        usual[name] = np.broadcast_to(given, (n, *given.shape[1:])) if given.ndim <= 1 else given
    texts = {name: np.full(n, value, object) for name, value in usual.items() if isinstance(value, str)}
    return ImageMeasurements(**usual | texts)


def make_image_rows(labels, *, measured=None, parts=(), names=None, config=None, **more):
    """Build the training images that checks see; those whose part is "test" or "validation" are the others."""
    labels = np.asarray(labels)
    measured = measured or make_measured(len(labels))
    is_number = labels.dtype.kind == "f"
    classes = () if is_number else tuple(sorted({str(label) for label in labels}))
    target = labels if is_number else np.array([classes.index(str(label)) for label in labels], np.int64)
    is_ours = np.array([part in ("", "train") for part in parts] or [True] * len(labels))
    seen, held = np.flatnonzero(is_ours), np.flatnonzero(~is_ours)
    kind = "numeric" if is_number else "categorical"
    schema = Schema(
        columns=(
            Column(name="image", kind="image", wire="string"),
            Column(name="label", kind=kind, wire="string", role="target"),
        ),
        target="label",
        task="regression" if is_number else ("binary" if len(classes) == 2 else "multiclass"),
        task_reason="made up",
        classes=classes,
    )
    clusters = near_duplicates(measured)
    units = find_units(clusters.astype(np.uint64), None, equal=measured.pixel_hash).codes
    rows = ImageRows(
        schema=schema,
        config=config or Config(target="label"),
        measured=measured.take(seen),
        target=target[seen],
        rows=seen,
        names=tuple(names or (f"{label}/{place:04d}.jpg" for place, label in enumerate(labels))),
        clusters=clusters,
        units=units,
        other=OtherImages(rows=held, measured=measured.take(held), target=target[held]) if len(held) else None,
        parts=tuple(parts),
    )
    return dataclasses.replace(rows, **more)


def painted(labels, colours, *, seed=0, noise=25):
    """Thumbnails in the colour of their label, with noise."""
    random = np.random.default_rng(seed)
    base = np.array([colours[label] for label in labels], np.float64)[:, None, None, :]
    return np.clip(base + random.normal(0, noise, (len(labels), 32, 32, 3)), 0, 255).astype(np.uint8)
