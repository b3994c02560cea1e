"""From rows that were looked at to arrays that can be trained on."""

from __future__ import annotations

import hashlib

import msgspec

from autorecipe.errors import UserError
from autorecipe.intake import Intake
from autorecipe.preprocessing.arrays import encode_frame
from autorecipe.preprocessing.encode import Encode
from autorecipe.preprocessing.spec import EncodeSpec, fit_encode, layout, to_json
from autorecipe.run import Run
from autorecipe.training.dataset import Dataset


def prepare_dataset(intake: Intake, run: Run) -> tuple[Dataset, EncodeSpec]:
    """Fit Encode on the training rows and run all rows through it, once.

    Raises
    ------
    UserError
        When no feature column is left.
    """
    dropped = run.profile.dropped if run.profile else ()
    spec = fit_encode(intake.frame.iloc[intake.split.training_rows], intake.schema, exclude=dropped)
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
        split=intake.split,
        layout=layout(spec),
        task=intake.schema.task,
        n_classes=max(len(intake.schema.classes), 1),
        fingerprint=_fingerprint(run, spec),
    )
    return data, spec


def _fingerprint(run: Run, spec: EncodeSpec) -> str:
    """Hash all that a fit depends on besides its recipe and fold: rows, split, parsing, target."""
    parts = (run.data.fingerprint, run.split, run.schema, spec, run.config.seed, run.config.test_path)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()
