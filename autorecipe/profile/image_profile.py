"""What are these images like? Statistics, findings and contact sheets of the training images, put together."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks import (
    IMAGE_CHECKS,
    d032_target_type,
    d033_target_quality,
    d037_validation_noise,
    d103_colour_modes,
)
from autorecipe.checks.check import Check
from autorecipe.checks.conflicts import find_conflicts
from autorecipe.checks.image_rows import ImageRows, image_rows
from autorecipe.checks.parse import ParsedFeatures
from autorecipe.checks.rows import TrainingRows
from autorecipe.config import Config
from autorecipe.data.image_source import ImageMeasurements
from autorecipe.data.schema import Column
from autorecipe.intake import Intake
from autorecipe.preprocessing.image_spec import ImageSpec
from autorecipe.profile.contact_sheet import Picture, Strip, draw_sheet
from autorecipe.profile.profile import as_flags_say, run_check
from autorecipe.profile.statistics import column_profiles
from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.profile import ColumnProfile, ImageSummary, Profile

# of tables, about the target alone: they hold for images as well
TARGET_CHECKS: tuple[Check, ...] = (d032_target_type.CHECK, d033_target_quality.CHECK, d037_validation_noise.CHECK)
N_SAMPLES = 8  # pictures of each class on the contact sheet
N_CLASSES_SHOWN = 20  # classes on it, the largest first
N_ACROSS = 10  # pictures beside each other on the sheet of a finding
N_SHOWN = 30  # pictures of a finding
PICTURES = "pictures"  # folder below the run's directory


def profile_images(intake: Intake, config: Config, *, pictures: Path | None, called: str = PICTURES) -> Profile:
    """Describe the training images and run every check on them.

    Parameters
    ----------
    intake : Intake
        With images.
    pictures : Path or None
        Folder for the contact sheets; None draws none.
    called : str
        What the summary calls this folder.

    Returns
    -------
    Profile
        With `images` filled; a stop that `config.allow` names is a warning.

    Raises
    ------
    OSError
        When a sheet cannot be written.
    """
    started = time.perf_counter()
    rows = image_rows(intake, config)
    target_rows = _target_rows(intake, rows)
    asked = [run_check(check, target_rows) for check in TARGET_CHECKS]
    asked += [run_check(check, rows) for check in IMAGE_CHECKS]
    outcomes: tuple[CheckOutcome, ...] = tuple(outcome for outcome, _ in asked)
    findings = tuple(as_flags_say(finding, config) for _, found in asked for finding in found)
    summary = summarize_images(rows, intake, config)
    if pictures is not None:
        drawn = tuple((title, f"{called}/{file}") for title, file in _draw(rows, intake, findings, pictures))
        summary = dataclasses.replace(summary, pictures=drawn)
    return Profile(
        n_rows=rows.n_rows,
        columns=_columns(intake, rows, target_rows),
        outcomes=outcomes,
        findings=findings,
        floor=find_conflicts(rows.measured.pixel_hash, rows.target, is_regression=rows.is_regression).floor,
        seconds=time.perf_counter() - started,
        images=summary,
    )


def summarize_images(rows: ImageRows, intake: Intake, config: Config) -> ImageSummary:
    """Describe the training images, and choose what every image is brought to."""
    from autorecipe.preprocessing.image_choice import choose_image_spec, is_photo

    measured = rows.measured
    spec = choose_image_spec(
        measured, config=config, n_train=len(intake.split.folds[0].train), n_classes=len(rows.schema.classes)
    )
    aspects = np.quantile(measured.width / np.maximum(measured.height, 1), (0.05, 0.5, 0.95))
    mean, std = _channels(measured, spec)
    return ImageSummary(
        n_unreadable=len(rows.unreadable),
        widths=_range(measured.width),
        heights=_range(measured.height),
        aspects=(float(aspects[0]), float(aspects[1]), float(aspects[2])),
        formats=_counted(measured.file_format),
        modes=_counted(measured.mode),
        n_grey=int(measured.is_grey.sum()),
        channel_mean=mean,
        channel_std=std,
        is_photo=is_photo(measured),
        spec=spec,
    )


def _channels(measured: ImageMeasurements, spec: ImageSpec) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and deviation of the pixels, for each channel that networks see; each image counts the same."""
    mean = measured.channel_mean.mean(axis=0, dtype=np.float64)
    square = measured.channel_square.mean(axis=0, dtype=np.float64)
    std = np.sqrt(np.maximum(square - mean**2, 0.0))
    return tuple(mean[: spec.channels].tolist()), tuple(std[: spec.channels].tolist())


def _range(values: NDArray[np.int32]) -> tuple[int, int, int]:
    return int(values.min()), int(np.median(values)), int(values.max())


def _counted(names: NDArray[np.object_]) -> tuple[tuple[str, int], ...]:
    return tuple((str(name), n) for name, n in Counter(names.tolist()).most_common())


