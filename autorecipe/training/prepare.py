"""From rows that were looked at to arrays that can be trained on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from autorecipe.data.image_source import ReadImages
from autorecipe.data.left_out_rows import learned_split, unlearned
from autorecipe.errors import UserError
from autorecipe.intake import Intake
from autorecipe.preprocessing.arrays import encode_frame
from autorecipe.preprocessing.encode import Encode
from autorecipe.preprocessing.image_arrays import decode_all
from autorecipe.preprocessing.image_choice import choose_image_spec
from autorecipe.preprocessing.image_spec import ImageSpec
from autorecipe.preprocessing.spec import EncodeSpec, Layout, fit_encode, layout, to_json
from autorecipe.record.run import Run
from autorecipe.training.dataset import Dataset
from autorecipe.training.fit_keys import KEY_DIGITS
from autorecipe.training.fold_rows import PIXELS


def prepare_dataset(intake: Intake, run: Run, *, folder: Path | None = None) -> tuple[Dataset, EncodeSpec | ImageSpec]:
    """Fit Encode on the training rows and run all rows through it, once; of images decode all files, once.

    Parameters
    ----------
    folder : Path or None
        Where pixels are kept that are too many bytes for memory; None for a file that passes.

    Raises
    ------
    UserError
        When no feature column is left, or an image cannot be decoded.
    """
    if intake.images is not None and run.schema.modality == "image":
        return _of_images(intake, intake.images, run, folder)
    dropped = run.profile.dropped if run.profile else ()
    split = learned_split(intake.split, run.profile, intake.frame, intake.row_numbers)
    spec = fit_encode(intake.frame.iloc[split.training_rows], intake.schema, exclude=dropped)
    if not spec.inputs:
        raise UserError(
            "no column is left to learn from",
            where=intake.data.name,
            fix="keep one with --keep COLUMN, or name its kind with --type COLUMN=KIND",
        )
    data = Dataset(
        x=encode_frame(Encode(to_json(spec)), intake.frame),
        y=intake.y,
        weight=intake.weight,
        split=split,
        layout=layout(spec),
        task=intake.schema.task,
        n_classes=max(len(intake.schema.classes), 1),
        fingerprint=_fingerprint(run, spec),
    )
    return data, spec


def _of_images(intake: Intake, images: ReadImages, run: Run, folder: Path | None) -> tuple[Dataset, ImageSpec]:
    spec = _image_spec(intake, images, run)
    fingerprint = _fingerprint(run, spec)
    cache = None if folder is None else folder / f"pixels-{fingerprint[:KEY_DIGITS]}.npy"
    data = Dataset(
        x={PIXELS: decode_all(images.source, spec, cache=cache)},
        y=intake.y,
        weight=intake.weight,
        split=intake.split,
        layout=Layout(),
        task=intake.schema.task,
        n_classes=max(len(intake.schema.classes), 1),
        fingerprint=fingerprint,
    )
    return data, spec


def _image_spec(intake: Intake, images: ReadImages, run: Run) -> ImageSpec:
    """Return what the profile chose, or, without one, what it would choose."""
    profiled = run.profile.images if run.profile else None
    if profiled is not None and profiled.spec is not None:
        return profiled.spec
    return choose_image_spec(
        images.measured.take(intake.split.training_rows),
        config=run.config,
        n_train=run.split.n_train,
        n_classes=len(intake.schema.classes),
    )


def _fingerprint(run: Run, spec: EncodeSpec | ImageSpec) -> str:
    """Hash all that a fit depends on besides its recipe and fold: rows, split, parsing, target."""
    fixes = unlearned(run.profile)
    # copies that are looked for anew follow from the rows; the names of fits keep the form that lists had
    listed = dict.fromkeys(row for fix in fixes if not fix.equal for row in fix.rows)
    left_out = (*listed, *(fix.equal for fix in fixes if fix.equal))
    parts = (run.data.fingerprint, run.split, run.schema, spec, run.config.seed, run.config.test_path)
    # runs that learn from all rows keep the names of their fits
    return hashlib.sha256(msgspec.json.encode((*parts, left_out) if left_out else parts)).hexdigest()