def _target_rows(intake: Intake, rows: ImageRows) -> TrainingRows:
    """Return the training rows without their features, for checks that ask about the target."""
    split, seen = intake.split, intake.split.training_rows
    columns = tuple(column for column in intake.schema.columns if column.role != "feature")
    target = intake.y[seen]
    return TrainingRows(
        schema=dataclasses.replace(intake.schema, columns=columns),
        config=rows.config,
        frame=intake.frame.iloc[seen],
        features=ParsedFeatures(numbers={}, categories={}, missing={}, unparsed={}),
        target=target.astype(np.float64) if intake.schema.task == "regression" else target.astype(np.int64),
        row_numbers=intake.row_numbers[seen],
        n_scored=len(split.folds[0].validation) if split.scheme == "holdout" else len(seen),
        names=tuple(rows.names[row] for row in seen),
    )


def _columns(intake: Intake, rows: ImageRows, target_rows: TrainingRows) -> tuple[ColumnProfile, ...]:
    others = {profile.name: profile for profile in column_profiles(target_rows)}
    return tuple(others.get(c.name) or _image_column(c, rows) for c in intake.schema.columns)


def _image_column(column: Column, rows: ImageRows) -> ColumnProfile:
    n_distinct = len(np.unique(rows.measured.pixel_hash))
    return ColumnProfile(name=column.name, kind=column.kind, missing_share=0.0, n_distinct=n_distinct)


def _draw(
    rows: ImageRows, intake: Intake, findings: tuple[Finding, ...], pictures: Path
) -> tuple[tuple[str, str], ...]:
    """Draw a sheet of the classes and one for each finding with images that can be read; title and file of each."""
    if intake.images is None:
        return ()
    source = intake.images.source
    drawn = [("Samples", "samples.png")]
    draw_sheet(_class_strips(rows), source, pictures / "samples.png", n_across=N_SAMPLES)
    place = {name: row for row, name in reversed(list(enumerate(rows.names)))}
    times: Counter[str] = Counter()
    for finding in findings:
        shown = [place[name] for name in finding.examples[:N_SHOWN] if name in place]
        if not shown:
            continue
        times[finding.code] += 1
        number = f"-{times[finding.code]}" if times[finding.code] > 1 else ""
        file = f"{finding.code}{number}.png"
        strip = Strip(
            heading=f"{finding.code}  {finding.title}",
            pictures=tuple(picture_of(rows, intake, row, finding.code) for row in shown),
        )
        draw_sheet([strip], source, pictures / file, n_across=N_ACROSS)
        drawn.append((f"{finding.code} {finding.title}", file))
    return tuple(drawn)


def _class_strips(rows: ImageRows) -> list[Strip]:
    """Return some images of each class; of a number those along its range."""
    random = np.random.default_rng(rows.config.seed)
    if rows.is_regression:
        order = np.argsort(rows.target, kind="stable")
        chosen = order[np.linspace(0, len(order) - 1, min(len(order), 3 * N_SAMPLES)).astype(int)]
        pictures = tuple(Picture(row=int(rows.rows[p]), caption=f"{rows.target[p]:.4g}") for p in chosen)
        return [Strip(heading=rows.schema.target, pictures=pictures)]
    strips = []
    for label in np.argsort(-rows.class_counts, kind="stable")[:N_CLASSES_SHOWN]:
        places = np.flatnonzero(rows.target == label)
        chosen = random.permutation(places)[:N_SAMPLES]
        heading = f"{rows.schema.classes[label]}  {len(places):,}"
        strips.append(Strip(heading=heading, pictures=tuple(Picture(row=int(rows.rows[p])) for p in chosen)))
    return strips


def picture_of(rows: ImageRows, intake: Intake, row: int, code: str) -> Picture:
    """Return an image with its label, what the finding is about, and the name of its file below its folders."""
    label = f"{float(intake.y[row]):.4g}" if rows.is_regression else rows.schema.classes[int(intake.y[row])]
    return Picture(row=row, caption=label + _noted(rows, intake, row, code), file=rows.names[row].rpartition("/")[2])


def _noted(rows: ImageRows, intake: Intake, row: int, code: str) -> str:
    """Return what follows an image's label: its mode, its size, its part, or what it looks like, by the finding."""
    if code == "D113" and rows.suspects is not None:
        found = np.flatnonzero(rows.rows[rows.embedded[rows.suspects.places]] == row)
        return f" like {rows.schema.classes[int(rows.suspects.looks_like[found[0]])]}" if len(found) else ""
    if code == "D122":
        return f", {rows.parts[row]}" if rows.parts else ""
    if intake.images is None or code not in ("D103", "D104", "D105"):
        return ""
    own = intake.images.measured.take([row])
    if code == "D103":
        is_turned = own.orientation[0] != d103_colour_modes.UPRIGHT
        return f", {d103_colour_modes.seen_modes(own)[0]}{', turned' if is_turned else ''}"
    return f", {own.width[0]} x {own.height[0]}"
